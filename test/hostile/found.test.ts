/** What hostile input has found in our own code, so that it stays found. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { twilio } from '../../receivers/twilio.ts'
import { configure } from '../../src/config/config.ts'
import { date, query, stripe } from '../../src/kit.ts'
import type { AnyReceiver } from '../../src/receiver.ts'
import { redact } from '../../src/redact.ts'
import { parseTime } from '../../src/schemes/timestamp.ts'

const BEYOND = '999999999999999'

test('a number of seconds that no Date can hold is no time', async () => {
  assert.equal(parseTime(BEYOND, 'seconds'), undefined)
  assert.equal(parseTime('8640000000000', 'seconds'), 8.64e15)
  // An Invalid Date would throw where it is written: in a CloudEvent, in JSON.
  assert.equal(date(Number(BEYOND), 'seconds'), undefined)
  const request = { method: 'POST', url: '/', headers: {}, body: Buffer.from('{}') }
  const signed = await stripe().sign!(request, 'a-secret-of-some-length', new Date(8.64e15))
  assert.match(String(signed.headers['stripe-signature']), /^t=8640000000000,/)
})

test('a public URL that ends in a control character is refused: nothing could be signed for it', () => {
  for (const publicUrl of [
    'https://api.example.com\u0000',
    'https://api.example.com:8443\u0001',
    'http://localhost\u001f'
  ]) {
    assert.throws(() => configure([], { env: {}, publicUrl }), { code: 'WEBHOOKS_INVALID_CONFIGURATION' })
  }
})

test('half a character in a URL does not make Twilio’s scheme throw', async () => {
  const headers = { 'x-twilio-signature': 'AAAAAAAAAAAAAAAAAAAAAAAAAAA=' }
  const request = { method: 'POST', url: 'https://example.com/?a=\udfff', headers, body: Buffer.of() }
  const credentials = { secrets: ['a-secret-of-some-length'], settings: {}, fetch }
  const verdict = await twilio.scheme.verify(request, credentials, new Date())
  assert.deepEqual(verdict, { ok: false, reason: 'signature-mismatch' })
})

test('what stands in a fragment is no query, and hiding the query does not make it one', () => {
  const code = (url: string) => query('code').read({ method: 'POST', url, headers: {}, body: Buffer.of() })
  assert.equal(code('https://example.com/hooks#?code=abc'), undefined)
  assert.equal(code('/hooks?code=abc#?code=def'), 'abc')

  const receiver = { scheme: { carries: { query: ['code'] } } } as unknown as AnyReceiver
  const request = { method: 'GET', url: '/hooks?code=abc#&role=admin', headers: {}, body: Buffer.of() }
  const redacted = redact(receiver, request, 'json', {}).url
  assert.deepEqual([...new URL(redacted, 'https://example.com').searchParams], [['code', '***']])
})
