/**
 * Secrets that a reader of logs, errors or answers would recognise. They travel where secrets do, through every way a
 * request can end, and must be seen nowhere.
 */
import assert from 'node:assert/strict'
import { type AddressInfo, connect } from 'node:net'
import { Writable } from 'node:stream'
import { after, describe, test } from 'node:test'
import Fastify, { type FastifyInstance, type InjectOptions } from 'fastify'
import { awsSns } from '../../receivers/aws-sns.ts'
import { github } from '../../receivers/github.ts'
import { mailchimp } from '../../receivers/mailchimp.ts'
import { mailgun } from '../../receivers/mailgun.ts'
import { meta } from '../../receivers/meta.ts'
import { pusher } from '../../receivers/pusher.ts'
import { salesforce } from '../../receivers/salesforce.ts'
import { slack } from '../../receivers/slack.ts'
import { stripe } from '../../receivers/stripe.ts'
import { twilio } from '../../receivers/twilio.ts'
import { wordpress } from '../../receivers/wordpress.ts'
import { basic, field, header, type Receiver, text, token } from '../../src/kit.ts'
import webhooks from '../../src/plugin.ts'
import type { AnyReceiver, WebhookRequest } from '../../src/receiver.ts'

const base = '/api/webhooks/incoming'
const MARK = 'Canary'
/** With characters that are written otherwise in URLs, JSON and XML. */
const canary = (name: string) => `${MARK}/${name}+"&<ä>-0123456789abcdef0123456789`
const word = (name: string) => `${MARK}${name}0123456789abcdef0123456789abcdef`

const described = ({ body }: { body: any }) => ({ event: text(body.event) })
const docs = 'https://example.com/docs'
const inHeader: Receiver<'in-header'> = {
  name: 'in-header',
  docs,
  scheme: token(header('x-token'), { prefix: 'Bearer ' }),
  describe: described
}
const inForm: Receiver<'in-form'> = {
  name: 'in-form',
  docs,
  scheme: token(field(['form'], 'auth', 'token')),
  body: ['form'],
  describe: described
}
const inJson: Receiver<'in-json'> = {
  name: 'in-json',
  docs,
  scheme: token(field(['json'], 'auth', 'token')),
  describe: described
}
const inBasic: Receiver<'in-basic'> = { name: 'in-basic', docs, scheme: basic(), describe: described }
const inDescribe: Receiver<'in-describe'> = {
  ...inHeader,
  name: 'in-describe',
  describe() {
    throw new Error('this receiver describes nothing')
  }
}
const throwing: Receiver<'throwing'> = {
  ...inHeader,
  name: 'throwing',
  scheme: {
    ...inHeader.scheme,
    verify() {
      throw new Error('this scheme is broken')
    }
  }
}

const secrets: Record<string, string> = {
  github: canary('github'),
  mailchimp: word('mailchimp'),
  mailgun: canary('mailgun'),
  meta: canary('meta'),
  pusher: `key:${word('pusher')}`,
  salesforce: '00D000000000062EAC',
  slack: canary('slack'),
  stripe: word('stripe'),
  twilio: word('twilio'),
  wordpress: canary('wordpress'),
  'in-header': word('header'),
  'in-form': canary('form'),
  'in-json': canary('json'),
  'in-basic': `user:${canary('basic')}`,
  'in-describe': word('describe'),
  throwing: word('throwing')
}
const VERIFY_TOKEN = word('verify')
const SESSION = word('session')
const TOPIC = 'arn:aws:sns:us-east-1:1:topic'
const PASSWORD = `${MARK}proxy`

const receivers: readonly AnyReceiver[] = [
  ...[awsSns, github, mailchimp, mailgun, meta, pusher, salesforce, slack, stripe, twilio, wordpress],
  ...[inHeader, inForm, inJson, inBasic, inDescribe, throwing]
]

const env: Record<string, string> = {
  WEBHOOKS_META_VERIFY_TOKEN: VERIFY_TOKEN,
  WEBHOOKS_AWS_SNS_TOPIC: `${TOPIC} arn:aws:sns:us-east-1:1:${word('topic')}`,
  WEBHOOKS_PUBLIC_URL: `https://user:${PASSWORD}@api.example.com`,
  ...Object.fromEntries(
    Object.entries(secrets).map(([name, secret]) => [`WEBHOOKS_${name.toUpperCase().replace('-', '_')}_SECRET`, secret])
  )
}

