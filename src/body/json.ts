import secureJson from 'secure-json-parse'
import { MalformedBody } from '../errors.ts'
import { text } from './text.ts'

/** What `__proto__` and `constructor.prototype` have in common, as it is or spelled with escapes. */
const MAY_SET_PROTOTYPE = ['proto', '\\u']

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
    // The guard reads the whole text with slow patterns; it is asked only where one of them could match.
    value = MAY_SET_PROTOTYPE.some(part => source.includes(part)) ? secureJson.parse(source) : JSON.parse(source)
  } catch {
    // The parser's own message quotes the body.
    throw new MalformedBody('JSON', source.trim() === '' ? 'it is empty' : 'it does not parse, or sets a prototype')
  }
  if (typeof value !== 'object' || value === null) throw new MalformedBody('JSON', 'it is neither object nor array')
  return value
}
