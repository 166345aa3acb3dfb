import assert from 'node:assert/strict'
import { test } from 'node:test'
import { twilio } from '../../receivers/twilio.ts'
import type { WebhookRequest } from '../../src/receiver.ts'

const TOKEN = 'f0e1d2c3b4a5968778695a4b3c2d1e0f'
const now = new Date('2026-07-03T10:00:00Z')

function request(url: string, body: string | Uint8Array, type = 'application/x-www-form-urlencoded'): WebhookRequest {
  return { method: 'POST', url, headers: { 'content-type': type }, body: Buffer.from(body) }
}

const sign = (unsigned: WebhookRequest) => twilio.scheme.sign!(unsigned, TOKEN, now)
const verify = (signed: WebhookRequest, ...secrets: string[]) =>
  twilio.scheme.verify(signed, { secrets: secrets.length === 0 ? [TOKEN] : secrets, settings: {}, fetch }, now)

const spellings = [
  ['https://u:1234@example.com:443/hook?a=%27', "https://u:1234@example.com/hook?a='"],
  ['https://example.com/hook', 'https://example.com:8443/hook'],
  ['http://[::1]:80/hook', 'http://[::1]/hook'],
  ["https://example.com/hook?a='&b=c%20d", 'https://example.com/hook?a=%27&b=c+d']
] as const
for (const [signedUrl, url] of spellings) {
  test(`${url} was perhaps signed as ${signedUrl}`, async () => {
    const signed = await sign(request(signedUrl, 'a=1'))
    assert.deepEqual(await verify({ ...signed, url }), { ok: true, secret: 0 })
  })
}

const others = [
  ['https://user:pass@example.com/hook', 'https://example.com/hook'],
  ['http://example.com/hook', 'https://example.com/hook'],
  ['https://example.com/hook/', 'https://example.com/hook'],
  ['https://example.com/hook?a=1&b=2', 'https://example.com/hook?b=2&a=1'],
  ['https://example.com:8443/hook', 'https://example.com/hook']
] as const
for (const [signedUrl, url] of others) {
  test(`${url} was not signed as ${signedUrl}`, async () => {
    const signed = await sign(request(signedUrl, 'a=1'))
    assert.deepEqual(await verify({ ...signed, url }), { ok: false, reason: 'signature-mismatch' })
  })
}

test('the secondary auth token counts while it is promoted', async () => {
  const signed = await sign(request('https://example.com/hook', 'a=1'))
  assert.deepEqual(await verify(signed, '0'.repeat(32), TOKEN), { ok: true, secret: 1 })
})

test('a body that is no form is signed by its hash in the URL', async () => {
  const signed = await sign(request('https://example.com/hook?a=1', '{"b":2}', 'application/json'))
  assert.match(signed.url, /\?a=1&bodySHA256=[0-9a-f]{64}$/)
  assert.equal((await verify(signed)).ok, true)
  assert.equal((await verify({ ...signed, body: Buffer.from('{"b":3}') })).ok, false)
})

test('a hashed body can not be exchanged for a form without fields', async () => {
  const signed = await sign(request('https://example.com/hook', '{"b":2}', 'application/json'))
  for (const body of ['', '&', '&&&']) {
    const headers = { ...signed.headers, 'content-type': 'application/x-www-form-urlencoded' }
    assert.equal((await verify({ ...signed, headers, body: Buffer.from(body) })).ok, false)
  }
})

test('a form that is no UTF-8 or has too many fields is refused, not thrown over', async () => {
  const signed = await sign(request('https://example.com/hook', 'a=1'))
  for (const body of [Buffer.of(0x61, 0x3d, 0xff), Buffer.from('a=1&'.repeat(2000))]) {
    assert.deepEqual(await verify({ ...signed, body }), { ok: false, reason: 'signature-mismatch' })
  }
})
