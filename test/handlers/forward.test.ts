import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, beforeEach, describe, test } from 'node:test'
import { inspect } from 'node:util'
import Fastify from 'fastify'
import { Forward, type ForwardOptions } from '../../handlers/forward.ts'
import { github } from '../../receivers/github.ts'
import { basic, hmac, none, type Scheme } from '../../src/kit.ts'
import { receive } from '../../src/receive.ts'
import { appWith, push, SECRET, signedPush } from '../plugin/app.ts'
import { contextWith, deliveryWith, everything } from './deliveries.ts'

/** For tests that would never end if they failed. */
const BOUND = { timeout: 20_000 }

interface Arrived {
  readonly method: string
  readonly url: string
  readonly headers: Record<string, string>
  readonly body: Buffer
}

/** The target. `answer` is what it does with a request. */
const server = createServer(async (request, response) => {
  arrived.push(await whole(request))
  answer(request, response)
})
let arrived: Arrived[]
let answer: RequestListener
let origin: string

before(async () => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
beforeEach(() => {
  arrived = []
  answer = status(204)
})
after(() => {
  server.closeAllConnections()
  server.close()
})

function status(code: number, headers: Record<string, string> = {}): RequestListener {
  return (_request, response) => void response.writeHead(code, headers).end()
}

async function whole(request: IncomingMessage): Promise<Arrived> {
  const chunks = await request.toArray()
  const { method, url, headers } = request
  return { method: method!, url: url!, headers: headers as Record<string, string>, body: Buffer.concat(chunks) }
}

function forward(options: Partial<ForwardOptions> = {}): Forward {
  return new Forward({ accepts: everything, to: `${origin}/in/path-code?code=query-code`, ...options })
}

/** The error, which shows nothing of the target but its origin: neither in its message nor in its causes, nor in the log. */
async function failureOf(handler: Forward, signal?: AbortSignal): Promise<Error & { code?: string }> {
  const context = contextWith(signal)
  const error = await handler.handle(deliveryWith(), context).then(
    () => assert.fail('it did not fail'),
    (error: unknown) => error as Error
  )
  const shown = inspect(error, { depth: 10, showHidden: true }) + context.logged()
  for (const secret of ['path-code', 'query-code', 'spaced']) assert.ok(!shown.includes(secret), shown)
  return error
}

test('the target gets the bytes as they came, and what the delivery is', async () => {
  const { app } = await appWith({ handlers: [forward()] })
  assert.equal(
    (await app.inject(await signedPush({ url: '/api/webhooks/incoming/github/acme', secret: `${SECRET}-of-acme` })))
      .statusCode,
    200
  )
  const [{ method, url, headers, body }] = arrived as [Arrived]
  assert.deepEqual([method, url, body.toString()], ['POST', '/in/path-code?code=query-code', push])
  assert.equal(headers['content-type'], 'application/json')
  assert.equal(headers['x-github-event'], 'push')
  assert.equal(headers.host, origin.replace('http://', ''))
  const ours = Object.entries(headers).filter(([name]) => name.startsWith('posthorn-'))
  assert.deepEqual(Object.fromEntries(ours), {
    'posthorn-receiver': 'github',
    'posthorn-instance': 'acme',
    'posthorn-event': 'push',
    'posthorn-id': 'd-1'
  })
})

test('the provider’s signature comes along, and still proves the request', async () => {
  const { app } = await appWith({ handlers: [forward()] })
  await app.inject(await signedPush())
  const credentials = { secrets: [SECRET], settings: {}, fetch }
  assert.equal((await receive(github, '', arrived[0]!, credentials, new Date())).kind, 'accepted')
})

test('a provider learns that it should try again, and nothing more', async () => {
  answer = status(503)
  const { app } = await appWith({ handlers: [forward()] })
  const response = await app.inject(await signedPush())
  assert.equal(response.statusCode, 500)
  assert.deepEqual(response.json(), { error: 'Internal Server Error' })
})

test('a request signed anew proves itself by the scheme and key of the target', async () => {
  const scheme = hmac({
    header: 'x-signature',
    hash: 'sha256',
    encoding: 'hex',
    timestamp: { header: 'x-time', as: 'seconds' }
  })
  const handler = forward({ sign: { scheme, key: 'the-key-of-the-target' } })
  await handler.handle(deliveryWith({}, { 'x-signature': 'the-providers' }), contextWith())
  const credentials = { secrets: ['the-key-of-the-target'], settings: {}, fetch }
  assert.deepEqual(await scheme.verify(arrived[0]!, credentials, new Date()), { ok: true, secret: 0 })
})

test('a user and password go by the scheme basic()', async () => {
  await forward({ sign: { scheme: basic(), key: 'me:pässword' } }).handle(deliveryWith(), contextWith())
  assert.equal(arrived[0]!.headers.authorization, `Basic ${Buffer.from('me:pässword').toString('base64')}`)
})

describe('headers', () => {
  const names = (): string[] => Object.keys(arrived[0]!.headers)

  test('what may be a secret stays here', async () => {
    const secrets = {
      authorization: 'Bearer s',
      'proxy-authorization': 'Basic s',
      cookie: 'sid=s',
      'x-api-key': 's',
      apikey: 's',
      'x-auth': 's',
      'x-gitlab-token': 's',
      'x-shared-secret': 's',
      'x-password': 's',
      'x-session-id': 's',
      'cf-access-jwt-assertion': 's',
      'x-amzn-oidc-data': 's',
      'x-forwarded-access-token': 's'
    }
    await forward().handle(deliveryWith({}, secrets), contextWith())
    assert.deepEqual(
      names().filter(name => name in secrets),
      []
    )
  })

  test('a key that only names something comes along: the target may need it to verify', async () => {
    const keys = { 'x-pusher-key': 'app', 'x-event-key': 'repo:push', 'idempotency-key': '1' }
    await forward().handle(deliveryWith({}, keys), contextWith())
    for (const [name, value] of Object.entries(keys)) assert.equal(arrived[0]!.headers[name], value)
  })

  test('what belongs to the way to us stays here', async () => {
    const way = {
      ':path': '/',
      te: 'trailers',
      trailer: 'x',
      upgrade: 'h2c',
      'http2-settings': 'x',
      expect: '100-continue',
      forwarded: 'for=192.0.2.1',
      'x-forwarded-for': '192.0.2.1',
      'x-forwarded-host': 'hooks.example',
      'x-real-ip': '192.0.2.1',
      via: '1.1 proxy',
      'content-encoding': 'identity'
    }
    const wrong = {
      host: 'hooks.example',
      'content-length': '999',
      connection: 'x-hop',
      'accept-encoding': 'secret-squeeze'
    }
    await forward().handle(
      deliveryWith({}, { ...way, ...wrong, 'transfer-encoding': 'chunked', 'keep-alive': 'timeout=5' }),
      contextWith()
    )
    assert.deepEqual(
      names().filter(name => name in way),
      []
    )
    for (const [name, value] of Object.entries(wrong)) assert.notEqual(arrived[0]!.headers[name], value)
    assert.equal(arrived[0]!.body.toString(), '{ "spaced" : 1 }')
  })

  test('what providers need for their own proofs passes', async () => {
    const proofs = {
      'user-agent': 'GitHub-Hookshot/1',
      'stripe-signature': 't=1,v1=00',
      'x-hub-signature-256': 'sha256=00',
      'x-slack-request-timestamp': '1',
      'webhook-id': 'msg_1',
      'paypal-auth-algo': 'SHA256withRSA',
      'paypal-cert-url': 'https://api.paypal.com/v1/notifications/certs/x'
    }
    await forward().handle(deliveryWith({}, proofs), contextWith())
    for (const [name, value] of Object.entries(proofs)) assert.equal(arrived[0]!.headers[name], value, name)
  })

  test('one that came twice arrives twice', async () => {
    await forward().handle(deliveryWith({}, { 'x-list': ['a', 'b'] }), contextWith())
    assert.equal(arrived[0]!.headers['x-list'], 'a, b')
  })

  test('nobody but us says what the delivery is', async () => {
    const forged = { 'posthorn-id': 'forged', 'posthorn-instance': 'forged', 'posthorn-admin': 'forged' }
    await forward().handle(deliveryWith({ id: undefined }, forged), contextWith())
    assert.deepEqual(
      names().filter(name => name.startsWith('posthorn-')),
      ['posthorn-receiver', 'posthorn-event']
    )
  })

  test('an event or id of any text is one header, and can be read back', async () => {
    const event = 'zahlung ü 100%\r\nx-forged: 1 😀'
    await forward().handle(deliveryWith({ event, id: '\ud800' }), contextWith())
    assert.equal(decodeURIComponent(arrived[0]!.headers['posthorn-event']!), event)
    assert.equal(arrived[0]!.headers['posthorn-id'], '%EF%BF%BD')
    assert.equal(arrived[0]!.headers['x-forged'], undefined)
  })
})

describe('failures', () => {
  for (const code of [400, 404, 410, 429, 500]) {
    test(`an answer ${code} is one`, async () => {
      answer = status(code)
      const error = await failureOf(forward())
      assert.equal(error.code, 'WEBHOOKS_FORWARD_FAILED')
      assert.equal(error.message, `Did not forward the request to ${origin}: it answered ${code}.`)
    })
  }

  test('a redirect is one: the request goes nowhere else', async () => {
    answer = status(307, { location: `${origin}/elsewhere` })
    assert.match((await failureOf(forward())).message, /it answered 307\.$/)
    assert.equal(arrived.length, 1)
  })

  test('a connection that breaks is one', async () => {
    answer = request => void request.socket.destroy()
    assert.match((await failureOf(forward())).message, /it failed with [A-Z_]+\.$/)
  })

  test('a target that does not listen is one', async () => {
    const closed = createServer().listen(0, '127.0.0.1')
    await once(closed, 'listening')
    const { port } = closed.address() as AddressInfo
    closed.close()
    await once(closed, 'close')
    const error = await failureOf(forward({ to: `http://127.0.0.1:${port}/path-code?code=query-code` }))
    assert.match(error.message, /it failed with ECONNREFUSED\.$/)
  })

  test('what another fetch throws is not repeated', async () => {
    const rude: typeof fetch = async url => {
      throw new TypeError(`fetch ${url} failed`, { cause: new Error(`${url}`) })
    }
    assert.match((await failureOf(forward({ fetch: rude }))).message, /it failed with TypeError\.$/)
  })

  test('a scheme that cannot sign this request is one, and nothing is sent', async () => {
    const scheme: Scheme = { ...none({ because: 'a test' }), sign: ({ body }) => assert.fail(String(body)) }
    assert.match(
      (await failureOf(forward({ sign: { scheme, key: 'key' } }))).message,
      /it failed with ERR_ASSERTION\.$/
    )
    assert.equal(arrived.length, 0)
  })

  test('the time-out ends a request that is not answered', BOUND, async () => {
    const controller = new AbortController()
    const reason = new Error('too late')
    let closed: Promise<unknown> | undefined
    answer = (request): void => {
      closed = once(request.socket, 'close')
      controller.abort(reason)
    }
    assert.equal(await failureOf(forward(), controller.signal), reason)
    await closed
  })
})

test('an answer without end is cut off, and its status counts', BOUND, async () => {
  let closed: Promise<unknown> | undefined
  answer = (_request, response): void => {
    closed = once(response, 'close')
    response.writeHead(200)
    pour(response)
  }
  await forward().handle(deliveryWith(), contextWith())
  await closed
})

function pour(response: ServerResponse): void {
  while (!response.destroyed && response.write('x'.repeat(16 * 1024))) {}
  if (!response.destroyed) response.once('drain', () => pour(response))
}

test('what was forwarded is logged without the path', async () => {
  const context = contextWith()
  await forward().handle(deliveryWith(), context)
  assert.match(context.logged(), /"status":204/)
  assert.ok(context.logged().includes(origin) && !context.logged().includes('code'))
})

test('a target that cannot be used stops the start, and is not repeated', () => {
  const verifying = none({ because: 'a test' })
  const wrong: [Partial<ForwardOptions>, RegExp][] = [
    [{ to: '' }, /must be an http or https URL/],
    [{ to: 'hooks.example/my-code' }, /must be an http or https URL/],
    [{ to: 'file:///my-code' }, /must be an http or https URL/],
    [{ to: 'ftp://hooks.example/my-code' }, /must be an http or https URL/],
    [{ to: 'https://me@hooks.example/my-code' }, /names a user/],
    [{ to: 'https://me:my-code@hooks.example' }, /names a user/],
    [{ sign: { scheme: verifying, key: 'my-code' } }, /can only verify/],
    [{ sign: { scheme: basic(), key: '' } }, /is empty/]
  ]
  for (const [options, message] of wrong) {
    assert.throws(
      () => forward(options),
      (error: Error & { code?: string }) =>
        error.code === 'WEBHOOKS_INVALID_HANDLER' && message.test(error.message) && !inspect(error).includes('my-code')
    )
  }
})

test('name, order and time-out are as given, or the defaults', () => {
  const { name, order, timeout, accepts } = forward()
  assert.deepEqual([name, order, timeout, accepts], ['forward', 50, 30_000, everything])
  const given = forward({ name: 'mirror', order: 7, timeout: 1000 })
  assert.deepEqual([given.name, given.order, given.timeout], ['mirror', 7, 1000])
})

test('the example forwards a push to both targets, signed anew for the second', async () => {
  const { forwardPushes } = await import('../../docs/examples/forward.ts')
  const app = Fastify()
  const key = 'the-key-of-the-audit'
  process.env.WEBHOOKS_GITHUB_SECRET = SECRET
  try {
    await forwardPushes(app, { builds: `${origin}/builds`, audit: `${origin}/audit`, key })
  } finally {
    delete process.env.WEBHOOKS_GITHUB_SECRET
  }
  assert.equal((await app.inject(await signedPush())).statusCode, 200)
  assert.deepEqual(
    arrived.map(({ url, headers }) => [url, 'x-signature' in headers]),
    [
      ['/builds', false],
      ['/audit', true]
    ]
  )
})
