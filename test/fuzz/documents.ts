/** Whole bodies of each kind, with fields of secret names among others: what edits start from. */
import fc from 'fast-check'

export const SECRET_NAMES = ['token', 'SessionId']
/** Stands nowhere but where it is secret. */
export const MARK = 'S3CRET'

const name = fc.constantFrom('a', 'b', 'data', 'tokens', 'x-token', ...SECRET_NAMES)
const quotable = fc.string({
  unit: fc.constantFrom('x', 'é', '😀', '"', '\\', '&', '=', '<', ']', ' ', '%', '+', '[', '{', ','),
  maxLength: 8
})
const marked = quotable.map(text => `${text}${MARK}${text}`)

/** Secret names have secret values, at any depth; others have none. */
function textFor(isSecret: boolean): fc.Arbitrary<string> {
  return isSecret ? marked : quotable
}

const entry = name.chain(key => fc.tuple(fc.constant(key), textFor(SECRET_NAMES.includes(key))))

const { jsonNode } = fc.letrec<{ jsonNode: unknown }>(tie => ({
  jsonNode: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    entry.map(([key, value]) => ({ [key]: value })),
    fc.constantFrom(null, 7, true, 'text'),
    fc.array(tie('jsonNode'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom('a', 'b', 'data', 'é"\\'), tie('jsonNode'), { maxKeys: 3, noNullPrototype: true }),
    fc
      .tuple(fc.constantFrom(...SECRET_NAMES), marked, marked)
      .map(([key, one, two]) => ({ [key]: { a: one, b: [two, [one]] }, c: 'd' }))
  )
}))

const jsonWritten = fc.constantFrom<(value: unknown) => string>(
  value => JSON.stringify(value),
  value => JSON.stringify(value, undefined, 2),
  value => JSON.stringify(value).replaceAll('"token":', '"t\\u006fken" \n:'),
  value => `\uFEFF${JSON.stringify(value)}`
)
export const jsonText = fc
  .tuple(fc.array(jsonNode, { maxLength: 4 }), jsonWritten)
  .map(([nodes, write]) => write(nodes))

const formName = fc.tuple(
  name,
  fc.constantFrom<(key: string) => string>(
    key => key,
    key => `${key}[]`,
    key => `a[${key}]`,
    key => `${key}[a][b]`,
    key => `a[b][${key}][]`,
    key => key.replace('o', '%6f')
  )
)
export const formText = fc
  .array(
    formName.chain(([key, write]) => fc.tuple(fc.constant(write(key)), textFor(SECRET_NAMES.includes(key)))),
    { maxLength: 5 }
  )
  .map(pairs => pairs.map(([key, value]) => `${key}=${encodeURIComponent(value)}`).join('&'))

export const multipartText = fc
  .array(
    fc.tuple(entry, fc.constantFrom('', '; filename="f"', '; filename="name=\\"a\\""', '\r\nContent-Type: text/plain')),
    { minLength: 1, maxLength: 4 }
  )
  .map(fields => {
    const written = fields.map(
      ([[key, value], more]) => `--b\r\nContent-Disposition: form-data; name="${key}"${more}\r\n\r\n${value}\r\n`
    )
    return `${written.join('')}--b--\r\n`
  })

const xmlEscaped = (text: string) =>
  text.replace(/[&<"]/g, sign => `&#${sign.charCodeAt(0)};`).replaceAll(']]>', ']]&gt;')
const xmlContent = (text: string) =>
  fc.constantFrom(
    xmlEscaped(text),
    `<![CDATA[${text.replaceAll(']]>', '')}]]>`,
    `<!--${MARK.length}-->${xmlEscaped(text)}`
  )
const { xmlNode } = fc.letrec<{ xmlNode: string }>(tie => ({
  xmlNode: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    entry.chain(([key, value]) => xmlContent(value).map(content => `<p:${key} xmlns:p="u">${content}</p:${key}>`)),
    entry.map(([key, value]) => `<a ${key} = "${xmlEscaped(value)}" b='>'/>`),
    marked.map(value => `<token c="${xmlEscaped(value)}"><a>${xmlEscaped(value)}</a><token>x</token></token>`),
    fc
      .tuple(fc.constantFrom('a', 'b', 'é'), fc.array(tie('xmlNode'), { maxLength: 3 }))
      .map(([key, inner]) => `<${key}>${inner.join(' ')}</${key}>`)
  )
}))
export const xmlText = fc
  .array(xmlNode, { maxLength: 3 })
  .map(nodes => `<?xml version="1.0"?>\n<root>${nodes.join('\n')}</root>`)
