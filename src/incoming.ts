import type { IncomingMessage } from 'node:http'
import type { Headers } from './receiver.ts'

/**
 * The headers by lower-case name, lists kept apart: Node joins a header that came twice with `, `, or drops one, and a proof
 * must not come twice. Where it did neither, its headers are these, and nobody makes them again.
 */
export function headersOf({ headers, rawHeaders }: Pick<IncomingMessage, 'headers' | 'rawHeaders'>): Headers {
  // Node has a list even of one cookie.
  const isPlain = Object.keys(headers).length * 2 === rawHeaders.length && !('set-cookie' in headers)
  return isPlain ? headers : withLists(rawHeaders)
}

/** The same from names and values as they stood on the wire, one behind the other. */
export function withLists(rawHeaders: readonly string[]): Headers {
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
