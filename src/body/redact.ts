import { SaxesParser } from 'saxes'
import type { BodyKind } from '../receiver.ts'
import { fieldPath } from './form.ts'
import { parts } from './multipart.ts'
import { exactText } from './text.ts'

const STAR = 0x2a

/**
 * The body with the named fields' values overwritten by as many `*`, at any depth. It stays as long as it was, and
 * parses as it did. Bytes are searched, not re-serialised: everything else stays as the provider wrote it.
 */
export function redactBody(
  body: Uint8Array,
  kind: BodyKind,
  contentType: string | undefined,
  fields: readonly string[]
): Uint8Array {
  const redacted = Buffer.from(body)
  for (const [start, end] of secretRanges(redacted, kind, contentType, new Set(fields))) redacted.fill(STAR, start, end)
  return redacted
}

type Range = readonly [start: number, end: number]

function secretRanges(body: Buffer, kind: BodyKind, contentType: string | undefined, names: Set<string>): Range[] {
  // One character a byte, so that places in the text are places in the body.
  const source = body.toString('latin1')
  switch (kind) {
    case 'json':
      return inJson(source, names)
    case 'form':
      return inForm(source, names)
    case 'xml':
      return inXml(body, names)
    case 'multipart':
      return inMultipart(body, contentType, names)
    case 'text':
      return []
  }
}

/** All texts under such a name. Scanned, since a pattern would run out of stack on a long text or take time squared. */
function inJson(source: string, names: Set<string>): Range[] {
  const ranges: Range[] = []
  let depth = 0
  let hiddenFrom = Number.POSITIVE_INFINITY
  let secretFollows = false
  for (let at = 0; at < source.length; at++) {
    const character = source[at]
    if (character === '"') {
      const end = endOfText(source, at)
      const content = [at + 1, end] as const
      at = end
      if (isName(source, end)) secretFollows = names.has(unescaped(source.slice(...content)))
      else if (secretFollows || depth >= hiddenFrom) ranges.push(content)
    } else if (character === '{' || character === '[') {
      depth++
      if (secretFollows) hiddenFrom = Math.min(hiddenFrom, depth)
      secretFollows = false
    } else if (character === '}' || character === ']') {
      depth--
      if (depth < hiddenFrom) hiddenFrom = Number.POSITIVE_INFINITY
      secretFollows = false
    } else if (character === ',') {
      secretFollows = false
    }
  }
  return ranges
}

/** Where the closing quote stands. */
function endOfText(source: string, start: number): number {
  for (let end = source.indexOf('"', start + 1); end !== -1; end = source.indexOf('"', end + 1)) {
    let slashes = 0
    while (source[end - 1 - slashes] === '\\') slashes++
    if (slashes % 2 === 0) return end
  }
  return source.length
}

function isName(source: string, end: number): boolean {
  const colon = /\s*:/y
  colon.lastIndex = end + 1
  return colon.test(source)
}

function unescaped(name: string): string {
  if (!name.includes('\\')) return name
  try {
    return JSON.parse(`"${name}"`)
  } catch {
    return name
  }
}

function inForm(source: string, names: Set<string>): Range[] {
  const ranges: Range[] = []
  // A BOM is no part of the first name.
  let start = source.startsWith('\xef\xbb\xbf') ? 3 : 0
  for (const pair of source.slice(start).split('&')) {
    const equals = pair.indexOf('=')
    const [[name] = ['']] = new URLSearchParams(equals === -1 ? pair : pair.slice(0, equals))
    if (equals !== -1 && fieldPath(name).some(segment => names.has(segment))) {
      ranges.push([start + equals + 1, start + pair.length])
    }
    start += pair.length + 1
  }
  return ranges
}

/**
 * Found by the parser that reads the body: an element may hold its own closing tag in CDATA or its name once more, a
 * prefix is any text, a comment may look like an element.
 */
function inXml(body: Buffer, names: Set<string>): Range[] {
  const source = exactText(body)
  if (source === undefined) return everything(body)
  const ranges: Range[] = []
  const opened: number[] = []
  const byteAt = counter(source)
  const parser = new SaxesParser({ xmlns: true, position: false })

  parser.on('doctype', () => {
    throw new Error('a DTD')
  })
  parser.on('opentag', ({ local }) => {
    const tag = source.lastIndexOf('<', parser.position - 1)
    for (const [start, end] of inAttributes(source.slice(tag, parser.position), local, names)) {
      ranges.push([byteAt(tag + start), byteAt(tag + end)])
    }
    opened.push(byteAt(parser.position))
  })
  parser.on('closetag', ({ local, isSelfClosing }) => {
    const start = opened.pop()!
    if (!isSelfClosing && names.has(local)) ranges.push([start, byteAt(source.lastIndexOf('</', parser.position - 1))])
  })
  try {
    parser.write(source).close()
  } catch {
    return everything(body)
  }
  return ranges
}

const ATTRIBUTE = /(\s([^\s=]+)\s*=\s*["'])(?:(?<=")[^"]*|[^']*)/g

/** The values of attributes of such a name, and of all attributes of such an element. */
function inAttributes(tag: string, local: string, names: Set<string>): Range[] {
  const ranges: Range[] = []
  for (const { 0: attribute, 1: head = '', 2: name = '', index } of tag.matchAll(ATTRIBUTE)) {
    const [prefix = '', bare = prefix] = name.split(':')
    const isSecret = prefix !== 'xmlns' && (names.has(local) || names.has(bare))
    if (isSecret) ranges.push([index + head.length, index + attribute.length])
  }
  return ranges
}

/** Places in a text as places in its UTF-8, asked for in ascending order. */
function counter(source: string): (index: number) => number {
  let last = 0
  let bytes = 0
  return index => {
    bytes += Buffer.byteLength(source.slice(last, index))
    last = index
    return bytes
  }
}

function inMultipart(body: Buffer, contentType: string | undefined, names: Set<string>): Range[] {
  try {
    return parts(body, contentType)
      .filter(part => fieldPath(part.name).some(segment => names.has(segment)))
      .map(part => [part.start, part.end])
  } catch {
    return everything(body)
  }
}

/** Of a malformed body nothing will be read as a field either. */
function everything(body: Buffer): Range[] {
  return [[0, body.length]]
}
