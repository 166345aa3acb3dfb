/** Readers of bodies: what was written is read, and whatever else comes is read as everybody reads it, or refused. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { kindOf, peek } from '../../src/body/body.ts'
import { parseForm, parsePairs } from '../../src/body/form.ts'
import { parseJson } from '../../src/body/json.ts'
import { parseMultipart, parts } from '../../src/body/multipart.ts'
import { parseXml } from '../../src/body/xml.ts'
import { MalformedBody } from '../../src/errors.ts'
import type { AnyReceiver, BodyKind } from '../../src/receiver.ts'
import { formatTime, parseTime, untimely } from '../../src/schemes/timestamp.ts'
import { formText, jsonText, multipartText, xmlText } from './documents.ts'
import { anyText, bytes, edited, editedBytes, edits, someTime } from './edits.ts'
import type { Target } from './target.ts'

/** Undefined where it is refused, which may only be by `MalformedBody`. */
export function read<T>(parse: () => T): T | undefined {
  try {
    return parse()
  } catch (error) {
    assert.ok(error instanceof MalformedBody, `threw ${error}`)
    return undefined
  } finally {
    assert.equal(Object.keys(Object.prototype).length, 0, 'a prototype was changed')
  }
}

const pairs = fc.array(fc.tuple(anyText, anyText), { maxLength: 8 })
const formPairs = fc.property(pairs, written => {
  const body = Buffer.from(new URLSearchParams(written).toString())
  assert.deepEqual(parsePairs(body), written)
})

const key = fc.stringMatching(/^[a-z]{1,3}$/)
const { tree } = fc.letrec<{ tree: unknown }>(tie => ({
  tree: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    anyText,
    fc.array(anyText, { minLength: 1, maxLength: 3 }),
    fc.dictionary(key, tie('tree'), { minKeys: 1, maxKeys: 3, noNullPrototype: true })
  )
}))
const formTree = fc.property(fc.dictionary(key, tree, { minKeys: 1, maxKeys: 3, noNullPrototype: true }), written => {
  const search = new URLSearchParams()
  const write = (name: string, value: any): void => {
    if (typeof value === 'string') search.append(name, value)
    else if (Array.isArray(value)) for (const item of value) search.append(`${name}[]`, item)
    else for (const [inner, child] of Object.entries(value)) write(`${name}[${inner}]`, child)
  }
  for (const [name, value] of Object.entries(written)) write(name, value)
  assert.deepEqual(parseForm(Buffer.from(search.toString())), written)
})

const FORM_TOKENS = [
  '&',
  '=',
  '[',
  ']',
  '[]',
  '%5B',
  '%5D',
  '__proto__',
  '[__proto__]',
  'constructor',
  '%',
  '+',
  '\xef\xbb\xbf'
]
const hostileForm = fc.property(formText, edits(FORM_TOKENS), (text, changes) => {
  const body = editedBytes(Buffer.from(text), changes)
  const parsed = read(() => parseForm(body))
  if (parsed !== undefined) assert.equal(Object.getPrototypeOf(parsed), Object.prototype)
})

