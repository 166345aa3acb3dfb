import { isUtf8 } from 'node:buffer'
import { MalformedBody } from '../errors.ts'

/**
 * The body as text, exactly: encoding it again gives the same bytes (a BOM stays). Undefined where it is no valid UTF-8,
 * which a decoder would forgive and a signature over the text would then not notice.
 */
export function exactText(body: Uint8Array): string | undefined {
  return isUtf8(body) ? Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8') : undefined
}

/** The body as text to parse, without BOM. */
export function text(body: Uint8Array, kind: string): string {
  const exact = exactText(body)
  if (exact === undefined) throw new MalformedBody(kind, 'it is not valid UTF-8')
  return exact.charCodeAt(0) === 0xfeff ? exact.slice(1) : exact
}
