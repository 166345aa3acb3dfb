/** Attackers over real sockets: those that never finish, and those that make no sense. */
import { connect, type Socket } from 'node:net'
import { Random } from '../../../src/testing/random.ts'
import { push, signedPush } from '../../plugin/app.ts'

const base = '/api/webhooks/incoming'

/** A signed push, as it goes over the wire. */
export async function head(framing: string, changes: Parameters<typeof signedPush>[0] = {}): Promise<string> {
  const { headers, url } = await signedPush(changes)
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  return `POST ${url} HTTP/1.1\r\nhost: localhost\r\n${lines.join('')}${framing}\r\n`
}

/** Connections that each send a byte of a body once a round, for ever; one that is closed is opened again. */
export class Tricklers {
  readonly #port: number
  readonly #sockets = new Set<Socket>()
  #stopped = false
  /** How many times the server had enough of one. */
  closed = 0

  constructor(port: number) {
    this.#port = port
  }

  open(count: number): void {
    for (let index = 0; index < count; index++) this.#open()
  }

  /** One byte each from a part of them: `slot` of `slots`. */
  trickle(slot = 0, slots = 1): void {
    let index = 0
    for (const socket of this.#sockets) if (index++ % slots === slot && socket.writable) socket.write('{')
  }

  /** How many requests are under way now. */
  get underWay(): number {
    return [...this.#sockets].filter(({ readyState }) => readyState === 'open').length
  }

  stop(): void {
    this.#stopped = true
    for (const socket of this.#sockets) socket.destroy()
  }

  #open(): void {
    const socket = connect(this.#port, '127.0.0.1')
    this.#sockets.add(socket)
    socket.on('error', () => {})
    socket.on('data', () => {})
    socket.write(`POST ${base}/github HTTP/1.1\r\nhost: localhost\r\ncontent-length: 100000\r\n\r\n`)
    socket.on('close', () => {
      this.#sockets.delete(socket)
      if (this.#stopped) return
      this.closed++
      setImmediate(() => this.#stopped || this.#open())
    })
  }
}

const LINES = [
  ...[
    'content-length: 5',
    'content-length: -1',
    'content-length: 99999999999999999999',
    'content-length: 5, 6',
    'content-length:'
  ],
  ...[
    'transfer-encoding: chunked',
    'transfer-encoding: chunked, gzip',
    'Transfer-Encoding: \x0bchunked',
    'connection: close',
    'connection: upgrade'
  ],
  ...[
    'upgrade: websocket',
    'expect: 100-continue',
    'content-encoding: gzip',
    'content-type: ;;;',
    'host: a',
    'host:',
    ': x',
    'x',
    'x: \x00',
    ' folded'
  ],
  ...[
    `x-hub-signature-256: sha256=${'0'.repeat(64)}`,
    'x-github-event: push',
    'content-type: multipart/form-data; boundary=',
    'accept-version: 9'
  ]
]
const STARTS = [
  ...[
    'GET',
    'POST',
    'PUT',
    'HEAD',
    'OPTIONS',
    'TRACE',
    'PROPFIND',
    'CONNECT',
    'post',
    'P\0ST',
    '',
    'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'
  ]
]
const PATHS = [
  'github',
  'bitbucket',
  'mailgun',
  'salesforce',
  'nobody',
  'github/%ZZ',
  `github/${'a'.repeat(500)}`,
  '../..',
  '%2e%2e',
  'github?code=%',
  '*',
  '\xff'
]
const BODIES = [
  '',
  '{',
  '{}',
  '<a>',
  '<!DOCTYPE a>',
  'a=1&__proto__[b]=2',
  '--x\r\n',
  '5\r\nabcde\r\n0\r\n\r\n',
  'ZZ\r\n',
  'ffffffff\r\n',
  `${'['.repeat(5000)}`
]

/** Bytes of no meaning, or requests with some of it. */
export function garbage(random: Random): Buffer {
  if (random.below(4) === 0) return random.bytes(2000)
  const lines = Array.from({ length: random.below(6) }, () => random.pick(LINES))
  const version = random.pick(['HTTP/1.1', 'HTTP/1.1', 'HTTP/1.1', 'HTTP/1.0', 'HTTP/9.9', ''])
  const start = `${random.pick(STARTS)} ${base}/${random.pick(PATHS)} ${version}\r\nhost: localhost\r\n`
  const request = Buffer.from(
    `${start}${lines.map(line => `${line}\r\n`).join('')}\r\n${random.pick(BODIES)}`,
    'latin1'
  )
  return random.below(3) === 0 ? Buffer.concat([request, random.bytes(300)]) : request
}

/** What comes back until the connection ends; `ended` is false where it had to be given up. */
export function exchange(
  port: number,
  sent: string | Buffer,
  milliseconds = 15_000
): Promise<{ text: string; ended: boolean }> {
  return new Promise(resolve => {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
    let text = ''
    let ended = true
    const timer = setTimeout(() => {
      ended = false
      socket.destroy()
    }, milliseconds)
    socket.setEncoding('latin1')
    socket.on('data', chunk => {
      text += chunk
    })
    socket.on('end', () => socket.end())
    socket.on('error', () => {})
    socket.on('close', () => {
      clearTimeout(timer)
      resolve({ text, ended })
    })
    socket.end(sent)
  })
}

/** Exchanges garbage, so many at once; gives how many had an answer, were just closed, and had to be given up. */
export async function garbageFlood(
  port: number,
  count: number,
  atOnce: number,
  seed: number
): Promise<{ answered: number; closed: number; hung: number }> {
  const random = new Random(seed)
  const result = { answered: 0, closed: 0, hung: 0 }
  let left = count
  const worker = async (): Promise<void> => {
    while (left-- > 0) {
      const { text, ended } = await exchange(port, garbage(random))
      result[!ended ? 'hung' : text.startsWith('HTTP/1.1 ') ? 'answered' : 'closed']++
    }
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
  return result
}

export function statusesOf(text: string): string {
  return [...text.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(match => match[1]).join(' ')
}

/** Requests of a wrong shape, or a right one that is rare: what is sent, and which statuses may come back. */
export async function shapes(): Promise<[what: string, sent: string, expected: RegExp][]> {
  const length = Buffer.byteLength(push)
  const whole = `content-length: ${length}\r\n`
  const chunks = [...push].map(letter => `1\r\n${letter}\r\n`).join('')
  const close = 'connection: close\r\n'
  return [
    ['half-closed behind the request', (await head(whole)) + push, /^200$/],
    ['twenty in a pipeline', ((await head(whole)) + push).repeat(20), /^(200 ?){20}$/],
    [
      'a forged one in a pipeline',
      (await head(whole)) + push + (await head(whole, { secret: 'not this one at all' })) + push,
      /^200 401$/
    ],
    ['in chunks of one byte', `${await head('transfer-encoding: chunked\r\n')}${chunks}0\r\n\r\n`, /^200$/],
    ['in chunks, with trailers', `${await head('transfer-encoding: chunked\r\n')}${chunks}0\r\nx: y\r\n\r\n`, /^200$/],
    ['a chunk that is no chunk', `${await head('transfer-encoding: chunked\r\n')}ZZ\r\n`, /^400$/],
    ['a chunk of 4 GB, announced', `${await head('transfer-encoding: chunked\r\n')}ffffffff\r\n{`, /^(400)?$/],
    ['half-closed in the middle of the body', (await head(whole)) + push.slice(0, 10), /^(400)?$/],
    ['half-closed in the head', (await head(whole)).slice(0, 100), /^(400)?$/],
    ['a length that is too short', (await head('content-length: 10\r\n')) + push, /^(401 )?400$/],
    ['a length that is too long', (await head(`content-length: ${length + 10}\r\n`)) + push, /^(400)?$/],
    ['a length over the limit', await head('content-length: 99999999\r\n'), /^413$/],
    ['a length that is no number', (await head('content-length: ten\r\n')) + push, /^400$/],
    ['two lengths', (await head(`${whole}content-length: 5\r\n`)) + push, /^400$/],
    ['a length, and chunks', `${await head(`${whole}transfer-encoding: chunked\r\n`)}0\r\n\r\n`, /^400$/],
    ['no length', await head(close), /^401$/],
    ['HTTP/1.0', ((await head(whole)) + push).replace('HTTP/1.1', 'HTTP/1.0'), /^200$/],
    [
      'an absolute URL',
      ((await head(whole + close)) + push).replace('POST /', 'POST http://localhost/'),
      /^(200|404)$/
    ],
    ['no host', ((await head(whole)) + push).replace('host: localhost\r\n', ''), /^400$/],
    ['a head of 100 KB', (await head(`x: ${'a'.repeat(100_000)}\r\n${whole}`)) + push, /^431$/]
  ]
}
