/** The application around the plugin stays as it was. */
import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import { test } from 'node:test'
import formbody from '@fastify/formbody'
import multipart from '@fastify/multipart'
import rateLimit from '@fastify/rate-limit'
import { appWith, CODE, signedPush } from './app.ts'

const base = '/api/webhooks/incoming'

test('its JSON, form, text and multipart parsers work, and its body limit holds', async () => {
  const { app } = await appWith({}, { bodyLimit: 200 }, async app => {
    await app.register(formbody)
    await app.register(multipart, { attachFieldsToBody: 'keyValues' })
    app.addContentTypeParser('application/vnd.own', { parseAs: 'string' }, (_request, body, done) =>
      done(null, `own ${body}`)
    )
    app.post('/echo', request => ({ body: request.body }))
  })
  app.post('/later', request => ({ body: request.body }))
  const echo = async (type: string, payload: string, url = '/echo') => {
    const response = await app.inject({ method: 'POST', url, headers: { 'content-type': type }, payload })
    return response.statusCode === 200 ? response.json().body : response.statusCode
  }
  const json = '{"a":1}'
  assert.deepEqual(await echo('application/json', json), { a: 1 })
  assert.deepEqual(await echo('application/json', json, '/later'), { a: 1 })
  assert.deepEqual(await echo('application/x-www-form-urlencoded', 'a=1'), { a: '1' })
  assert.equal(await echo('text/plain', 'hello'), 'hello')
  assert.equal(await echo('application/vnd.own', 'x'), 'own x')
  const part = '--x\r\ncontent-disposition: form-data; name="a"\r\n\r\n1\r\n--x--\r\n'
  assert.deepEqual(await echo('multipart/form-data; boundary=x', part), { a: '1' })
  assert.equal(await echo('application/json', JSON.stringify('x'.repeat(300))), 413)
  assert.equal(await echo('application/unknown', 'x'), 415)
  assert.equal(await echo('application/json', '{'), 400)
})

test('its not-found handler, error handler and own routes under the prefix are its own', async () => {
  const { app } = await appWith({}, {}, app => {
    app.setNotFoundHandler((_request, reply) => reply.code(404).send('nothing here'))
    app.setErrorHandler((_error, _request, reply) => reply.code(418).send('own error'))
    app.get('/broken', () => {
      throw new Error('x')
    })
    app.get(`${base}/own/route`, () => 'own')
  })
  assert.equal((await app.inject('/elsewhere')).body, 'nothing here')
  assert.equal((await app.inject('/broken')).body, 'own error')
  assert.equal((await app.inject(`${base}/own/route`)).body, 'own')
})

test('its hooks run for our routes as for its own', async () => {
  const ran: string[] = []
  const { app, arrived } = await appWith({}, {}, app => {
    app.addHook('onRequest', async () => void ran.push('onRequest'))
    app.addHook('preParsing', async (_request, _reply, payload) => {
      ran.push('preParsing')
      return payload
    })
    app.addHook('preHandler', async () => void ran.push('preHandler'))
    app.addHook('onSend', async (_request, reply) => {
      ran.push('onSend')
      reply.header('x-own', 'yes')
    })
    app.addHook('onResponse', async ({ headers }) => void ran.push(`onResponse ${headers['content-type']}`))
  })
  const response = await app.inject(await signedPush())
  assert.equal(response.statusCode, 200)
  assert.equal(response.headers['x-own'], 'yes')
  assert.deepEqual(ran, ['onRequest', 'preParsing', 'preHandler', 'onSend', 'onResponse application/json'])
  assert.equal(arrived.length, 1)
})

test('a preParsing hook that puts another stream in place does not break the body', async () => {
  const { app, arrived } = await appWith({}, {}, app => {
    app.addHook('preParsing', async (_request, _reply, payload) => payload.pipe(new PassThrough()))
  })
  assert.equal((await app.inject(await signedPush())).statusCode, 200)
  assert.equal(arrived.length, 1)
})

test('a hook that refuses a request refuses ours too', async () => {
  for (const hook of ['onRequest', 'preValidation', 'preHandler'] as const) {
    const { app, arrived } = await appWith({}, {}, app => {
      app.addHook(hook as 'onRequest', async (_request, reply) => reply.code(403).send('blocked'))
    })
    assert.equal((await app.inject(await signedPush())).statusCode, 403, hook)
    assert.deepEqual(arrived, [], hook)
  }
})

test('@fastify/rate-limit counts our requests', async () => {
  const { app } = await appWith({}, {}, async app => {
    await app.register(rateLimit, { max: 2, timeWindow: 60_000 })
  })
  const codes = []
  for (let count = 0; count < 3; count++) codes.push((await app.inject(await signedPush())).statusCode)
  assert.deepEqual(codes, [200, 200, 429])
})

test('exposeHeadRoutes, trailing slashes and strict casing of the application do not matter', async () => {
  const { app } = await appWith(
    {},
    { exposeHeadRoutes: false, routerOptions: { ignoreTrailingSlash: true, caseSensitive: false } }
  )
  assert.equal((await app.inject(await signedPush({ url: `${base}/github/` }))).statusCode, 200)
  assert.equal((await app.inject({ method: 'HEAD', url: `${base}/github` })).statusCode, 405)
})

test('no log line of a request, at any level, shows its query or its secrets', async () => {
  const lines: string[] = []
  const stream = { write: (line: string) => void lines.push(line) }
  const { app } = await appWith({}, { logger: { level: 'trace', stream } }, app => {
    app.addHook('onError', async (request, _reply, error) => request.log.error({ err: error }, 'own error hook'))
  })
  const code = 'a-wrong-code-that-nobody-should-read'
  const form = {
    method: 'POST' as const,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    payload: 'type=subscribe'
  }
  for (const path of [
    '/mailchimp',
    '/mailchimp/x/y',
    '/unknown',
    '/mailchimp/unknown',
    `/mailchimp/${'x'.repeat(500)}`,
    '/',
    ''
  ]) {
    for (const value of [CODE, code]) {
      await app.inject({ ...form, url: `${base}${path}?code=${value}` })
      await app.inject({ method: 'GET', url: `${base}${path}?code=${value}` })
      await app.inject({
        ...form,
        url: `${base}${path}?code=${value}`,
        headers: { 'content-type': 'not a type', authorization: value }
      })
    }
  }
  assert.ok(lines.length > 40)
  for (const secret of [CODE, code])
    assert.ok(
      !lines.some(line => line.includes(secret)),
      lines.find(line => line.includes(secret))
    )
})
