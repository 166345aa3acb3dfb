import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Reason } from '../../src/errors.ts'
import type { Credentials, WebhookRequest } from '../../src/receiver.ts'
import { type CertificateOptions, certificate } from '../../src/schemes/certificate.ts'
import { header } from '../../src/schemes/place.ts'
import { certificateFixture } from '../../src/schemes/test-keys.ts'
import * as pems from './certificates.ts'

const url = 'https://certs.example.com/keys/1.pem'
const options: CertificateOptions = {
  signature: header('x-signature'),
  url: header('x-cert'),
  from: { host: /^certs\.example\.com$/, path: /^\/keys\/[\w-]+\.pem$/ },
  subject: /^signing\.example\.com$/,
  covers: { body: 'bytes', time: false },
  content: ({ body }) => ({ hash: 'sha256', text: Buffer.from(body).toString() }),
  sample: { url }
}
const scheme = certificate(options)
const now = new Date('2026-01-01T00:00:00Z')
const request: WebhookRequest = { method: 'POST', url: '/', headers: {}, body: Buffer.from('{"a":1}') }

interface Served {
  readonly pem?: string
  readonly status?: number
  readonly fetched?: string[]
}

function credentials({ pem = pems.leaf, status = 200, fetched = [] }: Served = {}): Credentials {
  return {
    secrets: [],
    settings: {},
    fetch: async input => {
      fetched.push(String(input))
      return new Response(pem, { status })
    }
  }
}

async function signed(headers: WebhookRequest['headers'] = {}): Promise<WebhookRequest> {
  const made = await scheme.sign!(request, certificateFixture.privateKey, now)
  return { ...made, headers: { ...made.headers, ...headers } }
}

async function assertRefused(reason: Reason, request: WebhookRequest, served?: Served, at = now): Promise<void> {
  const fresh = certificate(options)
  assert.deepEqual(await fresh.verify(request, credentials(served), at), { ok: false, reason })
}

async function assertProven(request: WebhookRequest, served?: Served, at = now): Promise<void> {
  assert.deepEqual(await certificate(options).verify(request, credentials(served), at), { ok: true, secret: 0 })
}

test('a signature by the certificate at an allowed URL proves the request', async () => {
  const fetched: string[] = []
  await assertProven(await signed(), { fetched })
  assert.deepEqual(fetched, [url])
  await assertRefused('signature-mismatch', { ...(await signed()), body: Buffer.from('{"a":2}') })
})

test('no other URL is ever fetched', async () => {
  const urls = [
    'http://certs.example.com/keys/1.pem',
    'https://certs.example.com.evil.test/keys/1.pem',
    'https://evil.test/keys/1.pem',
    'https://evil.test\\@certs.example.com/keys/1.pem',
    'https://certs.example.com@evil.test/keys/1.pem',
    'https://user@certs.example.com/keys/1.pem',
    'https://certs.example.com:8443/keys/1.pem',
    'https://certs.example.com:443/keys/1.pem',
    'https://certs.example.com/keys/1.pem?a',
    'https://certs.example.com/keys/1.pem#a',
    'https://certs.example.com/keys/../keys/1.pem',
    'https://certs.example.com/keys/%2e%2e/1.pem',
    'https://certs.example.com/other/1.pem',
    'https://certs.example.com/keys/1.pem\n',
    '\thttps://certs.example.com/keys/1.pem',
    'https:/certs.example.com/keys/1.pem',
    '//certs.example.com/keys/1.pem',
    'keys/1.pem',
    ''
  ]
  for (const other of urls) {
    const fetched: string[] = []
    await assertRefused('certificate-url', await signed({ 'x-cert': other }), { fetched })
    assert.deepEqual(fetched, [], other)
  }
})

test('a signature or URL that is missing, a list or no base64 is refused before anything is fetched', async () => {
  const fetched: string[] = []
  const signature = (await signed()).headers['x-signature'] as string
  await assertRefused('signature-missing', await signed({ 'x-signature': undefined }), { fetched })
  await assertRefused('signature-missing', await signed({ 'x-signature': '' }), { fetched })
  await assertRefused('signature-missing', await signed({ 'x-cert': undefined }), { fetched })
  await assertRefused('signature-malformed', await signed({ 'x-cert': [url, url] }), { fetched })
  for (const bad of [[signature, signature], ` ${signature}`, signature.replace('=', ''), `${signature}!`]) {
    await assertRefused('signature-malformed', await signed({ 'x-signature': bad }), { fetched })
  }
  assert.deepEqual(fetched, [])
})

test('a certificate that cannot be fetched now is no verdict on the request', async () => {
  await assertRefused('key-unavailable', await signed(), { status: 503 })
  const failing = { ...credentials(), fetch: () => Promise.reject(new Error('refused')) }
  assert.deepEqual(await scheme.verify(await signed(), failing, now), { ok: false, reason: 'key-unavailable' })
})

