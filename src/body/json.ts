import secureJson from 'secure-json-parse'
import { MalformedBody } from '../errors.ts'
import { text } from './text.ts'

/**
 * A JSON body: an object or an array, as every provider sends. `__proto__` and `constructor.prototype` are refused
 * rather than dropped: what we hand on is what was signed, or nothing.
 */
export function parseJson(body: Uint8Array): object {
  return parseJsonText(text(body, 'JSON'))
}

/** JSON that travels inside a field of a form, as GitHub's and Slack's `payload`. Throws `MalformedBody`. */
export function parseJsonText(source: unknown): any {
  if (typeof source !== 'string') throw new MalformedBody('JSON', 'the field that should hold it is missing')
  let value: unknown
  try {
    value = secureJson.parse(source)
  } catch {
    // The parser's own message quotes the body.
    throw new MalformedBody('JSON', source.trim() === '' ? 'it is empty' : 'it does not parse, or sets a prototype')
  }
  if (typeof value !== 'object' || value === null) throw new MalformedBody('JSON', 'it is neither object nor array')
  return value
}
