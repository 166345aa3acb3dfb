import assert from 'node:assert/strict'
import { verify as checkSignature, X509Certificate } from 'node:crypto'
import { test } from 'node:test'
import { crc32 } from 'node:zlib'
import { paypal } from '../../receivers/paypal.ts'
import type { Credentials, WebhookRequest } from '../../src/receiver.ts'
import { certificateFixture } from '../../src/schemes/test-keys.ts'
import { leafOfLookalikes } from '../schemes/certificates.ts'

const { credentials, sign } = paypal.scheme.testKeys!()
const now = new Date('2026-01-01T00:00:00Z')
const body = Buffer.from('{"id":"WH-1","event_type":"PAYMENT.CAPTURE.COMPLETED"}')
const request = await paypal.scheme.sign!({ method: 'POST', url: '/', headers: {}, body }, sign, now)

function verdict(headers: WebhookRequest['headers'], settings = credentials.settings) {
  const configured = { secrets: [], ...credentials, settings: settings ?? {} } as Credentials
  return paypal.scheme.verify({ ...request, headers: { ...request.headers, ...headers } }, configured, now)
}

test('each of the five headers is required, once', async () => {
  assert.deepEqual(await verdict({}), { ok: true, secret: 0 })
  const names = Object.keys(request.headers)
  assert.equal(names.length, 5)
  for (const name of names) {
    assert.deepEqual(await verdict({ [name]: undefined }), { ok: false, reason: 'signature-missing' }, name)
    const twice = [request.headers[name] as string, request.headers[name] as string]
    assert.deepEqual(await verdict({ [name]: twice }), { ok: false, reason: 'signature-malformed' }, name)
  }
})

test('no other algorithm is taken', async () => {
  for (const algorithm of ['SHA1withRSA', 'sha256withrsa', 'none']) {
    assert.deepEqual(await verdict({ 'paypal-auth-algo': algorithm }), { ok: false, reason: 'signature-malformed' })
  }
})

test('without a webhook id nothing is proven', async () => {
  for (const settings of [{}, { 'webhook-id': '' }]) {
    assert.deepEqual(await verdict({}, settings), { ok: false, reason: 'secret-missing' })
  }
})

test('certificates come from PayPal alone', async () => {
  const urls = [
    'https://api.paypal.com.evil.test/v1/notifications/certs/CERT-1',
    'https://evilapi.paypal.com/v1/notifications/certs/CERT-1',
    'https://www.paypal.com/v1/notifications/certs/CERT-1',
    'https://api.paypal.com/v1/notifications/certs/CERT-1?to=https://evil.test',
    'http://api.paypal.com/v1/notifications/certs/CERT-1'
  ]
  for (const url of urls) {
    assert.deepEqual(await verdict({ 'paypal-cert-url': url }), { ok: false, reason: 'certificate-url' }, url)
  }
  for (const host of ['api', 'api-m', 'api.sandbox', 'api-m.sandbox']) {
    const url = `https://${host}.paypal.com/v1/notifications/certs/CERT-360caa42-fca2a594-a5cafa77`
    assert.deepEqual(await verdict({ 'paypal-cert-url': url }), { ok: false, reason: 'key-unavailable' }, url)
  }
})

test('a certificate made for a name that resembles PayPal proves nothing', async () => {
  const serve = async () => new Response(leafOfLookalikes)
  const configured: Credentials = { secrets: [], settings: credentials.settings ?? {}, fetch: serve }
  const verdict = await paypal.scheme.verify(request, configured, now)
  assert.deepEqual(verdict, { ok: false, reason: 'certificate-invalid' })
})

test('the path of a certificate is one of notifications', async () => {
  for (const path of [
    '/v1/notifications/',
    '/v2/notifications/certs/CERT-1',
    '/x/v1/notifications/certs/CERT-1',
    '/v1/notifications/certs/CERT-1.pem',
    '/v1/payments/certs/CERT-1'
  ]) {
    const url = `https://api.paypal.com${path}`
    assert.deepEqual(await verdict({ 'paypal-cert-url': url }), { ok: false, reason: 'certificate-url' }, url)
  }
})

test('the body counts by its CRC-32, with id, time and webhook id in their order', async () => {
  const { 'paypal-transmission-id': id, 'paypal-transmission-time': time } = request.headers
  const text = `${id}|${time}|WEBHOOK_ID|${crc32(body)}`
  const signature = Buffer.from(String(request.headers['paypal-transmission-sig']), 'base64')
  const { publicKey } = new X509Certificate(certificateFixture.certificate)
  assert.equal(checkSignature('sha256', Buffer.from(text), publicKey, signature), true)
  assert.equal(time, now.toISOString())
  for (const changed of [
    { 'paypal-transmission-id': `${id}0` },
    { 'paypal-transmission-time': '2026-01-01T00:00:01Z' }
  ]) {
    assert.deepEqual(await verdict(changed), { ok: false, reason: 'signature-mismatch' })
  }
  assert.deepEqual(await verdict({}, { 'webhook-id': 'ANOTHER' }), { ok: false, reason: 'signature-mismatch' })
})

test('it proves every byte of the body, whenever it was sent', () => {
  assert.deepEqual(paypal.scheme.covers, { body: 'bytes', time: false })
})
