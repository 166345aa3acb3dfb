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

test('a token has 32 characters at least, and the URL must be known', () => {
  assert.deepEqual(twilio.scheme.key, { min: 32 })
  assert.deepEqual(twilio.scheme.covers, { body: 'values', time: false, url: true })
})

for (const [signedUrl, url] of [
  ['https://example.com:443', 'https://example.com'],
  ['https://example.com', 'https://example.com:443'],
  ['https://example.com:443?a=1', 'https://example.com?a=1'],
  ['HTTPS://example.com:443/hook', 'HTTPS://example.com/hook'],
  ['https://example.com:443/hook?a=1?b=2', 'https://example.com/hook?a=1?b=2']
] as const) {
  test(`${url} was perhaps signed as ${signedUrl}, too`, async () => {
    const signed = await sign(request(signedUrl, 'a=1'))
    assert.deepEqual(await verify({ ...signed, url }), { ok: true, secret: 0 })
  })
}

test('a URL that is not absolute, or whose port is none, has no other spelling', async () => {
  for (const url of ['/hook', 'https://example.com:/hook', 'ftp://example.com/hook', '']) {
    const signed = await sign(request(url, 'a=1'))
    assert.equal((await verify(signed)).ok, true, url)
    for (const other of [`${url}x`, url.replace('com:', 'com'), url.replace('com:/', 'com:443/'), `x${url}`]) {
      if (other === url) continue
      assert.deepEqual(await verify({ ...signed, url: other }), { ok: false, reason: 'signature-mismatch' }, other)
    }
  }
})

test('every body but a form and an empty one is announced by its hash', async () => {
  const hashed = async (body: string, type?: string) =>
    (await sign(request('https://example.com/hook', body, type))).url.includes('bodySHA256')
  assert.equal(await hashed('1', 'application/json'), true)
  assert.equal(await hashed('', 'application/json'), false)
  assert.equal(await hashed('a=1'), false)
  const empty = await sign(request('https://example.com/hook', '', 'application/json'))
  assert.equal((await verify(empty)).ok, true)
})

test('a colon without a port is no port that could be left out', async () => {
  const signed = await sign(request('https://example.com/hook', 'a=1'))
  const url = 'https://example.com:/hook'
  assert.deepEqual(await verify({ ...signed, url }), { ok: false, reason: 'signature-mismatch' })
})
