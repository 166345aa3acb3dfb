import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import Fastify from 'fastify'
import { github } from '../../receivers/github.ts'
import { slack } from '../../receivers/slack.ts'
import { FunctionHandler, on } from '../../src/handler.ts'
import type { Rejection } from '../../src/options.ts'
import webhooks from '../../src/plugin.ts'
import type { Delivery, Scheme } from '../../src/receiver.ts'
import { appWith, CODE, env, push, receivers, SECRET, signedPush } from './app.ts'

const base = '/api/webhooks/incoming'

describe('routes', () => {
  test('a signed request arrives as a delivery', async () => {
    const { app, arrived } = await appWith()
    const response = await app.inject(await signedPush())
    assert.equal(response.statusCode, 200)
    assert.equal(response.body, '')
    const [delivery] = arrived
    assert.equal(delivery!.receiver, 'github')
    assert.equal(delivery!.instance, '')
    assert.equal(delivery!.event, 'push')
    assert.equal(delivery!.id, 'd-1')
    assert.equal(delivery!.subject, 'octo/hello')
    assert.equal(delivery!.account, 'octo')
    assert.equal(delivery!.attempt, 1)
    assert.deepEqual(delivery!.data, JSON.parse(push))
    assert.equal(Buffer.from(delivery!.raw().body).toString(), push)
  })

  test('an id selects its own secret', async () => {
    const { app, arrived } = await appWith()
    const url = `${base}/github/acme`
    assert.equal((await app.inject(await signedPush({ url }))).statusCode, 401)
    assert.equal((await app.inject(await signedPush({ url, secret: `${SECRET}-of-acme` }))).statusCode, 200)
    assert.equal((await app.inject(await signedPush({ secret: `${SECRET}-of-acme` }))).statusCode, 401)
    assert.deepEqual(
      arrived.map(({ instance }) => instance),
      ['acme']
    )
  })

  test('receiver names are matched in any case, ids are not', async () => {
    const { app } = await appWith()
    assert.equal((await app.inject(await signedPush({ url: `${base}/GitHub` }))).statusCode, 200)
    const acme = { secret: `${SECRET}-of-acme` }
    assert.equal((await app.inject(await signedPush({ ...acme, url: `${base}/GITHUB/acme` }))).statusCode, 200)
    assert.equal((await app.inject(await signedPush({ ...acme, url: `${base}/github/ACME` }))).statusCode, 404)
  })

  for (const path of [
    '/gitlab',
    '/github/unknown',
    '/github/acme/more',
    '/',
    '',
    '/__proto__',
    '/github/__proto__',
    '/github/constructor',
    `/github/${'x'.repeat(500)}`,
    '/github/%2e%2e%2facme'
  ]) {
    test(`404 for ${path.slice(0, 40)}`, async () => {
      const { app, arrived } = await appWith()
      const response = await app.inject(await signedPush({ url: `${base}${path}` }))
      assert.equal(response.statusCode, 404)
      assert.deepEqual(arrived, [])
    })
  }

  test('a method that the receiver does not take gets 405 and the ones it takes', async () => {
    const { app } = await appWith()
    for (const method of ['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const) {
      const response = await app.inject({ method, url: `${base}/github` })
      assert.equal(response.statusCode, 405, method)
      assert.equal(response.headers.allow, 'POST')
    }
    assert.equal(
      (await app.inject({ method: 'PUT', url: `${base}/dropbox`, payload: '{}' })).headers.allow,
      'POST, GET'
    )
  })

  test('every answer carries the request id', async () => {
    const { app } = await appWith({}, { genReqId: () => 'request-77' })
    for (const request of [
      await signedPush(),
      await signedPush({ secret: 'another secret, not the one' }),
      await signedPush({ url: `${base}/gitlab` }),
      { method: 'GET' as const, url: `${base}/github` }
    ]) {
      assert.equal((await app.inject(request)).headers['x-request-id'], 'request-77')
    }
  })

  test('a handshake is answered, and its echo is no HTML', async () => {
    const { app, arrived } = await appWith()
    const response = await app.inject({ method: 'GET', url: `${base}/dropbox?challenge=%3Cscript%3E` })
    assert.equal(response.statusCode, 200)
    assert.equal(response.body, '<script>')
    assert.match(String(response.headers['content-type']), /^text\/plain/)
    assert.equal(response.headers['x-content-type-options'], 'nosniff')
    assert.deepEqual(arrived, [])
  })

  test('HEAD is answered without a body', async () => {
    const { app } = await appWith()
    const response = await app.inject({ method: 'HEAD', url: `${base}/gitlab` })
    assert.equal(response.statusCode, 404)
    assert.equal(response.body, '')
  })
})

describe('refusals', () => {
  test('whatever is wrong with a proof, the answer is the same', async () => {
    const { app } = await appWith()
    const bad = [
      await signedPush({ secret: 'another secret, not the one' }),
      await signedPush({ headers: { 'x-hub-signature-256': 'sha256=00' } }),
      await signedPush({ headers: { 'x-hub-signature-256': '' } })
    ]
    for (const request of bad) {
      const response = await app.inject(request)
      assert.equal(response.statusCode, 401)
      assert.equal(response.body, '{"error":"Unauthorized"}')
    }
  })

  test('onRejected hears the reason; what it throws changes nothing', async () => {
    const rejections: Rejection[] = []
    const { app } = await appWith({
      onRejected(rejection) {
        rejections.push(rejection)
        throw new Error('the counter is broken')
      }
    })
    assert.equal((await app.inject(await signedPush({ secret: 'another secret, not the one' }))).statusCode, 401)
    assert.equal((await app.inject(await signedPush({ url: `${base}/github/unknown` }))).statusCode, 404)
    assert.deepEqual(rejections, [
      { receiver: 'github', instance: '', stage: 'proof', reason: 'signature-mismatch', status: 401 },
      { receiver: 'github', instance: 'unknown', stage: 'request', reason: 'unknown-instance', status: 404 }
    ])
  })

  test('two signature headers are refused, though Node would join them', async () => {
    const { app } = await appWith()
    const request = await signedPush()
    const signature = request.headers['x-hub-signature-256']
    const response = await app.inject({
      ...request,
      headers: { ...request.headers, 'x-hub-signature-256': [signature, signature] as never }
    })
    assert.equal(response.statusCode, 401)
  })
})

describe('handlers', () => {
  const failing = (error: unknown) =>
    new FunctionHandler(on('**'), { name: 'failing' }, () => {
      throw error
    })

  test('a delivery that nobody accepts gets its 2xx', async () => {
    const { app } = await appWith({ handlers: [] })
    assert.equal((await app.inject(await signedPush())).statusCode, 200)
  })

  for (const error of [new Error('broken'), undefined, 'text', Object.assign(new Error('x'), { statusCode: 204 })]) {
    test(`a handler that throws ${error} gives 500, so that the provider tries again`, async () => {
      const { app } = await appWith({ handlers: [failing(error)] })
      const response = await app.inject(await signedPush())
      assert.equal(response.statusCode, 500)
      assert.equal(response.body, '{"error":"Internal Server Error"}')
    })
  }

  test('a handler’s reply is the answer', async () => {
    const { app } = await appWith({ handlers: [] })
    app.webhooks.on(slack, '/weather', { name: 'weather' }, ({ data }, { reply }) =>
      reply({ status: 200, headers: { 'x-by': 'weather' }, body: { text: `Sunny in ${data.text}` } })
    )
    const body = Buffer.from('command=%2Fweather&text=94070&trigger_id=1')
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    const signed = await slack.scheme.sign!({ method: 'POST', url: '', headers, body }, SECRET, new Date())
    const response = await app.inject({
      method: 'POST',
      url: `${base}/slack`,
      headers: signed.headers as any,
      payload: body
    })
    assert.deepEqual(response.json(), { text: 'Sunny in 94070' })
    assert.equal(response.headers['x-by'], 'weather')
  })

  test('onDelivery sees every delivery before its handlers; what it throws changes nothing', async () => {
    const seen: string[] = []
    const { app } = await appWith({
      onDelivery(delivery: Delivery) {
        seen.push(`counted ${delivery.event}`)
        throw new Error('the counter is broken')
      },
      handlers: [new FunctionHandler(on(github, 'push'), { name: 'push' }, () => void seen.push('handled'))]
    })
    assert.equal((await app.inject(await signedPush())).statusCode, 200)
    assert.deepEqual(seen, ['counted push', 'handled'])
  })

  test('no handler can be added once the server is ready, and none of an unknown receiver before', async () => {
    const { app } = await appWith()
    assert.throws(() => app.webhooks.on({ ...github, name: 'gitea' as const }, 'push', { name: 'x' }, () => {}), {
      code: 'WEBHOOKS_INVALID_HANDLER'
    })
    await app.ready()
    assert.throws(() => app.webhooks.on(github, 'push', { name: 'late' }, () => {}), /the server is ready/)
  })

  test('the signal aborts when the application closes, and the request in flight gets its answer', async () => {
    const { promise: started, resolve: start } = Promise.withResolvers<void>()
    const patient = new FunctionHandler(on('**'), { name: 'patient' }, (_delivery, { signal }) => {
      start()
      return new Promise<void>(done => signal.addEventListener('abort', () => done()))
    })
    const { app } = await appWith({ handlers: [patient] })
    const answer = app.inject(await signedPush())
    await started
    await app.close()
    assert.equal((await answer).statusCode, 200)
  })
})

describe('start', () => {
  test('stops without secrets, and names the variables', async () => {
    const app = Fastify()
    await assert.rejects(
      async () => app.register(webhooks, { env: {}, receivers: [github, slack] }),
      (error: any) => {
        assert.equal(error.code, 'WEBHOOKS_INVALID_CONFIGURATION')
        assert.match(error.message, /WEBHOOKS_GITHUB_SECRET/)
        assert.match(error.message, /WEBHOOKS_SLACK_SECRET/)
        return true
      }
    )
  })

  test('the log lists each receiver and id with its URL, and no secret', async () => {
    const lines: string[] = []
    const stream = { write: (line: string) => void lines.push(line) }
    const { app } = await appWith({ publicUrl: 'https://hooks.example.com/in' }, { logger: { level: 'trace', stream } })
    await app.ready()
    const urls = lines.map(line => JSON.parse(line)).filter(({ msg }) => msg === 'webhooks are received here')
    assert.deepEqual(
      urls.filter(({ receiver }) => receiver === 'github').map(({ instance, url }) => [instance, url]),
      [
        ['', 'https://hooks.example.com/in/api/webhooks/incoming/github'],
        ['acme', 'https://hooks.example.com/in/api/webhooks/incoming/github/acme']
      ]
    )
    assert.equal(urls.length, 6)
    for (const secret of Object.values(env)) assert.ok(!lines.join('').includes(secret.split('=').at(-1)!))
    assert.deepEqual(app.webhooks.instances.length, 6)
  })

  test('a password in the public URL is signed by providers, and not shown', async () => {
    const lines: string[] = []
    const stream = { write: (line: string) => void lines.push(line) }
    const signed: string[] = []
    const verify: Scheme['verify'] = ({ url }) => {
      signed.push(url)
      return { ok: true, secret: 0 }
    }
    const options = {
      publicUrl: 'https://user:pa55word@hooks.example.com/in',
      receivers: [{ ...github, scheme: { ...github.scheme, verify } }]
    }
    const { app, arrived } = await appWith(options, { logger: { level: 'trace', stream } })
    await app.inject(await signedPush())
    assert.deepEqual(signed, [`https://user:pa55word@hooks.example.com/in${base}/github`])
    assert.equal(arrived[0]!.raw().url, `https://hooks.example.com/in${base}/github`)
    assert.equal(app.webhooks.instances[0]!.url, `https://hooks.example.com/in${base}/github`)
    assert.ok(!lines.join('').includes('pa55word'))
  })

  test('a second registration needs a name of its own', async () => {
    const { app } = await appWith()
    await assert.rejects(async () => app.register(webhooks, { env, receivers, prefix: '/second' }), {
      code: 'WEBHOOKS_ALREADY_REGISTERED'
    })
  })

  test('two registrations live side by side', async () => {
    const { app } = await appWith({ handlers: [] })
    const second: string[] = []
    await app.register(webhooks, {
      receivers: [github],
      env: { WEBHOOKS_GITHUB_SECRET: 'the-secret-of-the-second' },
      prefix: '/second',
      decorateAs: 'second',
      handlers: [new FunctionHandler(on(github, '**'), { name: 'second' }, ({ event }) => void second.push(event))]
    })
    assert.equal(
      (await app.inject(await signedPush({ url: '/second/github', secret: 'the-secret-of-the-second' }))).statusCode,
      200
    )
    assert.equal((await app.inject(await signedPush({ url: '/second/github' }))).statusCode, 401)
    assert.equal((await app.inject(await signedPush())).statusCode, 200)
    assert.deepEqual(second, ['push'])
  })

  test('it works inside an encapsulated context, under its prefix, and is seen only there', async () => {
    const app = Fastify()
    await app.register(
      async scope => {
        await scope.register(webhooks, { env, receivers })
        assert.ok(scope.webhooks)
      },
      { prefix: '/v1' }
    )
    assert.equal((await app.inject(await signedPush({ url: `/v1${base}/github` }))).statusCode, 200)
    assert.equal((await app.inject(await signedPush())).statusCode, 404)
    assert.equal(app.webhooks, undefined)
  })
})

describe('credentials from a function', () => {
  const secrets = [SECRET]

  test('tenants are looked up; an unknown one gets 404, a broken vault 503 and Retry-After', async () => {
    const rejections: Rejection[] = []
    const { app, arrived } = await appWith({
      env: {},
      receivers: [github],
      onRejected: rejection => void rejections.push(rejection),
      credentials: async (_receiver, instance) => {
        if (instance === 'broken') throw new Error('the vault is sealed')
        return instance === 'tenant' ? { secrets } : undefined
      }
    })
    assert.equal((await app.inject(await signedPush({ url: `${base}/github/tenant` }))).statusCode, 200)
    assert.equal((await app.inject(await signedPush({ url: `${base}/github/nobody` }))).statusCode, 404)
    const broken = await app.inject(await signedPush({ url: `${base}/github/broken` }))
    assert.equal(broken.statusCode, 503)
    assert.equal(broken.headers['retry-after'], '30')
    assert.ok(!broken.body.includes('sealed'))
    assert.equal(arrived.length, 1)
    assert.deepEqual(
      rejections.map(({ reason }) => reason),
      ['unknown-instance', 'credentials-unavailable']
    )
  })
})

describe('HTTPS', () => {
  const url = `${base}/mailchimp?code=${CODE}`
  const form = { 'content-type': 'application/x-www-form-urlencoded' }
  const request = { method: 'POST' as const, url, headers: form, payload: 'type=subscribe&data[email]=a%40example.com' }

  test('a code in the URL may come straight from loopback, and from nowhere else', async () => {
    const { app } = await appWith()
    assert.equal((await app.inject(request)).statusCode, 200)
    assert.equal((await app.inject({ ...request, remoteAddress: '203.0.113.9' })).statusCode, 403)
    assert.equal((await app.inject({ ...request, remoteAddress: '::ffff:127.0.0.1' })).statusCode, 200)
    for (const name of ['forwarded', 'x-forwarded-for', 'x-forwarded-proto', 'x-real-ip', 'via']) {
      assert.equal((await app.inject({ ...request, headers: { ...form, [name]: 'https' } })).statusCode, 403, name)
    }
  })

  test('with trustProxy, the proxy’s word counts', async () => {
    const { app } = await appWith({}, { trustProxy: true })
    const through = (proto: string) => ({
      ...request,
      headers: { ...form, 'x-forwarded-proto': proto, 'x-forwarded-for': '203.0.113.9' }
    })
    assert.equal((await app.inject(through('https'))).statusCode, 200)
    assert.equal((await app.inject(through('http'))).statusCode, 403)
  })

  test('requireHttps: false lets it in', async () => {
    const { app } = await appWith({ requireHttps: false })
    assert.equal((await app.inject({ ...request, remoteAddress: '203.0.113.9' })).statusCode, 200)
  })

  test('a proof that covers the body needs no HTTPS', async () => {
    const { app } = await appWith()
    assert.equal((await app.inject({ ...(await signedPush()), remoteAddress: '203.0.113.9' })).statusCode, 200)
  })
})