const BOUNDARY = fc.stringMatching(/^[A-Za-z0-9'()+_,./:=?-]([A-Za-z0-9'()+_,./:=? -]{0,20}[A-Za-z0-9'()+_,./:=?-])?$/)
const fieldName = fc.string({ unit: 'grapheme', maxLength: 10 }).filter(name => !/[\r\n[\]]|^__proto__$/.test(name))
const multipartRoundTrip = fc.property(
  BOUNDARY,
  fc.uniqueArray(fc.tuple(fieldName, anyText), { selector: ([name]) => name, minLength: 1, maxLength: 5 }),
  (boundary, fields) => {
    fc.pre(fields.every(([, value]) => !value.includes(`--${boundary}`)))
    const quoted = (text: string) => text.replace(/["\\]/g, '\\$&')
    const written = fields.map(
      ([name, value]) => `--${boundary}\r\nContent-Disposition: form-data; name="${quoted(name)}"\r\n\r\n${value}\r\n`
    )
    const body = Buffer.from(`${written.join('')}--${boundary}--\r\n`)
    assert.deepEqual(
      parseMultipart(body, `multipart/form-data; charset=utf-8; boundary="${boundary}"`),
      Object.fromEntries(fields)
    )
  }
)

const MULTIPART_TOKENS = [
  '--b',
  '--b--',
  '\r\n',
  '\r\n\r\n',
  '"',
  '\\',
  ';',
  'name=',
  'filename="f"',
  '=',
  'form-data',
  '\xff'
]
const hostileMultipart = fc.property(multipartText, edits(MULTIPART_TOKENS, 4), (text, changes) => {
  const body = editedBytes(Buffer.from(text), changes)
  const type = 'multipart/form-data; boundary=b'
  let last = 0
  for (const { start, end } of read(() => parts(body, type)) ?? []) {
    assert.ok(last <= start && start <= end && end <= body.length, 'a part lies outside, or in another')
    last = end
  }
  read(() => parseMultipart(body, type))
})

/** An element and what it reads as. */
type Written = readonly [text: string, value: unknown]
const xmlName = fc.constantFrom('a', 'b', 'é', 'A-1', 'constructor', 'toString')
const escaped = (text: string) => text.replace(/[&<>"]/g, sign => `&#${sign.charCodeAt(0)};`)
const xmlChars = fc.string({
  unit: fc.constantFrom('x', 'é', '😀', '<', '&', '>', '"', "'", ']', '/', '=', '1'),
  maxLength: 6
})
const xmlWriting = fc.constantFrom<(text: string) => string>(
  escaped,
  text => `<![CDATA[${text.replaceAll(']]>', ']]]]><![CDATA[>')}]]>`,
  text => `<!-- <x> -->${escaped(text)}<?x y?>`
)
const { element } = fc.letrec<{ element: Written }>(tie => ({
  element: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    fc.tuple(xmlChars, xmlWriting).map(([text, write]): Written => [write(text), text]),
    fc
      .tuple(
        fc.dictionary(xmlName, xmlChars, { maxKeys: 2, noNullPrototype: true }),
        fc.uniqueArray(fc.tuple(xmlName, tie('element')), { selector: ([name]) => name, minLength: 1, maxLength: 3 })
      )
      .map(([attributes, children]): Written => {
        const inner = children.map(([name, child]) => tagged(name, child)).join('')
        const own = Object.entries(attributes).map(([name, value]) => [`@${name}`, value])
        return [
          `\0${Object.entries(attributes)
            .map(([name, value]) => ` ${name}="${escaped(value)}"`)
            .join('')}\0${inner}`,
          Object.fromEntries([...own, ...children.map(([name, [, value]]) => [name, value])])
        ]
      })
  )
}))

/** An element's attributes stand before its content, between two signs that XML cannot have. */
function tagged(name: string, [text]: Written): string {
  const [, attributes = '', content = text] = /^\0([^\0]*)\0([\s\S]*)$/.exec(text) ?? []
  return `<p:${name} xmlns:p="urn:p"${attributes}>${content}</p:${name}>`
}

const xmlRoundTrip = fc.property(xmlName, element, (name, written) => {
  const body = Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>\n${tagged(name, written)}\n`)
  assert.deepEqual(parseXml(body), { [name]: written[1] })
})

const XML_TOKENS = [
  '<',
  '>',
  '</',
  '/>',
  '&',
  '&x;',
  '&#0;',
  '<!DOCTYPE a [<!ENTITY x "y">]>',
  '<![CDATA[',
  ']]>',
  '<!--',
  '-->',
  '<__proto__>',
  'xmlns=""'
]
const hostileXml = fc.property(xmlText, edits(XML_TOKENS), (text, changes) => {
  const body = editedBytes(Buffer.from(text), changes)
  const parsed = read(() => parseXml(body))
  if (parsed !== undefined)
    assert.ok(!body.includes('<!DOCTYPE') || body.includes('<!--') || body.includes('<![CDATA['), 'a DTD was read')
})

const JSON_TOKENS = [
  '"__proto__":',
  '"\\u005f_proto__":',
  '"constructor":{"prototype":1}',
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  '\\',
  '"',
  '1e999',
  '\xef\xbb\xbf'
]
const json = fc.property(jsonText, edits(JSON_TOKENS), (text, changes) => {
  const body = editedBytes(Buffer.from(text), changes)
  const parsed = read(() => parseJson(body))
  const plain = plainJson(body)
  if (parsed === undefined) assert.ok(plain === undefined || hasPrototype(plain), 'refused what others read')
  else {
    assert.deepEqual(parsed, plain)
    assert.ok(!hasPrototype(parsed), 'a prototype came through')
  }
})

function plainJson(body: Buffer): object | undefined {
  try {
    const value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}

function hasPrototype(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  const { constructor: own } = Object.hasOwn(value, 'constructor')
    ? (value as { constructor: any })
    : { constructor: undefined }
  if (Object.hasOwn(value, '__proto__') || (typeof own === 'object' && own !== null && Object.hasOwn(own, 'prototype')))
    return true
  return Object.values(value).some(hasPrototype)
}

const formats = fc.constantFrom('seconds', 'milliseconds', 'iso' as const)
const TIME_TOKENS = [
  '0',
  '9',
  '-',
  '+',
  '.',
  'T',
  'Z',
  ' ',
  'e9',
  '0x',
  '+01:00',
  '-0000',
  '24:',
  ':60',
  '-02-30',
  '٣',
  '\n',
  '_'
]
const times = fc.property(
  formats,
  someTime,
  edits(TIME_TOKENS, 2),
  fc.nat({ max: 600 }),
  (format, now, changes, tolerance) => {
    const written = formatTime(now, format)
    assert.equal(parseTime(written, format), now.getTime())
    const text = edited(written, changes)
    const time = parseTime(text, format)
    if (time === undefined) assert.equal(untimely(text, format, tolerance, now)?.ok, false)
    else {
      assert.match(text, format === 'iso' ? /^\d{4}-/ : /^[0-9]+$/)
      assert.ok(Number.isSafeInteger(time))
      const isNear = Math.abs(time - now.getTime()) <= tolerance * 1000
      assert.equal(untimely(text, format, tolerance, now) === undefined, isNear)
    }
  }
)

const KINDS: readonly BodyKind[] = ['json', 'form', 'xml', 'multipart', 'text']
const typesOf: Record<string, BodyKind> = {
  'application/json': 'json',
  'application/cloudevents+json': 'json',
  'application/x-www-form-urlencoded': 'form',
  'multipart/form-data': 'multipart',
  'text/xml': 'xml',
  'application/soap+xml': 'xml',
  'text/plain': 'text'
}
const kinds = fc.uniqueArray(fc.constantFrom(...KINDS), { minLength: 1 })
const contentTypes = fc.property(
  kinds,
  fc.constantFrom(...Object.keys(typesOf)),
  fc.constantFrom('', '; charset=utf-8', ' ;charset="x"', ';boundary=b', ' ; a=b; boundary="b"', ';\t'),
  fc.boolean(),
  edits([';', '/', ' ', ',', 'boundary=', '"', '+json', '\t']),
  bytes,
  (body, type, parameters, isUpper, changes, content) => {
    const receiver = { body } as unknown as AnyReceiver
    const of = (contentType: string) =>
      kindOf(receiver, { method: 'POST', url: '/', headers: { 'content-type': contentType }, body: content })
    const expected = body.includes(typesOf[type]!) ? typesOf[type] : body[0]
    assert.equal(of((isUpper ? type.toUpperCase() : type) + parameters), expected)

    const headers = { 'content-type': edited(type + parameters, changes) }
    const request = { method: 'POST', url: '/', headers, body: content }
    assert.ok(body.includes(kindOf(receiver, request)))
    for (const kind of KINDS) peek(request, kind)
  }
)

export const bodies: readonly Target[] = [
  { name: 'timestamps', property: times },
  { name: 'content types', property: contentTypes },
  { name: 'form: pairs come back', property: formPairs },
  { name: 'form: trees come back', property: formTree },
  { name: 'form: hostile', property: hostileForm },
  { name: 'multipart: comes back, any boundary', property: multipartRoundTrip },
  { name: 'multipart: hostile', property: hostileMultipart },
  { name: 'XML: comes back', property: xmlRoundTrip },
  { name: 'XML: hostile', property: hostileXml },
  { name: 'JSON: as JSON.parse, without prototypes', property: json }
]
