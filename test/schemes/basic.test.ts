import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Headers, WebhookRequest } from '../../src/receiver.ts'
import { basic } from '../../src/schemes/basic.ts'

const scheme = basic()

function requestOf(authorization: Headers[string]): WebhookRequest {
  return { method: 'POST', url: 'https://example.com/', headers: { authorization }, body: Buffer.of() }
}

async function judge(authorization: Headers[string], ...secrets: string[]): Promise<number | string> {
  const credentials = { secrets, settings: {}, fetch: () => Promise.reject() }
  const verdict = await scheme.verify(requestOf(authorization), credentials, new Date())
  return verdict.ok ? verdict.secret : verdict.reason
}

const encoded = (text: string) => Buffer.from(text).toString('base64')

test('the example of RFC 7617', async () => {
  assert.equal(await judge('Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==', 'Aladdin:open sesame'), 0)
  assert.equal(await judge('Basic dGVzdDoxMjPCow==', 'test:123£'), 0)
})

test('the name of the scheme in any case, as the RFC has it', async () => {
  assert.equal(await judge(`bAsIC ${encoded('user:password')}`, 'user:password'), 0)
})

test('a password may hold colons and be empty', async () => {
  assert.equal(await judge(`Basic ${encoded('u:a:b:')}`, 'u:a:b:'), 0)
  assert.equal(await judge(`Basic ${encoded('u:')}`, 'u:'), 0)
})

test('another user or password', async () => {
  for (const given of ['user:passwore', 'uses:password', 'user:password ', 'user', '']) {
    assert.equal(await judge(`Basic ${encoded(given)}`, 'user:password'), 'token-mismatch', given)
  }
})

test('a header that is missing, doubled, of another scheme, or no base64', async () => {
  const right = encoded('user:password')
  assert.equal(await judge(undefined, 'user:password'), 'token-missing')
  for (const given of [
    [`Basic ${right}`, `Basic ${right}`],
    [],
    '',
    right,
    'Basic',
    `Bearer ${right}`,
    `Basic  ${right}`,
    `Basic ${right} `,
    `Basic ${right.slice(0, -1)}`,
    `Basic ${right}=`,
    `Basic ${right}, Basic ${right}`,
    'Basic user:password'
  ]) {
    assert.equal(await judge(given, 'user:password'), 'token-malformed', String(given))
  }
})

test('no secret is no proof, and an empty one matches nothing', async () => {
  assert.equal(await judge('Basic ', ''), 'token-mismatch')
  assert.equal(await judge(`Basic ${encoded('user:password')}`), 'secret-missing')
})

test('of several secrets, the one that matched is told', async () => {
  assert.equal(await judge(`Basic ${encoded('user:older')}`, 'user:newer', 'user:older'), 1)
})

test('what it signs it verifies, and it says where the secret travels', async () => {
  const signed = await scheme.sign!(requestOf(undefined), 'grün:weiß', new Date())
  assert.equal(await judge(signed.headers.authorization, 'grün:weiß'), 0)
  assert.deepEqual(scheme.carries, { headers: ['authorization'] })
  assert.deepEqual(scheme.covers, { body: false, time: false })
})

test('what stands before the name of the scheme is another scheme, and a secret has 16 characters at least', async () => {
  for (const given of [`x Basic ${encoded('user:password')}`, ` Basic ${encoded('user:password')}`]) {
    assert.equal(await judge(given, 'user:password'), 'token-malformed', given)
  }
  assert.deepEqual(scheme.key, { min: 16 })
})
