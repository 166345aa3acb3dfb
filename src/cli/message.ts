/**
 * A request in a file, to the byte: as HTTP/1.1 writes it, with the whole URL in its first line, one header a line, an
 * empty line, and the body. `posthorn-received-at` and `posthorn-received-from` say when it came and from which address, and
 * are no headers of the request.
 */
import { InvalidCommand } from '../errors.ts'
import type { WebhookRequest } from '../receiver.ts'

export interface Captured {
  readonly request: WebhookRequest
  readonly receivedAt: Date | undefined
}

const RECEIVED_AT = 'posthorn-received-at'
const RECEIVED_FROM = 'posthorn-received-from'

export function toMessage({ method, url, headers, body, address }: WebhookRequest, receivedAt: Date): Buffer {
  const ours = { [RECEIVED_AT]: receivedAt.toISOString(), [RECEIVED_FROM]: address }
  const lines = Object.entries({ ...ours, ...headers }).flatMap(([name, value]) =>
    [value ?? []].flat().map(one => `${name}: ${one}`)
  )
  const head = [`${method} ${url} HTTP/1.1`, ...lines, '', ''].join('\r\n')
  // Node reads headers as Latin-1, each byte one letter.
  return Buffer.concat([Buffer.from(head, 'latin1'), body])
}

/** Line ends may be `\n`, and the URL a path beside a header `host`: files are also written by hand and other tools. */
export function fromMessage(bytes: Uint8Array, file: string): Captured {
  const text = Buffer.from(bytes).toString('latin1')
  const blank = /\r?\n\r?\n/.exec(text)
  if (blank === null) throw notAMessage(file, 'an empty line between headers and body')
  const [first = '', ...lines] = text.slice(0, blank.index).split(/\r?\n/)
  const [, method, target] = /^([A-Z]+) (\S+)(?: HTTP\/[\d.]+)?$/.exec(first) ?? []
  if (method === undefined || target === undefined) throw notAMessage(file, 'POST <url> HTTP/1.1 as its first line')
  const headers: Record<string, string | string[]> = {}
  for (const line of lines) {
    const [, name, value] = /^([^\s:]+):[ \t]*(.*?)[ \t]*$/.exec(line) ?? []
    if (name === undefined || value === undefined)
      throw notAMessage(file, 'name: value, in each line up to an empty one')
    const known = headers[name.toLowerCase()]
    headers[name.toLowerCase()] = known === undefined ? value : [known, value].flat()
  }
  const { [RECEIVED_AT]: at, [RECEIVED_FROM]: from, ...rest } = headers
  const url = target.startsWith('/') ? `https://${rest.host ?? 'localhost'}${target}` : target
  if (!URL.canParse(url)) throw notAMessage(file, 'POST <url> HTTP/1.1 as its first line')
  const receivedAt = typeof at === 'string' && !Number.isNaN(Date.parse(at)) ? new Date(at) : undefined
  const body = bytes.subarray(blank.index + blank[0].length)
  return {
    request: { method, url, headers: rest, body, ...(typeof from === 'string' && { address: from }) },
    receivedAt
  }
}

function notAMessage(file: string, expected: string): Error {
  return new InvalidCommand(`${file} is no request: there should be ${expected}. posthorn capture writes such files.`)
}
