import { methodsOf } from '../receive.ts'
import type { AnyReceiver, Credentials, Headers, WebhookRequest } from '../receiver.ts'
import { isUnsigned } from './cases.ts'
import { inWords, outcomeOf, proofHeld } from './outcome.ts'
import { Random } from './random.ts'
import { toRequest, type Vector } from './vector.ts'

const REQUESTS = 400
const NOW = new Date('2026-01-01T00:00:00Z')

const TEXTS = [
  '',
  ' ',
  '0',
  '-1',
  'null',
  'é',
  '\0',
  '%',
  '%ff',
  '=',
  ',',
  't=,v1=',
  'v1,',
  'sha256=',
  'Bearer ',
  '1700000000'
]
const BODIES = [
  '',
  '{',
  'null',
  '"text"',
  '7',
  '[]',
  '[null]',
  '{}',
  '{"__proto__":{"ok":true}}',
  '['.repeat(5000),
  '[{"a":'.repeat(2000),
  'a[b]=1&a=2&a[]=3',
  '__proto__[ok]=1',
  'payload=%7B',
  '<a>',
  '<a b="1">text</a>',
  '<!DOCTYPE a [<!ENTITY e "e">]><a>&e;</a>',
  '--x\r\n\r\n--x--'
]
const TYPES = [
  'application/json',
  'application/x-www-form-urlencoded',
  'text/xml',
  'multipart/form-data; boundary=x',
  ';'
]
const WRONG = [null, 7, true, 'text', [], [null], {}, { length: 1 }]

/** Nobody's: what proof may be left in a request is none under these. */
const CREDENTIALS: Credentials = {
  secrets: ['nobody:has-this-secret-0123456789'],
  settings: {},
  fetch: () => Promise.reject(new TypeError('offline'))
}

/** Requests of no meaning and bad intent: each must come to an outcome, and none to a delivery. */
export async function survivors(
  receiver: AnyReceiver,
  vectors: readonly Vector[],
  settings: Credentials['settings']
): Promise<string[]> {
  const credentials = { ...CREDENTIALS, settings }
  const random = new Random(1)
  const findings: string[] = []
  const seeds = vectors.map(toRequest)
  for (let count = 0; count < REQUESTS; count++) {
    const request = hostileRequest(random, receiver, seeds)
    try {
      const outcome = await outcomeOf(receiver, { request, credentials, now: NOW })
      const threw = outcome.kind === 'rejected' && outcome.reason === 'proof-failed'
      const passed = outcome.kind !== 'answered' && proofHeld(outcome) && !isUnsigned(receiver.scheme)
      if (threw || passed) findings.push(`${shown(request)} was ${inWords(outcome)}`)
    } catch (error) {
      findings.push(`${shown(request)} made receive() throw ${error}`)
    }
  }
  return findings
}

function hostileRequest(random: Random, receiver: AnyReceiver, seeds: readonly WebhookRequest[]): WebhookRequest {
  const seed = seeds.length === 0 ? undefined : random.pick(seeds)
  const search = `${random.pick(TEXTS)}&${random.pick(TEXTS)}=${random.bytes(8).toString('latin1')}`
  return {
    method: random.pick([...methodsOf(receiver), ...methodsOf(receiver), 'GET', 'PUT']),
    url: random.below(3) === 0 && seed ? seed.url : `https://example.com/hooks?${encodeURI(search)}`,
    headers: hostileHeaders(random, seed?.headers ?? {}),
    body: hostileBody(random, seed?.body),
    address: random.pick([undefined, ...TEXTS])
  }
}

/** Headers that the provider knows, with values that it would not send. */
function hostileHeaders(random: Random, known: Headers): Headers {
  const names = [...Object.keys(known), 'authorization', 'content-type']
  const values = names.map(name => {
    if (name === 'content-type' && random.below(2) === 0) return random.pick(TYPES)
    return random.pick([
      undefined,
      [],
      [random.pick(TEXTS), random.pick(TEXTS)],
      random.pick(TEXTS),
      random.bytes(200).toString('latin1'),
      'a'.repeat(10_000)
    ])
  })
  return Object.fromEntries(names.map((name, index) => [name, values[index]]))
}

function hostileBody(random: Random, known: Uint8Array = Buffer.of()): Uint8Array {
  switch (random.below(4)) {
    case 0:
      return random.bytes(300)
    case 1:
      return Buffer.from(random.pick(BODIES))
    case 2:
      return Buffer.from(known).subarray(0, random.below(known.length + 1))
    default:
      return misshapen(random, known)
  }
}

/** A JSON body with one value of another type. */
function misshapen(random: Random, body: Uint8Array): Uint8Array {
  let root: any
  try {
    root = JSON.parse(Buffer.from(body).toString())
  } catch {
    return body
  }
  if (!hasChildren(root)) return body
  let node = root
  let key = random.pick(Object.keys(node))
  while (hasChildren(node[key]) && random.below(3) > 0) {
    node = node[key]
    key = random.pick(Object.keys(node))
  }
  node[key] = random.pick(WRONG)
  return Buffer.from(JSON.stringify(root))
}

function hasChildren(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length > 0
}

function shown({ method, url, headers, body }: WebhookRequest): string {
  const start = Buffer.from(body).toString('latin1').slice(0, 200)
  const short = Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, typeof value === 'string' ? value.slice(0, 100) : value])
  )
  return JSON.stringify({ method, url, headers: short, body: start })
}
