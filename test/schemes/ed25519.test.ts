import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Credentials, WebhookRequest } from '../../src/receiver.ts'
import { ed25519 } from '../../src/schemes/ed25519.ts'

const scheme = ed25519({ header: 'x-signature', timestamp: { header: 'x-time', as: 'seconds' } })
const now = new Date('2026-01-01T00:00:00Z')
const request: WebhookRequest = { method: 'POST', url: '/', headers: {}, body: Buffer.from('{"a":1}') }

/** The second and third key pair of RFC 8032, section 7.1. */
const publicKey = '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c'
const seed = '4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb'
const otherKey = 'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025'

function withSecrets(...secrets: string[]): Credentials {
  return { secrets, settings: {}, fetch }
}

async function signed(headers: WebhookRequest['headers'] = {}): Promise<WebhookRequest> {
  const made = await scheme.sign!(request, seed, now)
  return { ...made, headers: { ...made.headers, ...headers } }
}

test('the signature of RFC 8032 proves its message', () => {
  const plain = ed25519({
    header: 'x-signature',
    timestamp: { header: 'x-time', as: 'seconds' },
    content: ({ body }) => [body]
  })
  const headers = {
    'x-signature':
      '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
    'x-time': '1767225600'
  }
  const message = { ...request, headers, body: Buffer.from([0x72]) }
  assert.deepEqual(plain.verify(message, withSecrets(publicKey), now), { ok: true, secret: 0 })
  assert.deepEqual(plain.verify({ ...message, body: Buffer.from([0x73]) }, withSecrets(publicKey), now), {
    ok: false,
    reason: 'signature-mismatch'
  })
})

test('the matching one of several keys is told, in either case of its hex', async () => {
  assert.deepEqual(scheme.verify(await signed(), withSecrets(otherKey, publicKey.toUpperCase()), now), {
    ok: true,
    secret: 1
  })
})

test('a key that is none is passed over, and refuses where it is alone', async () => {
  assert.deepEqual(scheme.verify(await signed(), withSecrets('not a key', publicKey), now), { ok: true, secret: 1 })
  for (const bad of ['', 'zz'.repeat(32), publicKey.slice(2), `${publicKey}00`]) {
    assert.deepEqual(scheme.verify(await signed(), withSecrets(bad), now), { ok: false, reason: 'secret-missing' }, bad)
  }
  assert.deepEqual(scheme.verify(await signed(), withSecrets(), now), { ok: false, reason: 'secret-missing' })
})

test('a signature that is missing, a list or not 64 bytes in hex is refused as such', async () => {
  const signature = (await signed()).headers['x-signature'] as string
  const reasons = {
    'signature-missing': [undefined, ''],
    'signature-malformed': [[signature, signature], signature.slice(2), `${signature}00`, `${signature.slice(2)}zz`]
  }
  for (const [reason, values] of Object.entries(reasons)) {
    for (const value of values) {
      const verdict = scheme.verify(await signed({ 'x-signature': value }), withSecrets(publicKey), now)
      assert.deepEqual(verdict, { ok: false, reason }, String(value))
    }
  }
})

test('the signature is judged before the time', async () => {
  const late = new Date(now.getTime() + 301_000)
  assert.deepEqual(scheme.verify(await signed(), withSecrets(publicKey), late), {
    ok: false,
    reason: 'timestamp-outside-tolerance'
  })
  assert.deepEqual(scheme.verify(await signed(), withSecrets(otherKey), late), {
    ok: false,
    reason: 'signature-mismatch'
  })
})

test('the time belongs to what is signed, and comes once', async () => {
  const cases = [
    ['1767225601', 'signature-mismatch'],
    [undefined, 'timestamp-missing'],
    [['1767225600', '1767225600'], 'timestamp-malformed']
  ] as const
  for (const [time, reason] of cases) {
    const verdict = scheme.verify(await signed({ 'x-time': time }), withSecrets(publicKey), now)
    assert.deepEqual(verdict, { ok: false, reason })
  }
})

test('the test keys fit together', async () => {
  const { credentials, sign } = scheme.testKeys!()
  const made = await scheme.sign!(request, sign, now)
  assert.deepEqual(scheme.verify(made, { ...withSecrets(), ...credentials }, now), { ok: true, secret: 0 })
})

test('signing with what is no private key says so', () => {
  assert.throws(() => scheme.sign!(request, 'secret', now), /32 bytes in hex/)
})

test('a time counts 300 seconds in either direction, or as long as is said', async () => {
  const judge = (judging: typeof scheme, made: WebhookRequest, seconds: number) =>
    judging.verify(made, withSecrets(publicKey), new Date(now.getTime() + seconds * 1000))
  const made = await signed()
  const outside = { ok: false, reason: 'timestamp-outside-tolerance' }
  for (const seconds of [300, -300]) assert.deepEqual(judge(scheme, made, seconds), { ok: true, secret: 0 })
  for (const seconds of [301, -301]) assert.deepEqual(judge(scheme, made, seconds), outside)
  const timestamp = { header: 'x-time', as: 'seconds', tolerance: 30 } as const
  const strict = ed25519({ header: 'x-signature', timestamp })
  assert.deepEqual(judge(strict, made, 30), { ok: true, secret: 0 })
  assert.deepEqual(judge(strict, made, 31), outside)
})

test('what stands before a signature or a key counts as much as what stands behind', async () => {
  const signature = (await signed()).headers['x-signature'] as string
  for (const given of [`00${signature}`, ` ${signature}`, `${signature}\n`]) {
    const verdict = scheme.verify(await signed({ 'x-signature': given }), withSecrets(publicKey), now)
    assert.deepEqual(verdict, { ok: false, reason: 'signature-malformed' }, given)
  }
  for (const key of [`00${publicKey}`, ` ${publicKey}`, `${publicKey}\n`]) {
    assert.deepEqual(scheme.verify(await signed(), withSecrets(key), now), { ok: false, reason: 'secret-missing' }, key)
  }
})

test('it says what it covers, and how long a key is', () => {
  assert.deepEqual(scheme.key, { min: 64 })
  assert.deepEqual(scheme.covers, { body: 'bytes', time: true })
  assert.equal(scheme.carries, undefined)
})