/** Every spelling in which one of them may be read. */
const spellings = [...Object.values(secrets), VERIFY_TOKEN, SESSION, PASSWORD, word('topic')].flatMap(secret => [
  secret,
  encodeURIComponent(secret),
  new URLSearchParams({ '': secret }).toString().slice(1),
  JSON.stringify(secret).slice(1, -1),
  JSON.stringify(JSON.stringify(secret)).slice(3, -3),
  Buffer.from(secret).toString('base64'),
  Buffer.from(secret).toString('hex')
])

function leaks(output: string): string[] {
  return [MARK, ...spellings.filter(spelling => spelling !== secrets.salesforce)].filter(it => output.includes(it))
}

interface Watched {
  readonly app: FastifyInstance
  /** All that was logged since it was last asked. */
  logged(): string
}

async function watched(handle: () => void, options: object = {}, server: object = {}): Promise<Watched> {
  let log = ''
  const stream = new Writable({
    write(chunk, _encoding, done) {
      log += chunk
      done()
    }
  })
  const app = Fastify({ logger: { level: 'trace', stream }, forceCloseConnections: true, ...server })
  await app.register(webhooks, { receivers, env, requireHttps: false, bodyTimeout: 50, fetch, ...options })
  for (const receiver of receivers) {
    app.webhooks.on(receiver, '**', { name: receiver.name }, (delivery, { log }) => {
      // What a handler can reach, it may well log.
      const { url, headers, body } = delivery.raw()
      log.info({ delivery, url, headers, body: Buffer.from(body).toString() }, 'handling')
      handle()
      return delivery.data
    })
  }
  await app.ready()
  return {
    app,
    logged() {
      const all = log
      log = ''
      return all
    }
  }
}

const { fetch } = awsSns.scheme.testKeys!().credentials as { fetch: typeof globalThis.fetch }

/** What a provider would send, by receiver. */
const bodies: Record<string, [type: string, body: string]> = {
  'aws-sns': [
    'text/plain',
    `{"Type":"Notification","MessageId":"1","TopicArn":"${TOPIC}","Message":"m","Timestamp":"2026-01-01T00:00:00Z"}`
  ],
  mailchimp: ['application/x-www-form-urlencoded', 'type=subscribe&data[email]=a@example.com'],
  twilio: ['application/x-www-form-urlencoded', 'MessageStatus=sent&MessageSid=SM1'],
  wordpress: ['application/x-www-form-urlencoded', 'hook=publish_post&ID=1'],
  'in-form': ['application/x-www-form-urlencoded', 'event=paid'],
  mailgun: ['application/json', '{"signature":{"token":"x"},"event-data":{"event":"opened","id":"1"}}'],
  meta: ['application/json', '{"object":"page","entry":[{"id":"1","changes":[{"field":"feed","value":{}}]}]}'],
  pusher: ['application/json', '{"time_ms":1,"events":[{"name":"channel_occupied","channel":"c"}]}'],
  salesforce: [
    'text/xml',
    `<Envelope xmlns="http://schemas.xmlsoap.org/soap/envelope/"><Body><notifications xmlns="http://soap.sforce.com/2005/09/outbound"><OrganizationId>${secrets.salesforce}</OrganizationId><ActionId>04k</ActionId><SessionId>${SESSION}</SessionId><Notification><Id>04l</Id><sObject xmlns:sf="urn:sobject.enterprise.soap.sforce.com" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="sf:Account"><sf:Id>001</sf:Id></sObject></Notification></notifications></Body></Envelope>`
  ],
  stripe: ['application/json', '{"id":"evt_1","object":"event","type":"invoice.paid","data":{"object":{"id":"in_1"}}}'],
  slack: ['application/json', '{"type":"event_callback","event_id":"Ev1","event":{"type":"message","channel":"C1"}}']
}

async function signedFor(receiver: AnyReceiver): Promise<InjectOptions> {
  const [type, body] = bodies[receiver.name] ?? ['application/json', '{"event":"paid","auth":{}}']
  const headers = { 'content-type': type, 'x-github-event': 'push', 'x-github-delivery': '1' }
  const url = `https://user:${PASSWORD}@api.example.com${base}/${receiver.name}`
  const request: WebhookRequest = { method: 'POST', url, headers, body: Buffer.from(body) }
  const sign = receiver.name === 'salesforce' ? undefined : receiver.scheme.sign
  const key = secrets[receiver.name] ?? receiver.scheme.testKeys!().sign
  const signed = sign === undefined ? request : await sign(request, key, new Date())
  return {
    method: 'POST',
    url: signed.url.replace(/^https:\/\/[^/]*/, ''),
    headers: signed.headers as Record<string, string>,
    payload: Buffer.from(signed.body)
  }
}

