/** Bodies and headers as nobody sends them with good intent: each has its one answer. */
import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { describe, test } from 'node:test'
import { appWith, CODE, push, SECRET, signedPush } from './app.ts'

const base = '/api/webhooks/incoming'

describe('content types are a hint, the bytes decide', () => {
  for (const type of [
    'application/json',
    'APPLICATION/JSON; CHARSET=UTF-8',
    'text/plain',
    'application/octet-stream',
    'not a type',
    'a/b;;=',
    '/',
    ';',
    'application/json, text/html',
    'multipart/form-data',
    'a/b; charset=\u00fc'
  ]) {
    test(`a signed JSON body as ${type}`, async () => {
      const { app, arrived } = await appWith()
      const request = await signedPush({ headers: { 'content-type': type } })
      assert.equal((await app.inject(request)).statusCode, 200)
      assert.equal(arrived[0]!.data.ref, 'refs/heads/main')
    })
  }

  test('a signed JSON body without a content type', async () => {
    const { app, arrived } = await appWith()
    const { 'content-type': _, ...headers } = (await signedPush()).headers
    assert.equal((await app.inject({ ...(await signedPush()), headers })).statusCode, 200)
    assert.equal(arrived.length, 1)
  })

  test('a header with the name of what every object has is a header', async () => {
    const { app, arrived } = await appWith()
    assert.equal((await app.inject(await signedPush({ headers: { constructor: 'x' } }))).statusCode, 200)
    assert.equal(arrived[0]!.headers.constructor, 'x')
  })

  test('a signed JSON body that says it is a form is not the provider’s format', async () => {
    const { app } = await appWith()
    const request = await signedPush({ headers: { 'content-type': 'application/x-www-form-urlencoded' } })
    const response = await app.inject(request)
    assert.ok([200, 400].includes(response.statusCode))
  })
})

describe('bodies', () => {
  const cases: [what: string, body: string | Uint8Array, status: number][] = [
    ['empty, unsigned', '', 401],
    ['only white space', '   ', 400],
    ['no JSON', '{', 400],
    ['a JSON number', '1', 400],
    ['null', 'null', 400],
    ['a prototype', '{"__proto__":{"admin":true}}', 400],
    ['a constructor’s prototype', '{"constructor":{"prototype":{"admin":true}}}', 400],
    ['a BOM before JSON', `\uFEFF${push}`, 200],
    ['invalid UTF-8', Buffer.concat([Buffer.from('{"a":"'), Buffer.from([0xff, 0xfe]), Buffer.from('"}')]), 401],
    ['a NUL', '{"a":"\\u0000"}', 200],
    ['a million nested brackets', `${'['.repeat(1_000_000)}${']'.repeat(1_000_000)}`, 200]
  ]
  for (const [what, body, status] of cases) {
    test(`${what}, signed: ${status}`, async () => {
      const { app } = await appWith()
      const bytes = Buffer.from(body as string)
      const signature = createHmac('sha256', SECRET).update(bytes).digest('hex')
      const request = await signedPush({
        headers: { 'x-hub-signature-256': bytes.length === 0 ? '' : `sha256=${signature}` }
      })
      assert.equal((await app.inject({ ...request, payload: bytes })).statusCode, status)
      assert.equal(({} as any).admin, undefined)
    })
  }

  test('a body of the limit is read, one byte more gets 413', async () => {
    const { app } = await appWith()
    const limit = 1024 * 1024
    const send = (length: number) =>
      app.inject({
        method: 'POST',
        url: `${base}/bitbucket`,
        headers: { 'content-type': 'application/json' },
        payload: Buffer.alloc(length, 32)
      })
    assert.equal((await send(limit)).statusCode, 401)
    const tooLarge = await send(limit + 1)
    assert.equal(tooLarge.statusCode, 413)
    assert.equal(tooLarge.headers.connection, 'close')
  })

  test('GitHub may send 25 MB, whatever the application’s own limit is', async () => {
    const { app, arrived } = await appWith({}, { bodyLimit: 1000 })
    const body = JSON.stringify({ ref: 'refs/heads/main', padding: 'x'.repeat(24 * 1024 * 1024) })
    assert.equal((await app.inject(await signedPush({ body }))).statusCode, 200)
    assert.equal(arrived[0]!.data.padding.length, 24 * 1024 * 1024)
  })

  for (const encoding of ['gzip', 'br', 'deflate', 'identity, gzip', 'GZIP']) {
    test(`a body in ${encoding} gets 415`, async () => {
      const { app } = await appWith()
      assert.equal((await app.inject(await signedPush({ headers: { 'content-encoding': encoding } }))).statusCode, 415)
    })
  }

  test('content-encoding: identity says nothing', async () => {
    const { app } = await appWith()
    assert.equal((await app.inject(await signedPush({ headers: { 'content-encoding': 'identity' } }))).statusCode, 200)
  })

  test('the credentials are looked up before the body is read', async () => {
    const { app } = await appWith()
    const response = await app.inject({
      method: 'POST',
      url: `${base}/github/unknown`,
      payload: Buffer.alloc(26 * 1024 * 1024)
    })
    assert.equal(response.statusCode, 404)
  })

  test('a form with a prototype in its names is refused', async () => {
    const { app } = await appWith()
    const response = await app.inject({
      method: 'POST',
      url: `${base}/mailchimp?code=${CODE}`,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      payload: 'type=subscribe&data[__proto__][admin]=1'
    })
    assert.equal(response.statusCode, 400)
    assert.equal(({} as any).admin, undefined)
  })
})
