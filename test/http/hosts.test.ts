/** One table, and every host must pass it. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request as open } from 'node:http'
import { connect } from 'node:net'
import { after, describe, test } from 'node:test'
import { github } from '../../receivers/github.ts'
import { slack } from '../../receivers/slack.ts'
import { StoreUnavailable } from '../../src/errors.ts'
import { FunctionHandler, on } from '../../src/handler.ts'
import type { Rejection, WebhooksOptions } from '../../src/options.ts'
import type { AnyReceiver, Delivery } from '../../src/receiver.ts'
import { CODE, env, push, receivers, SECRET, signedPush } from '../plugin/app.ts'
import { memoryStore } from '../store/memory.ts'
import { type Answered, answerTo, hosts, type Sent, type Started, send } from './hosts.ts'

const base = '/api/webhooks/incoming'

for (const host of hosts) {
  describe(host.name, () => {
    const started: Started[] = []
    after(async () => {
      for (const one of started) await one.close()
    })

    /** Webhooks in this host, and what reached them. */
    async function start(options: Partial<WebhooksOptions> = {}) {
      const arrived: Delivery[] = []
      const rejections: Rejection[] = []
      const recorder = new FunctionHandler(on('**'), { name: 'recorder' }, delivery => void arrived.push(delivery))
      const one = await host.start({
        ...{ env, receivers, handlers: [recorder], onRejected: rejection => void rejections.push(rejection) },
        ...options
      })
      started.push(one)
      const { port, webhooks } = one
      return { port, webhooks, arrived, rejections, send: (sent: Sent): Promise<Answered> => send(port, sent) }
    }

    test('a signed request arrives as a delivery', async () => {
      const { send, arrived } = await start()
      const { status, body } = await send(await signedPush())
      assert.deepEqual([status, body], [200, ''])
      const { receiver, instance, event, id, subject, data } = arrived[0]!
      assert.deepEqual([receiver, instance, event, id, subject], ['github', '', 'push', 'd-1', 'octo/hello'])
      assert.deepEqual(data, JSON.parse(push))
    })

    test('a forged one does not, and learns nothing', async () => {
      const { send, arrived, rejections } = await start()
      const { status, body, headers } = await send(await signedPush({ secret: 'another secret, not the one' }))
      assert.deepEqual([status, body], [401, '{"error":"Unauthorized"}'])
      assert.match(headers['content-type']!, /^application\/json/)
      assert.deepEqual(arrived, [])
      assert.deepEqual(rejections, [
        { receiver: 'github', instance: '', stage: 'proof', reason: 'signature-mismatch', status: 401 }
      ])
    })

    test('a signature that comes twice is refused', async () => {
      const { send } = await start()
      const { headers, ...rest } = await signedPush()
      const signature = headers['x-hub-signature-256']!
      const twice = { ...headers, 'x-hub-signature-256': [signature, signature] }
      assert.equal((await send({ ...rest, headers: twice })).status, 401)
    })

    test('a header with the name of something else is a header', async () => {
      const { send } = await start()
      for (const name of ['constructor', '__proto__']) {
        const request = await signedPush({ headers: { [name]: 'x' } })
        assert.equal((await send(request)).status, 200, name)
      }
    })

    test('an id has its own secret', async () => {
      const { send, arrived } = await start()
      const url = `${base}/GitHub/acme`
      assert.equal((await send(await signedPush({ url }))).status, 401)
      assert.equal((await send(await signedPush({ url, secret: `${SECRET}-of-acme` }))).status, 200)
      assert.equal(arrived[0]!.instance, 'acme')
    })

    for (const path of [
      '/gitlab',
      '/github/unknown',
      '/github/acme/more',
      '',
      '/',
      '/__proto__',
      '/github/__proto__'
    ]) {
      test(`404 for ${path || 'the prefix'}`, async () => {
        const { send, arrived } = await start()
        assert.equal((await send(await signedPush({ url: `${base}${path}` }))).status, 404)
        assert.deepEqual(arrived, [])
      })
    }

    test('an id that is no text is refused', async () => {
      const { send } = await start()
      const { status } = await send(await signedPush({ url: `${base}/github/%E0%A4%A` }))
      // Fastify does not let it come so far.
      assert.equal(status, host.name === 'Fastify' ? 400 : 404)
    })

    test('what only begins like the prefix is not ours', async () => {
      const { send, rejections } = await start()
      const { status } = await send(await signedPush({ url: `${base}-others/github` }))
      assert.equal(status, 404)
      if (host.name.startsWith('Express')) assert.deepEqual(rejections, [])
    })

    test('a challenge is heard again, as text that nobody sniffs', async () => {
      const { send } = await start()
      const { status, body, headers } = await send({ url: `${base}/dropbox?challenge=%3Cb%3E` })
      assert.deepEqual([status, body], [200, '<b>'])
      assert.deepEqual(
        [headers['content-type'], headers['x-content-type-options']],
        ['text/plain; charset=utf-8', 'nosniff']
      )
    })

    test('a method that the receiver does not take gets 405 and the ones it takes', async () => {
      const { send } = await start()
      for (const method of ['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
        const { status, headers, body } = await send({ method, url: `${base}/github` })
        assert.deepEqual([status, headers.allow], [405, 'POST'], method)
        assert.equal(body === '', method === 'HEAD')
      }
    })

    test('a compressed body gets 415', async () => {
      const { send } = await start()
      assert.equal((await send(await signedPush({ headers: { 'content-encoding': 'gzip' } }))).status, 415)
    })

    test('a body that is announced too large gets 413 before it comes', async () => {
      const { port, rejections } = await start()
      const headers = { 'content-length': '99999999' }
      const request = open({ port, method: 'POST', path: `${base}/bitbucket`, agent: false, headers })
      request.flushHeaders()
      assert.equal((await answerTo(request)).status, 413)
      assert.equal(rejections[0]!.reason, 'body-too-large')
    })

    test('a body that turns out too large gets 413 while it is coming', async () => {
      const { port } = await start()
      const request = open({ port, method: 'POST', path: `${base}/bitbucket`, agent: false })
      request.write('x'.repeat(1024 * 1024 + 1))
      assert.equal((await answerTo(request)).status, 413)
    })

    test('a body that does not come in time gets 408', async () => {
      const { port, rejections } = await start({ bodyTimeout: 100 })
      const request = open({ port, method: 'POST', path: `${base}/github`, agent: false })
      request.write('{')
      assert.equal((await answerTo(request)).status, 408)
      assert.equal(rejections[0]!.reason, 'body-timeout')
    })

    test('a sender that hangs up half way leaves nothing behind', async () => {
      const { port, arrived, send, rejections } = await start()
      assert.equal((await send({ url: `${base}/github` })).status, 405)
      const socket = connect(port, '127.0.0.1')
      socket.on('error', () => {})
      socket.write(`POST ${base}/github HTTP/1.1\r\nhost: localhost\r\ncontent-length: 100\r\n\r\n{`)
      setTimeout(() => socket.destroy(), 50)
      await once(socket, 'close')
      for (let turn = 0; rejections.length < 2 && turn < 100_000; turn++) await new Promise(setImmediate)
      assert.equal(rejections[1]!.reason, 'body-aborted')
      assert.deepEqual(arrived, [])
      assert.equal((await send(await signedPush())).status, 200)
    })

    test('requests in a pipeline are answered in their order', async () => {
      const { port, arrived } = await start()
      const text = async (changes: object, more = '') => {
        const { url, headers } = await signedPush(changes)
        const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
        const length = `content-length: ${Buffer.byteLength(push)}\r\n`
        return `POST ${url} HTTP/1.1\r\nhost: localhost\r\n${lines.join('')}${length}${more}\r\n${push}`
      }
      const socket = connect(port, '127.0.0.1')
      socket.write((await text({})) + (await text({ secret: 'another secret, not the one' })))
      socket.write(await text({}, 'connection: close\r\n'))
      const answers = String(Buffer.concat(await socket.toArray()))
      const statuses = [...answers.matchAll(/HTTP\/1\.1 (\d+)/g)].map(match => match[1])
      assert.deepEqual([statuses, arrived.length], [['200', '401', '200'], 2])
    })

    test('a body without a content type, or of a malformed one, is read', async () => {
      const { send, arrived } = await start()
      for (const type of ['not a type', 'text/plain', undefined]) {
        const { headers, ...rest } = await signedPush()
        const { 'content-type': _, ...bare } = headers
        assert.equal(
          (await send({ ...rest, headers: type === undefined ? bare : { ...bare, 'content-type': type } })).status,
          200
        )
      }
      assert.equal(arrived.length, 3)
    })

    test('a handler’s reply is the answer', async () => {
      const answer = new FunctionHandler(on(slack, '/weather'), { name: 'weather' }, ({ data }, { reply }) =>
        reply({ status: 200, headers: { 'x-by': 'weather' }, body: { text: `Sunny in ${data.text}` } })
      )
      const { send } = await start({ handlers: [answer] })
      const payload = Buffer.from('command=%2Fweather&text=94070&trigger_id=1')
      const form = { 'content-type': 'application/x-www-form-urlencoded' }
      const unsigned = { method: 'POST', url: '', headers: form, body: payload }
      const { headers } = await slack.scheme.sign!(unsigned, SECRET, new Date())
      const answered = await send({
        ...{ method: 'POST', url: `${base}/slack`, payload },
        headers: headers as Record<string, string>
      })
      assert.deepEqual(JSON.parse(answered.body), { text: 'Sunny in 94070' })
      assert.equal(answered.headers['x-by'], 'weather')
      assert.match(answered.headers['content-type']!, /^application\/json/)
    })

    test('a handler that throws gives 500, and a body that is no JSON 400', async () => {
      const { send } = await start({
        handlers: [
          new FunctionHandler(on('**'), { name: 'reads' }, ({ data }) => {
            if (data.ref !== undefined) throw new Error('broken')
          })
        ]
      })
      const { status, body } = await send(await signedPush())
      assert.deepEqual([status, body], [500, '{"error":"Internal Server Error"}'])
      assert.equal((await send(await signedPush({ body: '{"ref":' }))).status, 400)
    })

    test('a code in the URL demands HTTPS from whoever comes through a proxy', async () => {
      const form = { 'content-type': 'application/x-www-form-urlencoded' }
      const url = `${base}/mailchimp?code=${CODE}`
      const sent = { method: 'POST', url, headers: form, payload: 'type=subscribe&data[email]=a%40example.com' }
      const forwarded = { ...sent, headers: { ...form, 'x-forwarded-for': '203.0.113.9' } }
      const strict = await start()
      assert.equal((await strict.send(forwarded)).status, 403)
      // A `Request` does not say where it comes from.
      assert.equal((await strict.send(sent)).status, host.name === 'fetch' ? 403 : 200)
      const lax = await start({ requireHttps: false })
      assert.equal((await lax.send(forwarded)).status, 200)
    })

    test('what is signed is the public URL, whatever the Host header says', async () => {
      const urls: string[] = []
      const signer: AnyReceiver = {
        ...github,
        scheme: {
          ...github.scheme,
          verify({ url }) {
            urls.push(url)
            return { ok: true, secret: 0 }
          }
        }
      }
      const { send } = await start({ receivers: [signer], publicUrl: 'https://hooks.example.com/in' })
      const request = await signedPush({ url: `${base}/github?a=1&b=%20`, headers: { host: 'evil.example' } })
      assert.equal((await send(request)).status, 200)
      assert.deepEqual(urls, [`https://hooks.example.com/in${base}/github?a=1&b=%20`])
    })

    test('credentials from a function: a broken vault is 503, an unknown tenant 404', async () => {
      const { send } = await start({
        env: {},
        receivers: [github],
        async credentials(_receiver, instance) {
          if (instance === 'broken') throw new Error('the vault is sealed')
          return instance === 'tenant' ? { secrets: [SECRET] } : undefined
        }
      })
      assert.equal((await send(await signedPush({ url: `${base}/github/tenant` }))).status, 200)
      assert.equal((await send(await signedPush({ url: `${base}/github/nobody` }))).status, 404)
      const { status, headers, body } = await send(await signedPush({ url: `${base}/github/broken` }))
      assert.deepEqual([status, headers['retry-after'], body], [503, '30', '{"error":"Service Unavailable"}'])
    })

    test('with an inbox it is stored before the answer, handled afterwards, and known when it comes again', async () => {
      const { send, arrived, webhooks } = await start({ inbox: memoryStore(), worker: false })
      assert.equal((await send(await signedPush())).status, 200)
      assert.equal((await send(await signedPush())).status, 200)
      assert.deepEqual(arrived, [])
      const { deliveries } = await webhooks.inbox!.list()
      assert.deepEqual(
        deliveries.map(({ event, id, state, duplicates }) => [event, id, state, duplicates]),
        [['push', 'd-1', 'waiting', 1]]
      )
      await webhooks.inbox!.drain()
      assert.equal(arrived.length, 1)
    })

    test('the worker goes to work by itself', async () => {
      const { promise: handled, resolve } = Promise.withResolvers<void>()
      const handler = new FunctionHandler(on('**'), { name: 'handler' }, () => resolve())
      const { send } = await start({ inbox: memoryStore(), handlers: [handler] })
      assert.equal((await send(await signedPush())).status, 200)
      await handled
    })

    test('while the store is down, the provider is told to come again', async () => {
      const store = Object.assign(memoryStore(), {
        add: () => Promise.reject(new StoreUnavailable('memory', 'it is full'))
      })
      const { send } = await start({ inbox: store })
      const { status, headers } = await send(await signedPush())
      assert.deepEqual([status, headers['retry-after']], [503, '30'])
    })

    test('it closes cleanly: the handler is told, its request gets the answer, the store is closed', async () => {
      const { promise: began, resolve: begin } = Promise.withResolvers<void>()
      const patient = new FunctionHandler(on('**'), { name: 'patient' }, (_delivery, { signal }) => {
        begin()
        return new Promise<void>(done => signal.addEventListener('abort', () => done()))
      })
      const direct = await host.start({ env, receivers, handlers: [patient] })
      const answer = send(direct.port, await signedPush())
      await began
      await direct.close()
      assert.equal((await answer).status, 200)

      const closed: string[] = []
      const memory = memoryStore()
      const store = Object.assign(memory, { close: async () => void closed.push('closed') })
      const stored = await host.start({ env, receivers, handlers: [], inbox: store })
      assert.equal((await send(stored.port, await signedPush())).status, 200)
      await stored.close()
      assert.deepEqual(closed, ['closed'])
    })
  })
}
