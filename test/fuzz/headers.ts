/** Headers that carry proofs: what is accepted was signed, and what is signed is accepted. */
import assert from 'node:assert/strict'
import { createHmac, verify } from 'node:crypto'
import fc from 'fast-check'
import { awsSns } from '../../receivers/aws-sns.ts'
import { paypal } from '../../receivers/paypal.ts'
import type { Credentials, Scheme, WebhookRequest } from '../../src/receiver.ts'
import { basic } from '../../src/schemes/basic.ts'
import { ed25519 } from '../../src/schemes/ed25519.ts'
import { github } from '../../src/schemes/github.ts'
import { type HmacOptions, hmac } from '../../src/schemes/hmac.ts'
import { fields, list, plain } from '../../src/schemes/layout.ts'
import { header } from '../../src/schemes/place.ts'
import { stripe } from '../../src/schemes/stripe.ts'
import { token } from '../../src/schemes/token.ts'
import { bytes, edited, editedBytes, edits, secretText, someTime } from './edits.ts'
import type { Target } from './target.ts'

const TOKENS = [
  '=',
  ',',
  ' ',
  ';',
  't=',
  'v1=',
  'v0=',
  'v1,',
  'sha256=',
  '0',
  'A',
  'a',
  '\0',
  '1700000000',
  'Z',
  'Basic ',
  '\t'
]

function credentialsOf(...secrets: string[]): Credentials {
  return { secrets, settings: {}, fetch: () => Promise.reject(new TypeError('offline')) }
}

const timestamps = (['seconds', 'milliseconds', 'iso'] as const).map(as => ({ as }))
const timed: HmacOptions['content'] = ({ body }, time) => [time, '.', body]
const layouts = [plain(), plain('sha256='), fields({ signature: 'v1' }), list({ separator: ' ', prefix: 'v1,' })]
const forms: HmacOptions[] = (['sha1', 'sha256', 'sha512'] as const).flatMap(hash =>
  (['hex', 'base64'] as const).flatMap(encoding => [
    ...layouts.map(layout => ({ header: 'x-signature', hash, encoding, layout })),
    ...timestamps.flatMap(timestamp => [
      { header: 'x-signature', hash, encoding, content: timed, timestamp: { ...timestamp, header: 'x-time' } },
      ...[',', ';'].map(separator => {
        const layout = fields({ timestamp: 't', signature: 'v1', separator })
        return { header: 'x-signature', hash, encoding, content: timed, timestamp, layout }
      })
    ])
  ])
)

/** A signed request, and how it is changed. */
const signedAndChanged = fc.record({
  secret: secretText,
  body: bytes,
  now: someTime,
  proof: edits(TOKENS),
  time: edits(TOKENS, 1),
  content: edits(TOKENS, 1),
  twice: fc.nat({ max: 9 }).map(roll => roll === 0),
  skew: fc.constantFrom(0, 0, 0, 300_000, -300_000, 301_000, -301_000, 3_600_000)
})
type Change = typeof signedAndChanged extends fc.Arbitrary<infer T> ? T : never

interface Outcome {
  readonly accepted: boolean
  readonly proof: string
  readonly request: WebhookRequest
  readonly now: Date
}

/** Signs, checks that this verifies, changes, and says whether it still does. */
async function tried(scheme: Scheme, name: string, change: Change, key = change.secret): Promise<Outcome> {
  const request = { method: 'POST', url: 'https://example.com/', headers: {}, body: change.body }
  const signed = await scheme.sign!(request, key, change.now)
  const credentials = credentialsOf('another secret altogether', change.secret)
  assert.deepEqual(await scheme.verify(signed, credentials, change.now), { ok: true, secret: 1 })

  const proof = edited(String(signed.headers[name]), change.proof)
  const time = signed.headers['x-time']
  const changed = {
    ...signed,
    headers: {
      ...signed.headers,
      ...(time !== undefined && { 'x-time': edited(String(time), change.time) }),
      [name]: change.twice ? [proof, proof] : proof
    },
    body: editedBytes(change.body, change.content)
  }
  const now = new Date(change.now.getTime() + change.skew)
  const { ok } = await scheme.verify(changed, credentials, now)
  if (change.twice) assert.equal(ok, false, 'a proof that came twice was accepted')
  return { accepted: ok, proof, request: changed, now }
}

