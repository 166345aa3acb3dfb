import { MalformedBody } from '../errors.ts'
import { nest } from './form.ts'
import { exactText } from './text.ts'

/** A file in a multipart body. */
export interface FilePart {
  readonly filename: string
  readonly type: string | undefined
  readonly bytes: Uint8Array
}

export interface Part {
  readonly name: string
  readonly filename: string | undefined
  readonly type: string | undefined
  /** Where its content stands in the body. */
  readonly start: number
  readonly end: number
}

const MAX_PARTS = 1000
const MAX_HEAD = 8192
const BOUNDARY = /;\s*boundary=(?:"([^"]{1,70})"|([^\s;"]{1,70}))/i
const PARAMETER = /;\s*([^\s=;"]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s;"]+))\s*/g
const PARAMETERS = new RegExp(`^(?:${PARAMETER.source})*;?$`)

/** A multipart/form-data body (RFC 7578) as a plain object; a part with a file name is a `FilePart`. */
export function parseMultipart(body: Uint8Array, contentType: string | undefined): Record<string, unknown> {
  const pairs = parts(body, contentType).map(part => [part.name, contentOf(body, part)] as const)
  return nest(pairs, 'multipart')
}

export function parts(body: Uint8Array, contentType: string | undefined): Part[] {
  const match = BOUNDARY.exec(contentType ?? '')
  const boundary = match?.[1] ?? match?.[2]
  if (boundary === undefined) throw malformed('its content type names no boundary')

  const buffer = Buffer.from(body.buffer, body.byteOffset, body.byteLength)
  const delimiter = Buffer.from(`\r\n--${boundary}`, 'latin1')
  const found: Part[] = []
  // The first delimiter may open the body; every other follows a line break.
  let at = buffer.subarray(0, delimiter.length - 2).equals(delimiter.subarray(2))
    ? delimiter.length - 2
    : after(buffer.indexOf(delimiter), delimiter.length)

  while (buffer.toString('latin1', at, at + 2) !== '--') {
    if (found.length === MAX_PARTS) throw malformed(`it has more than ${MAX_PARTS} parts`)
    const headStart = after(buffer.indexOf('\r\n', at), 2)
    const headEnd = buffer.subarray(headStart, headStart + MAX_HEAD).indexOf('\r\n\r\n')
    const start = headStart + after(headEnd, 4)
    const end = buffer.indexOf(delimiter, start - 2)
    if (end === -1) throw malformed('its last part does not end')
    found.push({ ...head(buffer.toString('utf8', headStart, start)), start, end: Math.max(start, end) })
    at = end + delimiter.length
  }
  return found
}

function after(index: number, length: number): number {
  if (index === -1) throw malformed('a part has no head')
  return index + length
}

function head(source: string): Pick<Part, 'name' | 'filename' | 'type'> {
  const disposition = /^content-disposition:\s*form-data\b([^\r\n]*)/im.exec(source)?.[1]?.trim() ?? ''
  // Only as a whole: otherwise a file's name could hold the name of another field.
  if (!PARAMETERS.test(disposition)) throw malformed('a part’s head does not parse')
  const parameters = new Map(
    [...disposition.matchAll(PARAMETER)].map(([, name, quoted, plain]) => [
      name!.toLowerCase(),
      quoted?.replace(/\\(["\\])/g, '$1') ?? plain!
    ])
  )
  const name = parameters.get('name')
  if (name === undefined) throw malformed('a part has no name')
  return {
    name,
    filename: parameters.get('filename'),
    type: /^content-type:\s*([^\r\n]+)/im.exec(source)?.[1]?.trim()
  }
}

function contentOf(body: Uint8Array, { filename, type, start, end }: Part): string | FilePart {
  const bytes = body.subarray(start, end)
  if (filename !== undefined) return { filename, type, bytes }
  const text = exactText(bytes)
  if (text === undefined) throw malformed('a field is not valid UTF-8')
  return text
}

function malformed(what: string): Error {
  return new MalformedBody('multipart', what)
}