test('the certificate must be valid at the time that is given', async () => {
  const served = { pem: pems.leafOf2020 }
  await assertProven(await signed(), served, new Date('2020-06-01T00:00:00Z'))
  await assertRefused('certificate-invalid', await signed(), served, new Date('2019-12-31T23:59:59Z'))
  await assertRefused('certificate-invalid', await signed(), served, new Date('2021-01-01T00:00:01Z'))
})

test('a certificate that has been read once still expires', async () => {
  const served = credentials({ pem: pems.leafOf2020 })
  const request = await signed()
  assert.equal((await scheme.verify(request, served, new Date('2020-06-01T00:00:00Z'))).ok, true)
  assert.equal((await scheme.verify(request, served, new Date('2021-06-01T00:00:00Z'))).ok, false)
})

test('the certificate must be made for the provider', async () => {
  await assertProven(await signed(), { pem: pems.leafWithoutAlternatives })
  await assertRefused('certificate-invalid', await signed(), { pem: certificateFixture.certificate })
  await assertRefused('certificate-invalid', await signed(), { pem: pems.leafOfAnother })
})

test('what is no certificate with an RSA key is refused', async () => {
  const broken = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----'
  for (const pem of ['', '<html>', certificateFixture.privateKey, broken, pems.leafOfAnotherKind]) {
    await assertRefused('certificate-invalid', await signed(), { pem })
  }
})

test('issuers that come along must have issued the certificate', async () => {
  await assertProven(await signed(), { pem: pems.leaf + pems.issuer })
  await assertProven(await signed(), { pem: pems.leaf + pems.issuer + pems.root })
  const chains = {
    'in another order': pems.issuer + pems.leaf,
    'with a gap': pems.leaf + pems.root,
    'by the same key under another name': pems.leaf + pems.renamedIssuer,
    'by another key of the same name': pems.leaf + pems.forgedIssuer,
    'by one that may not issue': pems.leaf + pems.issuerWithoutRight,
    'by one that has expired': pems.leaf + pems.expiredIssuer,
    'by too many': pems.leaf + pems.root.repeat(10)
  }
  for (const [name, pem] of Object.entries(chains)) {
    await assert.doesNotReject(assertRefused('certificate-invalid', await signed(), { pem }), name)
  }
})

test('an origin that the settings do not list, or content that is incomplete, is refused before the fetch', async () => {
  const fetched: string[] = []
  const strange = certificate({ ...options, origin: () => false })
  assert.deepEqual(await strange.verify(await signed(), credentials({ fetched }), now), {
    ok: false,
    reason: 'origin-not-allowed'
  })
  const incomplete = certificate({ ...options, content: () => ({ reason: 'secret-missing' }) })
  assert.deepEqual(await incomplete.verify(await signed(), credentials({ fetched }), now), {
    ok: false,
    reason: 'secret-missing'
  })
  assert.throws(() => incomplete.sign!(request, certificateFixture.privateKey, now), /secret-missing/)
  assert.deepEqual(fetched, [])
})

test('the test keys serve the certificate of their own signature, and nothing else', async () => {
  const own = certificate({ ...options, subject: /^sns\.amazonaws\.com$/ })
  const { credentials: served, sign } = own.testKeys!()
  const made = await own.sign!(request, sign, now)
  assert.deepEqual(await own.verify(made, { ...credentials(), ...served }, now), { ok: true, secret: 0 })
  assert.equal((await served.fetch!('https://certs.example.com/keys/2.pem')).status, 404)
})

test('ten certificates may come along, and not one more', async () => {
  const ten = pems.leaf + pems.issuer + pems.root.repeat(8)
  await assertProven(await signed(), { pem: ten })
  await assertRefused('certificate-invalid', await signed(), { pem: ten + pems.root })
})

test('a chain is valid while all of it is, to the second', async () => {
  for (const pem of [pems.leafOf2020, pems.leafOf2020 + pems.issuer + pems.root]) {
    for (const at of ['2020-01-01T00:00:00Z', '2021-01-01T00:00:00Z']) {
      await assertProven(await signed(), { pem }, new Date(at))
    }
    for (const at of ['2019-12-31T23:59:59Z', '2021-01-01T00:00:01Z']) {
      await assertRefused('certificate-invalid', await signed(), { pem }, new Date(at))
    }
  }
  const expiring = pems.leaf + pems.expiredIssuer
  await assertProven(await signed(), { pem: expiring }, new Date('2019-12-31T23:59:59Z'))
  await assertRefused('certificate-invalid', await signed(), { pem: expiring }, new Date('2020-01-02T00:00:00Z'))
})

test('content may read settings where the sample has none', async () => {
  const reading = certificate({ ...options, content: (_, { mode }) => ({ hash: 'sha256', text: `mode ${mode}` }) })
  const made = await reading.sign!(request, certificateFixture.privateKey, now)
  assert.deepEqual(await reading.verify(made, credentials(), now), { ok: true, secret: 0 })
})