/** The request with its proof, ended otherwise: by its method, its path, its headers, its body. */
const endings: [what: string, change: (request: InjectOptions, receiver: AnyReceiver) => InjectOptions][] = [
  ['as it is', request => request],
  ['with a body that does not parse', request => ({ ...request, payload: `${request.payload}\0{<` })],
  ['without a body', request => ({ ...request, payload: '' })],
  [
    'with a body that is too large',
    (request, { limit = 1024 * 1024 }) => ({ ...request, payload: Buffer.alloc(limit + 1, 32) })
  ],
  ['compressed', request => ({ ...request, headers: { ...request.headers, 'content-encoding': 'gzip' } })],
  [
    'with a content type that is none',
    request => ({ ...request, headers: { ...request.headers, 'content-type': ';;' } })
  ],
  ['as multipart', request => ({ ...request, headers: { ...request.headers, 'content-type': 'multipart/form-data' } })],
  ['by GET', ({ payload: _, ...request }) => ({ ...request, method: 'GET' })],
  ['by HEAD', ({ payload: _, ...request }) => ({ ...request, method: 'HEAD' })],
  ['by PUT', request => ({ ...request, method: 'PUT' })],
  // Methods that Fastify has no routes for.
  ['by TRACE', ({ payload: _, ...request }) => ({ ...request, method: 'TRACE' as 'GET' })],
  ['by PROPFIND', request => ({ ...request, method: 'PROPFIND' as 'POST' })],
  ['for an unknown id', request => at(request, path => `${path}/nobody`)],
  ['for an unknown receiver', request => at(request, () => `${base}/nobody`)],
  ['for an id that is too long', request => at(request, path => `${path}/${'a'.repeat(300)}`)],
  ['for a deeper path', request => at(request, path => `${path}/a/b/c`)],
  ['for the bare prefix', request => at(request, () => base)]
]

function at(request: InjectOptions, change: (path: string) => string): InjectOptions {
  const [path, ...search] = String(request.url).split('?')
  return { ...request, url: [change(path!), ...search].join('?') }
}

for (const [kind, handle] of [
  ['a handler that succeeds', () => {}],
  [
    'a handler that throws',
    () => {
      throw new Error('the handler is broken')
    }
  ]
] as const) {
  describe(`secrets stay out of logs and answers, with ${kind}`, async () => {
    const { app, logged } = await watched(handle)
    const statuses = new Set<number>()
    after(() => app.close())

    test('at the start', () => assert.deepEqual(leaks(logged()), []))

    for (const receiver of receivers) {
      test(receiver.name, async () => {
        const signed = await signedFor(receiver)
        for (const [what, change] of endings) {
          const { headers, body, statusCode } = await app.inject(change(signed, receiver))
          statuses.add(statusCode)
          const seen = leaks(`${logged()}\n${JSON.stringify(headers)}\n${body}`)
          assert.deepEqual(seen, [], `${what}: ${statusCode}`)
        }
      })
    }

    test('every kind of answer was among them', () => {
      const handled = kind === 'a handler that throws' ? 500 : 200
      for (const status of [handled, 400, 401, 404, 405, 413, 415]) assert.ok(statuses.has(status), String(status))
    })

    test('the verify token of a handshake, right and wrong', async () => {
      for (const given of [VERIFY_TOKEN, `${VERIFY_TOKEN}x`]) {
        const search = new URLSearchParams({ 'hub.mode': 'subscribe', 'hub.verify_token': given, 'hub.challenge': '7' })
        const { statusCode, body } = await app.inject(`${base}/meta?${search}`)
        assert.equal(statusCode, given === VERIFY_TOKEN ? 200 : 403)
        assert.deepEqual(leaks(logged() + body), [])
      }
    })
  })
}

