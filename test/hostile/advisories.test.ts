/**
 * What went wrong in others' webhooks, tried on ours. One test a cause, named after the advisories that share it;
 * docs/hostile.md says where each was read.
 */
import assert from 'node:assert/strict'
import crypto, { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { type AddressInfo, connect } from 'node:net'
import { mock, test } from 'node:test'
import Fastify from 'fastify'
import { awsSns } from '../../receivers/aws-sns.ts'
import { github } from '../../receivers/github.ts'
import { mailchimp } from '../../receivers/mailchimp.ts'
import { mailgun } from '../../receivers/mailgun.ts'
import { meta } from '../../receivers/meta.ts'
import { paypal } from '../../receivers/paypal.ts'
import { slack } from '../../receivers/slack.ts'
import { stripe } from '../../receivers/stripe.ts'
import { twilio } from '../../receivers/twilio.ts'
import { basic, fields, header, hmac, list, query, token } from '../../src/kit.ts'
import type { Rejection } from '../../src/options.ts'
import webhooks from '../../src/plugin.ts'
import { receive } from '../../src/receive.ts'
import type { AnyReceiver, Credentials, Scheme, WebhookRequest } from '../../src/receiver.ts'
import { credentialsOf, isHandshake, toRequest, type Vector } from '../../src/testing/vector.ts'
import { appWith, CODE, push, SECRET, signedPush } from '../plugin/app.ts'

const base = '/api/webhooks/incoming'
const NOW = new Date('2026-01-01T00:00:00Z')
const JSON_TYPE = { 'content-type': 'application/json' }
const FORM_TYPE = { 'content-type': 'application/x-www-form-urlencoded' }

function never(): Promise<never> {
  return Promise.reject(new TypeError('nothing is fetched here'))
}

function withSecret(...secrets: readonly string[]): Credentials {
  return { secrets, settings: { 'verify-token': 'a-verify-token', topic: TOPIC }, fetch: never }
}

function post(
  body: string,
  headers: WebhookRequest['headers'] = JSON_TYPE,
  url = 'https://example.com/'
): WebhookRequest {
  return { method: 'POST', url, headers, body: Buffer.from(body) }
}

/** Every receiver that we have, with its vectors. */
async function everyReceiver(): Promise<{ receiver: AnyReceiver; vectors: Vector[] }[]> {
  const files = readdirSync(new URL('../../receivers/', import.meta.url))
  return Promise.all(
    files.map(async file => {
      const exported = await import(new URL(`../../receivers/${file}`, import.meta.url).href)
      const path = new URL(`../vectors/${file.replace(/\.ts$/, '.json')}`, import.meta.url)
      const vectors = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : []
      return { receiver: Object.values<AnyReceiver>(exported)[0]!, vectors }
    })
  )
}

test('an empty or blank secret opens nothing (CVE-2026-41432, CVE-2026-44109)', async () => {
  for (const secret of ['', ' ', '\t\n', '                                ']) {
    for (const receiver of [stripe, github, slack, meta, mailchimp]) {
      const env = { [`WEBHOOKS_${receiver.name.toUpperCase()}_SECRET`]: secret, WEBHOOKS_META_VERIFY_TOKEN: 'a-token' }
      const start = async () => Fastify().register(webhooks, { receivers: [receiver], env, minSecretLength: 1 })
      await assert.rejects(
        start,
        { code: 'WEBHOOKS_INVALID_CONFIGURATION' },
        `${receiver.name} ${JSON.stringify(secret)}`
      )
    }
    const { app } = await appWith({ credentials: () => ({ secrets: [secret] }), minSecretLength: 1 })
    assert.equal((await app.inject(await signedPush({ secret: secret || 'none' }))).statusCode, 503)
  }
  // Even where the configuration was gone round: signed with the empty key, and with the blank token.
  const body = '{"id":"evt_1","object":"event","type":"invoice.paid"}'
  for (const { receiver } of await everyReceiver()) {
    if (receiver.scheme.key === false || receiver.scheme.sign === undefined) continue
    const request = await Promise.resolve(post(body))
      .then(request => receiver.scheme.sign!(request, '', NOW))
      .catch(() => post(body))
    for (const credentials of [withSecret(''), withSecret()]) {
      const outcome = await receive(receiver, '', request, credentials, NOW)
      assert.equal(outcome.kind, 'rejected', receiver.name)
    }
  }
})

test('a signature is not compared up to the shorter length only (CVE-2024-21491)', async () => {
  const timestamp = { header: 'webhook-timestamp', as: 'seconds' } as const
  const layout = list({ separator: ' ', prefix: 'v1,' })
  const schemes: [name: string, scheme: Scheme][] = [
    ['webhook-signature', hmac({ header: 'webhook-signature', hash: 'sha256', encoding: 'base64', layout, timestamp })],
    ['x-hub-signature-256', github.scheme],
    ['x-slack-signature', slack.scheme],
    ['stripe-signature', stripe.scheme],
    ['x-token', token(header('x-token'))],
    ['authorization', basic()]
  ]
  for (const [name, scheme] of schemes) {
    const signed = await scheme.sign!(post(push), SECRET, NOW)
    const whole = signed.headers[name] as string
    assert.deepEqual(await scheme.verify(signed, withSecret(SECRET), NOW), { ok: true, secret: 0 })
    for (let length = 0; length < whole.length; length++) {
      const request = { ...signed, headers: { ...signed.headers, [name]: whole.slice(0, length) } }
      const verdict = await scheme.verify(request, withSecret(SECRET), NOW)
      assert.equal(verdict.ok, false, whole.slice(0, length))
    }
  }
  for (const proof of ['v1,', 'v1, v1,', 'v1,=', 'v1,A']) {
    const headers = { 'webhook-timestamp': String(NOW.getTime() / 1000), 'webhook-signature': proof }
    assert.equal((await schemes[0]![1].verify(post(push, headers), withSecret(SECRET), NOW)).ok, false)
  }
})

test('no error in a proof or a handler ends the process (CVE-2023-50728, CVE-2025-59537)', async () => {
  const failures: [what: string, fail: () => any][] = [
    ['throws undefined', () => throwIt(undefined)],
    ['throws null', () => throwIt(null)],
    ['throws an error without message', () => throwIt(Object.create(null))],
    ['rejects with undefined', () => Promise.reject(undefined)],
    ['rejects with a list of errors', () => Promise.reject(new AggregateError([undefined, new Error('one')]))],
    ['gives nothing', () => undefined],
    ['gives null', () => null]
  ]
  for (const [what, fail] of failures) {
    const broken = { ...github, name: 'broken', scheme: { ...github.scheme, verify: fail } }
    const env = { WEBHOOKS_BROKEN_SECRET: SECRET, WEBHOOKS_GITHUB_SECRET: SECRET }
    const { app } = await appWith({ receivers: [broken, github], env, handlers: [] })
    app.webhooks.on(github, 'push', { name: 'failing' }, fail)
    const handled = what.startsWith('gives') ? 200 : 500
    assert.equal((await app.inject(await signedPush({ url: `${base}/broken` }))).statusCode, 401, what)
    assert.equal((await app.inject(await signedPush())).statusCode, handled, what)
    assert.equal((await app.inject(await signedPush())).statusCode, handled, `${what}, and again`)
  }

  // A verifier that meets what it did not expect: no body, no event, a proven payload without what it is about.
  const { app } = await appWith()
  for (const body of ['', '{}', '[]', '{"repository":null}', '{"repository":{"owner":[]},"issue":7}']) {
    const { headers, ...request } = await signedPush({ body })
    const { 'x-github-event': _, 'x-github-delivery': __, ...few } = headers
    for (const sent of [headers, few]) {
      const { statusCode } = await app.inject({ ...request, headers: sent })
      assert.ok(statusCode < 500, `${body}: ${statusCode}`)
    }
  }
  assert.equal((await app.inject(await signedPush())).statusCode, 200)
})

function throwIt(what: unknown): never {
  throw what
}

test('a body is bounded before its proof is looked at (CVE-2024-40634, CVE-2026-42294)', async () => {
  const refused: (number | undefined)[] = []
  const onRejected = ({ status }: Rejection) => void refused.push(status)
  const { app } = await appWith({ onRejected }, { forceCloseConnections: true })
  await app.listen({ port: 0, host: '127.0.0.1' })
  const { port } = app.server.address() as AddressInfo
  const chunk = Buffer.concat([Buffer.from('10000\r\n'), Buffer.alloc(0x10000, 32), Buffer.from('\r\n')])
  try {
    for (const [receiver, limit] of [
      ['bitbucket', 1024 * 1024],
      ['github', 25 * 1024 * 1024]
    ] as const) {
      const socket = connect(port, '127.0.0.1')
      socket.resume()
      socket.on('error', () => {})
      const closed = new Promise(resolve => socket.on('close', resolve))
      socket.write(`POST ${base}/${receiver} HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n`)
      // Endless, as long as somebody listens.
      const pump = () => {
        while (socket.writable && socket.write(chunk));
      }
      socket.on('drain', pump)
      pump()
      await closed
      // Who goes on sending may be reset before the answer is read: so the server's word counts.
      assert.equal(refused.pop(), 413)
      // What the kernel holds on its way is not ours to bound.
      assert.ok(socket.bytesWritten < limit + 32 * 1024 * 1024, `${receiver} took ${socket.bytesWritten} bytes`)
    }
  } finally {
    await app.close()
  }
  for (const { receiver } of await everyReceiver()) {
    assert.ok((receiver.limit ?? 0) <= 50 * 1024 * 1024, `${receiver.name} takes ${receiver.limit} bytes`)
  }
})

const AUTH_TOKEN = '12345678901234567890123456789012'

test('no header says which URL was signed (CVE-2026-28465)', async () => {
  const env = { WEBHOOKS_TWILIO_SECRET: AUTH_TOKEN }
  const body = 'MessageStatus=sent&MessageSid=SM1'
  const publicUrl = 'https://api.example.com'
  const signedFor = async (url: string): Promise<Record<string, string>> =>
    (await twilio.scheme.sign!(post(body, FORM_TYPE, url), AUTH_TOKEN, NOW)).headers as Record<string, string>
  // Signed by the same secret, for another endpoint of the same account.
  const stolen = await signedFor(`https://other.example${base}/twilio`)
  const lies: Record<string, string>[] = [
    { host: 'other.example' },
    { 'x-forwarded-host': 'other.example', 'x-forwarded-proto': 'https' },
    { forwarded: 'host=other.example;proto=https' },
    { host: 'other.example', 'x-forwarded-host': 'other.example', 'x-forwarded-proto': 'https', via: '1.1 proxy' },
    { 'x-original-host': 'other.example', 'x-original-url': `https://other.example${base}/twilio` },
    { 'x-rewrite-url': `https://other.example${base}/twilio`, 'x-forwarded-server': 'other.example' }
  ]
  for (const server of [{}, { trustProxy: true }]) {
    const { app, arrived } = await appWith({ receivers: [twilio], env, publicUrl }, server)
    const send = async (headers: Record<string, string>) =>
      (await app.inject({ method: 'POST', url: `${base}/twilio`, headers, payload: body })).statusCode
    for (const lie of lies) assert.equal(await send({ ...stolen, ...lie }), 401, JSON.stringify(lie))
    assert.equal(arrived.length, 0)
    const own = await signedFor(`${publicUrl}${base}/twilio`)
    for (const lie of lies) assert.equal(await send({ ...own, ...lie }), 200, JSON.stringify(lie))
  }
  const start = async () => Fastify().register(webhooks, { receivers: [twilio], env })
  await assert.rejects(start, /WEBHOOKS_PUBLIC_URL is not set/)
})

test('a request from this machine proves nothing by that (CVE-2026-29613)', async () => {
  const { app, arrived } = await appWith()
  const form = { method: 'POST' as const, headers: FORM_TYPE, payload: 'type=subscribe' }
  const peers = ['127.0.0.1', '::1', '::ffff:127.0.0.1', '127.8.8.8']
  for (const remoteAddress of peers) {
    for (const search of [
      '',
      '?code=',
      '?code=wrong',
      `?code=${CODE}x`,
      `?CODE=${CODE}`,
      `?code=${CODE}&code=${CODE}`
    ]) {
      const { statusCode } = await app.inject({ ...form, url: `${base}/mailchimp${search}`, remoteAddress })
      assert.equal(statusCode, 401, `${remoteAddress} ${search}`)
    }
    assert.equal(
      (await app.inject({ ...(await signedPush({ secret: 'not the secret' })), remoteAddress })).statusCode,
      401
    )
  }
  assert.equal(arrived.length, 0)

  // A proxy on this machine is no loopback peer either: what it forwards came from somewhere, and by plain HTTP.
  const forwarding = ['forwarded', 'x-forwarded-for', 'x-forwarded-proto', 'x-forwarded-host', 'x-real-ip', 'via']
  for (const name of forwarding) {
    const headers = { ...FORM_TYPE, [name]: '203.0.113.7' }
    const response = await app.inject({ ...form, headers, url: `${base}/mailchimp?code=${CODE}` })
    assert.equal(response.statusCode, 403, name)
  }
  const away = await app.inject({ ...form, url: `${base}/mailchimp?code=${CODE}`, remoteAddress: '203.0.113.7' })
  assert.equal(away.statusCode, 403)
})

test('a request without its proof is no delivery, at any receiver (CVE-2026-33143)', async () => {
  let tried = 0
  for (const { receiver, vectors } of await everyReceiver()) {
    for (const vector of vectors.filter(vector => vector.valid && !isHandshake(vector))) {
      const { headers, address: _, ...request } = toRequest(vector)
      const type = headers['content-type']
      const bare = { ...request, url: request.url.replace(/\?.*/, ''), headers: { 'content-type': type } }
      // What lies in the body goes with it.
      for (const body of [bare.body, Buffer.from('{}'), Buffer.from('a=1')]) {
        const credentials = { ...credentialsOf(vector), fetch: never }
        const inBody = body === bare.body && proofIsInBody(receiver)
        if (inBody || (receiver.scheme.key === false && receiver.scheme.sign === undefined)) continue
        const outcome = await receive(receiver, '', { ...bare, body }, credentials, NOW)
        assert.notEqual(outcome.kind, 'accepted', `${receiver.name}: ${vector.name}`)
        tried++
      }
    }
  }
  assert.ok(tried > 50)

  const app = Fastify()
  const env = { WEBHOOKS_META_SECRET: SECRET, WEBHOOKS_META_VERIFY_TOKEN: 'a-verify-token' }
  await app.register(webhooks, { receivers: [meta], env })
  app.webhooks.on(meta, '**', { name: 'none' }, () => assert.fail('an unsigned status reached a handler'))
  const status =
    '{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"messages","value":{"statuses":[{"id":"wamid.1","status":"delivered"}]}}]}]}'
  for (const signature of [undefined, '', 'sha256=', `sha256=${'0'.repeat(64)}`]) {
    const headers = { ...JSON_TYPE, ...(signature !== undefined && { 'x-hub-signature-256': signature }) }
    assert.equal((await app.inject({ method: 'POST', url: `${base}/meta`, headers, payload: status })).statusCode, 401)
  }
})

function proofIsInBody({ name, scheme }: AnyReceiver): boolean {
  return (
    (scheme.carries?.fields ?? []).length > 0 ||
    ['adyen', 'aws-sns', 'braintree', 'mailgun', 'salesforce'].includes(name)
  )
}

test('secrets and MACs are compared in constant time (CVE-2022-43411)', async () => {
  // That it is constant is measured by test/bench/timing.ts; here, that nothing else compares.
  const compared = mock.method(crypto, 'timingSafeEqual')
  syncBuiltinESMExports()
  try {
    const schemes: Scheme[] = [
      hmac({ header: 'x-signature', hash: 'sha256', encoding: 'hex' }),
      hmac({ header: 'x-signature', hash: 'sha1', encoding: 'base64', layout: fields({ signature: 'v' }) }),
      token(header('x-token')),
      token(query('code')),
      basic(),
      github.scheme
    ]
    for (const scheme of schemes) {
      const signed = await scheme.sign!(post(push), SECRET, NOW)
      for (const secret of [SECRET, `${SECRET.slice(0, -1)}!`, '!'.repeat(SECRET.length)]) {
        const before = compared.mock.callCount()
        const verdict = await scheme.verify(signed, withSecret(secret), NOW)
        assert.equal(verdict.ok, secret === SECRET)
        assert.equal(compared.mock.callCount(), before + 1)
      }
    }
  } finally {
    compared.mock.restore()
    syncBuiltinESMExports()
  }
})

const TOPIC = 'arn:aws:sns:us-east-1:123456789012:MyTopic'
const keys = awsSns.scheme.testKeys!()
const notification = {
  Type: 'Notification',
  MessageId: '1',
  TopicArn: TOPIC,
  Message: 'm',
  Timestamp: '2026-01-01T00:00:00.000Z'
}

test('a certificate comes from the provider’s own host, by its whole name', async () => {
  const good = 'https://sns.us-east-1.amazonaws.com/SimpleNotificationService-test.pem'
  const path = new URL(good).pathname
  const foreign = [
    ...[
      'sns.us-east-1.amazonaws.com.evil.example',
      'evil.example/sns.us-east-1.amazonaws.com',
      'snsXus-east-1.amazonaws.com'
    ],
    ...[
      'sns.s3.amazonaws.com',
      'sns.us-east-1.s3.amazonaws.com',
      'sns.s3-us-west-2.amazonaws.com',
      'evil-sns.us-east-1.amazonaws.com'
    ],
    ...[
      'sns.us-east-1.amazonaws.com@evil.example',
      'evil.example#@sns.us-east-1.amazonaws.com',
      'sns.us-east-1.amazonaws.com:444'
    ],
    ...[
      'evil.example\\@sns.us-east-1.amazonaws.com',
      'sns.us-east-1.amazonaws.com%2eevil.example',
      'sns.us-east-1.amazonaws.co'
    ],
    ...[
      'user@sns.us-east-1.amazonaws.com',
      'sns.us-east-1.amazonaws.com.',
      'SNS.us-east-1.amazonaws.com',
      '169.254.169.254',
      'localhost'
    ]
  ].map(host => `https://${host}${path}`)
  const spelled = [
    good.replace('https', 'http'),
    good.replace('https://', 'https:\\\\'),
    good.replace('https://', '//'),
    ` ${good}`,
    `${good}?x=.pem`,
    `${good}#x`,
    good.replace('.pem', '.pem/../../bucket/evil.pem'),
    good.replace(path, '/bucket/evil.pem'),
    'file:///etc/passwd.pem',
    'data:application/x-pem-file,x.pem'
  ]
  const asked: string[] = []
  const fetch: typeof globalThis.fetch = async url => {
    asked.push(String(url))
    return keys.credentials.fetch!(url)
  }
  const credentials = { ...withSecret(), fetch }
  const signed = await awsSns.scheme.sign!(post(JSON.stringify(notification)), keys.sign, NOW)
  assert.equal((await receive(awsSns, '', signed, credentials, NOW)).kind, 'accepted')
  assert.deepEqual(asked.splice(0), [good])
  for (const url of [...foreign, ...spelled]) {
    const message = { ...JSON.parse(Buffer.from(signed.body).toString()), SigningCertURL: url }
    const outcome = await receive(awsSns, '', post(JSON.stringify(message)), credentials, NOW)
    assert.equal(outcome.kind === 'rejected' && outcome.reason, 'certificate-url', url)
  }

  const settings = { 'webhook-id': 'WEBHOOK_ID' }
  const transmission = await paypal.scheme.sign!(post('{"id":"1"}'), keys.sign, NOW)
  for (const host of [
    'api.paypal.com.evil.example',
    'apiXpaypal.com',
    'evil.example/api.paypal.com',
    'api.paypal.com@evil.example'
  ]) {
    const headers = { ...transmission.headers, 'paypal-cert-url': `https://${host}/v1/notifications/certs/CERT-test` }
    const outcome = await receive(paypal, '', { ...transmission, headers }, { ...credentials, settings }, NOW)
    assert.equal(outcome.kind === 'rejected' && outcome.reason, 'certificate-url', host)
  }
  assert.deepEqual(asked, [])
})

test('a SubscribeURL is visited only when SNS signed it, for our topic, at SNS (CVE-2026-32096, CVE-2021-41163)', async () => {
  const own = `https://sns.us-east-1.amazonaws.com/?Action=ConfirmSubscription&TopicArn=${TOPIC}&Token=t`
  const confirmation = { ...notification, Type: 'SubscriptionConfirmation', Token: 't', SubscribeURL: own }
  const asked: string[] = []
  const fetch: typeof globalThis.fetch = async url => {
    if (String(url).endsWith('.pem')) return keys.credentials.fetch!(url)
    asked.push(String(url))
    return new Response('')
  }
  const credentials = { ...withSecret(), fetch }
  const sign = (message: object) => awsSns.scheme.sign!(post(JSON.stringify(message)), keys.sign, NOW)

  const elsewhere = [
    'http://169.254.169.254/latest/meta-data/',
    'https://evil.example/?Action=ConfirmSubscription&',
    own.replace('https://', 'https://evil.example/'),
    own.replace('amazonaws.com/', 'amazonaws.com.evil.example/'),
    own.replace('sns.', 'user@sns.'),
    own.replace('?', '../?'),
    own.replace('ConfirmSubscription', 'DeleteTopic'),
    own.replace('https', 'http'),
    `| id; ${own}`,
    `${own.replace('https:', 'file:')}`
  ]
  for (const SubscribeURL of elsewhere) {
    const unsigned = await receive(
      awsSns,
      '',
      post(JSON.stringify({ ...confirmation, SubscribeURL })),
      credentials,
      NOW
    )
    assert.equal(unsigned.kind, 'rejected')
    const signed = await receive(awsSns, '', await sign({ ...confirmation, SubscribeURL }), credentials, NOW)
    assert.equal(signed.kind, 'rejected', SubscribeURL)
  }
  const foreign = await sign({ ...confirmation, TopicArn: TOPIC.replace('MyTopic', 'TheirTopic') })
  assert.equal((await receive(awsSns, '', foreign, credentials, NOW)).kind, 'rejected')
  const replaced = Buffer.from((await sign(confirmation)).body)
    .toString()
    .replace('Token=t', 'Token=other')
  assert.equal((await receive(awsSns, '', post(replaced), credentials, NOW)).kind, 'rejected')
  assert.deepEqual(asked, [])

  assert.equal((await receive(awsSns, '', await sign(confirmation), credentials, NOW)).kind, 'answered')
  assert.deepEqual(asked, [own])
})

test('a content type does not turn one kind of body into another (CVE-2026-21858)', async () => {
  const proof = async (request: WebhookRequest) => mailgun.scheme.sign!(request, SECRET, NOW)
  const multipart = (boundary: string) => ({ 'content-type': `multipart/form-data; boundary=${boundary}` })
  const part = (name: string, value: string) =>
    `--b\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`
  const blank = ['timestamp', 'token', 'signature'].map(name => part(name, '-')).join('')
  const mails = {
    json: await proof(post('{"event-data":{"event":"opened"},"signature":{}}')),
    form: await proof(post('recipient=a@example.com&event=opened', FORM_TYPE)),
    multipart: await proof(post(`${blank}${part('event', 'opened')}--b--\r\n`, multipart('b')))
  }
  const types: WebhookRequest['headers'][string][] = [
    ...[
      'application/json',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=b',
      'multipart/form-data'
    ],
    ...['text/plain', '', ';', undefined, ['application/json', 'multipart/form-data; boundary=b']]
  ]
  for (const [kind, mail] of Object.entries(mails)) {
    assert.equal((await receive(mailgun, '', mail, withSecret(SECRET), NOW)).kind, 'accepted', kind)
    for (const type of types) {
      const outcome = await receive(
        mailgun,
        '',
        { ...mail, headers: { 'content-type': type } },
        withSecret(SECRET),
        NOW
      )
      // Read as what it is, or not at all.
      if (outcome.kind === 'accepted') assert.equal(outcome.deliveries[0]!.event, 'opened', `${kind} as ${type}`)
      else assert.equal(outcome.kind === 'rejected' && outcome.stage, 'proof', `${kind} as ${type}`)
    }
  }

  // What only looks like a file stays what it was: no path in it is ever opened.
  const file = { filename: 'x', filepath: '/etc/passwd', path: '/etc/passwd', type: 'text/plain', bytes: '/etc/passwd' }
  const faked = await proof(
    post(JSON.stringify({ 'event-data': { event: 'opened', files: { upload: file } }, signature: {} }))
  )
  const outcome = await receive(mailgun, '', faked, withSecret(SECRET), NOW)
  assert.equal(outcome.kind, 'accepted')
  assert.deepEqual(outcome.kind === 'accepted' && outcome.deliveries[0]!.data.files.upload, file)
})

test('no spelling of a content type skips a check (CVE-2025-32442, CVE-2026-25223, CVE-2026-3419)', async () => {
  const spellings = [
    ...[
      'application/json',
      'Application/JSON',
      'application/json ;charset=utf-8',
      'application/json\tfoo',
      'application/json garbage'
    ],
    ...[
      'application/json;;',
      'application/json;charset="',
      ' application/json',
      'application/jsonx',
      'application/vnd.x+json',
      'json',
      ','
    ]
  ]
  const own = { type: 'object', properties: { sum: { type: 'number' } }, required: ['sum'] } as const
  const { app, arrived } = await appWith({}, {}, app => {
    app.post('/own', { schema: { body: { content: { 'application/json': { schema: own } } } } }, () => 'ok')
  })
  const digests = new Set<string>()
  for (const type of spellings) {
    for (const headers of [{ 'x-hub-signature-256': `sha256=${'0'.repeat(64)}` }, { 'x-hub-signature-256': '' }]) {
      const forged = await signedPush({ headers: { ...headers, 'content-type': type } })
      assert.equal((await app.inject(forged)).statusCode, 401, type)
    }
    assert.equal((await app.inject(await signedPush({ headers: { 'content-type': type } }))).statusCode, 200, type)
    digests.add(
      createHash('sha256')
        .update(JSON.stringify(arrived.at(-1)!.data))
        .digest('hex')
    )

    // The application's own routes are Fastify's to check, and still are.
    const headers = { 'content-type': type }
    const checked = await app.inject({ method: 'POST', url: '/own', headers, payload: '{"sum":"many"}' })
    assert.ok([400, 415].includes(checked.statusCode), `${type}: ${checked.statusCode}`)
  }
  assert.equal(arrived.length, spellings.length)
  assert.equal(digests.size, 1)
})