function isTimely(time: string, { as }: NonNullable<HmacOptions['timestamp']>, now: Date): boolean {
  const at = as === 'iso' ? Date.parse(time) : Number(time) * (as === 'seconds' ? 1000 : 1)
  return Math.abs(at - now.getTime()) <= 300_000
}

async function hmacHolds(options: HmacOptions, change: Change): Promise<void> {
  const { accepted, proof, request, now } = await tried(hmac(options), 'x-signature', change)
  if (!accepted) return
  const { timestamp, hash, encoding } = options
  const written =
    timestamp?.header === undefined ? /(?:^|[,;])\s*t=\s*([^,;\s]*)/.exec(proof)?.[1] : request.headers['x-time']
  const time = timestamp === undefined ? '' : `${written}.`
  const mac = createHmac(hash, change.secret).update(time).update(request.body).digest(encoding)
  const spelled = encoding === 'hex' ? proof.toLowerCase() : proof
  assert.ok(spelled.includes(mac), 'accepted without its MAC')
  if (timestamp !== undefined) assert.ok(isTimely(String(written), timestamp, now), 'accepted at another time')
}

async function stripeHolds(change: Change): Promise<void> {
  const { accepted, proof, request, now } = await tried(stripe(), 'stripe-signature', change)
  if (!accepted) return
  const times = [...proof.matchAll(/(?:^|,)\s*t\s*=([^,]*)/g)].map(match => match[1]!.trim())
  assert.equal(times.length, 1)
  const mac = createHmac('sha256', change.secret).update(`${times[0]}.`).update(request.body).digest('hex')
  assert.ok(proof.toLowerCase().includes(mac), 'accepted without its MAC')
  assert.ok(isTimely(times[0]!, { as: 'seconds' }, now), 'accepted at another time')
}

async function githubHolds(change: Change): Promise<void> {
  const { accepted, proof, request } = await tried(github(), 'x-hub-signature-256', change)
  if (!accepted) return
  const mac = createHmac('sha256', change.secret).update(request.body).digest('hex')
  assert.equal(
    proof.replace(/[A-F]/g, letter => letter.toLowerCase()),
    `sha256=${mac}`
  )
}

async function basicHolds(change: Change): Promise<void> {
  const { accepted, proof } = await tried(basic(), 'authorization', change)
  if (accepted) assert.equal(Buffer.from(proof.slice('Basic '.length), 'base64').toString(), change.secret)
}

async function tokenHolds(change: Change): Promise<void> {
  const { accepted, proof } = await tried(token(header('x-token'), { prefix: 'Bearer ' }), 'x-token', change)
  if (accepted) assert.equal(proof, `Bearer ${change.secret}`)
}

const interactions = ed25519({ header: 'x-signature', timestamp: { header: 'x-time', as: 'seconds' } })
const pair = interactions.testKeys!()
const publicKey = pair.credentials.secrets![0]!
const key = { key: Buffer.from(`302a300506032b6570032100${publicKey}`, 'hex'), format: 'der', type: 'spki' } as const

async function ed25519Holds(change: Change): Promise<void> {
  const { accepted, proof, request, now } = await tried(
    interactions,
    'x-signature',
    { ...change, secret: publicKey },
    pair.sign
  )
  if (!accepted) return
  const time = String(request.headers['x-time'])
  const signed = Buffer.concat([Buffer.from(time), request.body])
  assert.match(proof, /^[0-9a-f]{128}$/i)
  assert.ok(verify(null, signed, key, Buffer.from(proof, 'hex')), 'accepted without its signature')
  assert.ok(isTimely(time, { as: 'seconds' }, now), 'accepted at another time')
}