test('these requests do reach the handlers, and the watcher does see', async () => {
  const { app, logged } = await watched(() => {})
  for (const receiver of receivers.filter(({ name }) => !['in-describe', 'throwing'].includes(name))) {
    assert.equal((await app.inject(await signedFor(receiver))).statusCode, 200, receiver.name)
    assert.match(logged(), /"msg":"handling"/, receiver.name)
  }
  app.log.info({ secret: secrets.github }, 'seen')
  assert.notDeepEqual(leaks(logged()), [])
})

test('an error of the vault, or of what it gives, does not show what it knows', async () => {
  const found: unknown[] = [
    { secrets: 'Canary as a text' },
    { secrets: [7, word('vault')] },
    { secrets: ['Canary'] },
    { secrets: [word('vault')], settings: { 'verify-token': { value: 'Canary' } } },
    { secrets: [word('vault')], settings: { unknown: 'Canary' } },
    'Canary'
  ]
  for (const input of found) {
    const { app, logged } = await watched(() => {}, { credentials: async () => input })
    const response = await app.inject(await signedFor(meta))
    assert.equal(response.statusCode, 503)
    assert.deepEqual(leaks(logged() + response.body + JSON.stringify(response.headers)), [], JSON.stringify(input))
  }
})

test('a configuration that is refused names the variables, not their texts', async () => {
  const wrong = [
    { WEBHOOKS_GITHUB_SECRET: 'Canary' },
    { WEBHOOKS_GITHUB_SECRETS: 'Canary-without-equals-sign' },
    { WEBHOOKS_GITHUB_SECRETS: 'not/an/id/Canary=x' },
    { WEBHOOKS_GITHUB_SECRETS: '{"acme": {"Canary": true}}' },
    { WEBHOOKS_GITHUB_SECRETS: '{"acme": "Canary' },
    { WEBHOOKS_GITHUB_SECRET_FILE: '/nowhere/Canary' },
    { WEBHOOKS_GITHUB_SECRET_PREVIOUS: 'Canary' },
    { WEBHOOKS_PUBLIC_URL: 'ftp://user:Canary@example.com' }
  ]
  for (const bad of wrong) {
    const { WEBHOOKS_GITHUB_SECRET: _, ...rest } = env
    const app = Fastify()
    await assert.rejects(
      async () => app.register(webhooks, { receivers, env: { ...rest, ...bad } }),
      (error: Error & { code?: string }) => {
        assert.equal(error.code, 'WEBHOOKS_INVALID_CONFIGURATION')
        assert.deepEqual(leaks(`${error.message}\n${error.stack}\n${JSON.stringify(error)}`), [])
        return true
      },
      JSON.stringify(bad)
    )
  }
})

test('an application’s own logger and serializers do not bring them back', async () => {
  const serializers = { req: (request: { url: string; headers: object }) => ({ url: request.url, ...request.headers }) }
  let log = ''
  const stream = new Writable({
    write(chunk, _encoding, done) {
      log += chunk
      done()
    }
  })
  const { app } = await watched(() => {}, {}, { logger: { level: 'trace', stream, serializers } })
  for (const receiver of [mailchimp, inHeader, inBasic]) {
    for (const [, change] of endings) await app.inject(change(await signedFor(receiver), receiver))
  }
  assert.match(log, /incoming request/)
  assert.deepEqual(leaks(log), [])
})

test('over a socket: cut off, late, and with expectations', async () => {
  const { app, logged } = await watched(() => {})
  await app.listen({ port: 0, host: '127.0.0.1' })
  const { port } = app.server.address() as AddressInfo
  const start = `POST ${base}/mailchimp?code=${secrets.mailchimp} HTTP/1.1\r\nhost: localhost\r\n`
  const requests = [
    `${start}content-length: 10\r\n\r\nabc`,
    `${start}transfer-encoding: chunked\r\n\r\n3\r\nabc\r\n`,
    `${start}expect: wonders\r\ncontent-length: 0\r\nconnection: close\r\n\r\n`,
    `${start}content-length: 99999999\r\n\r\n`
  ]
  for (const request of requests) {
    const socket = connect(port, '127.0.0.1')
    let answer = ''
    socket.on('data', chunk => {
      answer += chunk
    })
    socket.on('error', () => {})
    socket.write(request)
    await new Promise(resolve => socket.on('close', resolve))
    assert.match(answer, /^HTTP\/1\.1 4/)
    assert.deepEqual(leaks(answer + logged()), [])
  }
  await app.close()
})
