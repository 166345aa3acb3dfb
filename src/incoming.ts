import type { IncomingMessage } from 'node:http'
import { BoundedMap } from './bounded.ts'
import type { Headers } from './receiver.ts'

/** Names of headers as they were last written, and in lower case. Most requests have the same. */
const lowerCase = new BoundedMap<string, string>(1000)
/** No provider's is longer, and what is kept must not be as large as its sender likes. */
const LONGEST_KEPT = 64

/**
 * The headers by lower-case name, lists kept apart: Node joins a header that came twice with `, `, and a proof must not
 * come twice.
 */
export function headersOf({ rawHeaders }: Pick<IncomingMessage, 'rawHeaders'>): Headers {
  const headers: Record<string, string> = {}
  for (let index = 0; index < rawHeaders.length; index += 2) {
    headers[lowerCased(rawHeaders[index]!)] = rawHeaders[index + 1]!
  }
  return Object.keys(headers).length * 2 === rawHeaders.length ? headers : withLists(rawHeaders)
}

function withLists(rawHeaders: readonly string[]): Headers {
  const headers: Record<string, string | string[]> = {}
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]!.toLowerCase()
    const value = rawHeaders[index + 1]!
    const known = headers[name]
    if (typeof known === 'string') headers[name] = [known, value]
    else if (Array.isArray(known)) known.push(value)
    // Not only where it is undefined: a header may be named `constructor`, which every object has.
    else headers[name] = value
  }
  return headers
}

function lowerCased(name: string): string {
  let known = lowerCase.get(name)
  if (known === undefined) {
    known = name.toLowerCase()
    if (name.length <= LONGEST_KEPT) lowerCase.set(name, known)
  }
  return known
}

const FORWARDING = ['forwarded', 'x-forwarded-for', 'x-forwarded-proto', 'x-forwarded-host', 'x-real-ip', 'via']

/** Whether the request came from this machine itself, not through a proxy on it. */
export function isDirectLoopback(request: IncomingMessage): boolean {
  const address = request.socket.remoteAddress?.replace(/^::ffff:/, '')
  if (address === undefined || !(address === '::1' || address.startsWith('127.'))) return false
  return !FORWARDING.some(name => name in request.headers)
}

/** `gzip` and the like: a signature is over the bytes that were sent, and unpacking is what bombs wait for. */
export function isEncoded({ 'content-encoding': encoding }: Headers): boolean {
  return encoding !== undefined && String(encoding).trim().toLowerCase() !== 'identity'
}

export function pathOf(url: string): string {
  return url.split(/[?#]/, 1)[0]!
}