const URL_TOKENS = [
  '@',
  '\\',
  '%2e',
  '%2f',
  '#',
  '?',
  '\t',
  '\n',
  ' ',
  '..',
  '/',
  '//',
  '.',
  ':443',
  ':80',
  '[::1]',
  '。',
  '１'
]
const HOST_TOKENS = [
  'evil.example',
  '.evil.example',
  'sns.',
  '.cn',
  'https:',
  'http:',
  'user:pw@',
  's3.',
  '-',
  '.pem',
  'sns-'
]
const certificates: [url: string, host: RegExp, request: (url: string) => WebhookRequest, scheme: Scheme][] = [
  [
    'https://sns.us-east-1.amazonaws.com/SimpleNotificationService-0123.pem',
    /^sns\.[a-z]+(?:-[a-z]+)+-\d+\.amazonaws\.com(?:\.cn)?$/,
    url => snsMessage({ SigningCertURL: url }),
    awsSns.scheme
  ],
  [
    'https://api.paypal.com/v1/notifications/certs/CERT-0123',
    /^api(?:-m)?(?:\.sandbox)?\.paypal\.com$/,
    transmission,
    paypal.scheme
  ]
]

function snsMessage(changes: object): WebhookRequest {
  const message = {
    Type: 'Notification',
    MessageId: '1',
    TopicArn: 't',
    Message: 'm',
    Timestamp: 'x',
    SignatureVersion: '2'
  }
  const body = Buffer.from(JSON.stringify({ ...message, Signature: 'AAAA', ...changes }))
  return { method: 'POST', url: '/', headers: {}, body }
}

function transmission(url: string): WebhookRequest {
  const headers = { id: '1', time: 't', sig: 'AAAA' }
  const named = Object.entries(headers).map(([name, value]) => [`paypal-transmission-${name}`, value])
  const rest = { 'paypal-auth-algo': 'SHA256withRSA', 'paypal-cert-url': url }
  return { method: 'POST', url: '/', headers: { ...Object.fromEntries(named), ...rest }, body: Buffer.from('{}') }
}

/** Whatever is fetched is, to any reader of URLs, at the provider's host, and says nothing else. */
const certificateUrls = fc.asyncProperty(
  fc.constantFrom(...certificates),
  edits([...URL_TOKENS, ...HOST_TOKENS]),
  async ([good, host, request, scheme], changes) => {
    const asked: string[] = []
    const fetch: typeof globalThis.fetch = async url => {
      asked.push(String(url))
      return new Response(undefined, { status: 404 })
    }
    const settings = { topic: 't', 'webhook-id': 'w' }
    const verdict = await scheme.verify(request(edited(good, changes)), { secrets: [], settings, fetch }, new Date(0))
    assert.equal(verdict.ok, false)
    if (changes.length === 0) assert.deepEqual(asked, [good])
    for (const url of asked) {
      const { protocol, hostname, port, username, password, search, hash, href } = new URL(url)
      assert.equal(href, url)
      assert.deepEqual([protocol, port, username, password, search, hash], ['https:', '', '', '', '', ''])
      assert.match(hostname, host)
    }
  }
)

export const headers: readonly Target[] = [
  {
    name: 'header: hmac, every layout',
    property: fc.asyncProperty(fc.constantFrom(...forms), signedAndChanged, hmacHolds)
  },
  { name: 'header: stripe', property: fc.asyncProperty(withText(), stripeHolds) },
  { name: 'header: github', property: fc.asyncProperty(withText(), githubHolds) },
  { name: 'header: basic', property: fc.asyncProperty(signedAndChanged, basicHolds) },
  { name: 'header: token', property: fc.asyncProperty(signedAndChanged, tokenHolds) },
  { name: 'header: ed25519', property: fc.asyncProperty(signedAndChanged, ed25519Holds) },
  { name: 'header: certificate URL', property: certificateUrls }
]

/** The official libraries sign text, and none that is empty. */
function withText(): fc.Arbitrary<Change> {
  return signedAndChanged.map(change => ({
    ...change,
    body: Buffer.from(`{${Buffer.from(change.body).toString('hex')}}`)
  }))
}
