import assert from 'node:assert/strict'
import { createPrivateKey, createPublicKey, generateKeyPairSync, sign as signWith } from 'node:crypto'
import { test } from 'node:test'
import type { Credentials, WebhookRequest } from '../../src/receiver.ts'
import { ecdsa } from '../../src/schemes/ecdsa.ts'
import { ecdsaFixture } from '../../src/schemes/test-keys.ts'

const scheme = ecdsa({ header: 'x-signature', timestamp: { header: 'x-time', as: 'seconds' } })
const now = new Date('2026-01-01T00:00:00Z')
const request: WebhookRequest = { method: 'POST', url: '/', headers: {}, body: Buffer.from('{"a":1}') }
const { publicKey, privateKey } = ecdsaFixture
const otherKey = freshKey('P-256')

function freshKey(namedCurve: string): string {
  return generateKeyPairSync('ec', { namedCurve }).publicKey.export({ format: 'der', type: 'spki' }).toString('base64')
}

function withSecrets(...secrets: string[]): Credentials {
  return { secrets, settings: {}, fetch }
}

async function signed(headers: WebhookRequest['headers'] = {}): Promise<WebhookRequest> {
  const made = await scheme.sign!(request, privateKey, now)
  return { ...made, headers: { ...made.headers, ...headers } }
}

test('a signature made without this code, over the time and the body, is accepted', () => {
  const key = createPrivateKey({ key: Buffer.from(privateKey, 'base64'), format: 'der', type: 'pkcs8' })
  const signature = signWith('sha256', Buffer.from('1767225600{"a":1}'), key).toString('base64')
  const made = { ...request, headers: { 'x-signature': signature, 'x-time': '1767225600' } }
  assert.deepEqual(scheme.verify(made, withSecrets(publicKey), now), { ok: true, secret: 0 })
  const changed = { ...made, body: Buffer.from('{"a":2}') }
  assert.deepEqual(scheme.verify(changed, withSecrets(publicKey), now), { ok: false, reason: 'signature-mismatch' })
})

test('the matching one of several keys is told, and one that is none is passed over', async () => {
  assert.deepEqual(scheme.verify(await signed(), withSecrets(otherKey, publicKey), now), { ok: true, secret: 1 })
  assert.deepEqual(scheme.verify(await signed(), withSecrets('no key', publicKey), now), { ok: true, secret: 1 })
})

test('what is no public key on P-256 refuses where it is alone', async () => {
  const onAnotherCurve = freshKey('secp384r1')
  const bad = ['', 'no key', privateKey, `${publicKey} `, ` ${publicKey}`, `x${publicKey.slice(1)}`, onAnotherCurve]
  for (const key of [...bad, 'A'.repeat(124)]) {
    assert.deepEqual(scheme.verify(await signed(), withSecrets(key), now), { ok: false, reason: 'secret-missing' }, key)
  }
  assert.deepEqual(scheme.verify(await signed(), withSecrets(), now), { ok: false, reason: 'secret-missing' })
})

test('a signature that is missing, a list, or not DER in plain base64 is refused as such', async () => {
  const signature = (await signed()).headers['x-signature'] as string
  const der = Buffer.from(signature, 'base64')
  const longer = Buffer.concat([der, Buffer.of(0)]).toString('base64')
  const reasons = {
    'signature-missing': [undefined, ''],
    'signature-malformed': [
      [signature, signature],
      `${signature}=`,
      `${signature}\n`,
      ` ${signature}`,
      `${signature}${signature}`,
      longer,
      der.subarray(1).toString('base64'),
      der.toString('base64url').replaceAll(/[A-Za-z0-9]/g, '-'),
      der.toString('hex'),
      'A'.repeat(10_000)
    ]
  }
  for (const [reason, values] of Object.entries(reasons)) {
    for (const value of values) {
      const verdict = scheme.verify(await signed({ 'x-signature': value }), withSecrets(publicKey), now)
      assert.deepEqual(verdict, { ok: false, reason }, String(value))
    }
  }
})

test('DER that holds no two numbers is a signature that does not match', async () => {
  for (const bytes of [
    [0x30, 0],
    [0x30, 6, 2, 1, 0, 2, 1, 0],
    [0x30, 4, 1, 2, 3, 4]
  ]) {
    const value = Buffer.from(bytes).toString('base64')
    const verdict = scheme.verify(await signed({ 'x-signature': value }), withSecrets(publicKey), now)
    assert.deepEqual(verdict, { ok: false, reason: 'signature-mismatch' }, value)
  }
})

test('the time belongs to what is signed, and comes once', async () => {
  const cases = [
    ['1767225601', 'signature-mismatch'],
    ['01767225600', 'signature-mismatch'],
    [undefined, 'timestamp-missing'],
    [['1767225600', '1767225600'], 'timestamp-malformed']
  ] as const
  for (const [time, reason] of cases) {
    const verdict = scheme.verify(await signed({ 'x-time': time }), withSecrets(publicKey), now)
    assert.deepEqual(verdict, { ok: false, reason })
  }
})

test('a time counts 300 seconds in either direction, or as long as is said, and after the signature', async () => {
  const outside = { ok: false, reason: 'timestamp-outside-tolerance' }
  const judge = (judging: typeof scheme, made: WebhookRequest, seconds: number, key = publicKey) =>
    judging.verify(made, withSecrets(key), new Date(now.getTime() + seconds * 1000))
  const made = await signed()
  for (const seconds of [300, -300]) assert.deepEqual(judge(scheme, made, seconds), { ok: true, secret: 0 })
  for (const seconds of [301, -301]) assert.deepEqual(judge(scheme, made, seconds), outside)
  assert.deepEqual(judge(scheme, made, 301, otherKey), { ok: false, reason: 'signature-mismatch' })
  const strict = ecdsa({ header: 'x-signature', timestamp: { header: 'x-time', as: 'seconds', tolerance: 30 } })
  assert.deepEqual(judge(strict, made, 30), { ok: true, secret: 0 })
  assert.deepEqual(judge(strict, made, 31), outside)
})

test('what is signed can be said', async () => {
  const other = ecdsa({
    header: 'x-signature',
    timestamp: { header: 'x-time', as: 'seconds' },
    content: ({ body }, time) => [body, '.', time]
  })
  const made = await other.sign!(request, privateKey, now)
  assert.deepEqual(other.verify(made, withSecrets(publicKey), now), { ok: true, secret: 0 })
  assert.deepEqual(scheme.verify(made, withSecrets(publicKey), now), { ok: false, reason: 'signature-mismatch' })
})

test('the test keys are a pair, and fit together', async () => {
  const { credentials, sign } = scheme.testKeys!()
  const made = await scheme.sign!(request, sign, now)
  assert.deepEqual(scheme.verify(made, { ...withSecrets(), ...credentials }, now), { ok: true, secret: 0 })
  const derived = createPublicKey(
    createPrivateKey({ key: Buffer.from(privateKey, 'base64'), format: 'der', type: 'pkcs8' })
  )
  assert.equal(derived.export({ format: 'der', type: 'spki' }).toString('base64'), publicKey)
})

test('signing with what is no private key says so', () => {
  for (const key of ['', 'no key']) assert.throws(() => scheme.sign!(request, key, now), /PKCS #8 in base64/)
})

test('it says what it covers, and how long a key is', () => {
  assert.deepEqual(scheme.key, { min: 124 })
  assert.equal(publicKey.length, 124)
  assert.deepEqual(scheme.covers, { body: 'bytes', time: true })
  assert.equal(scheme.carries, undefined)
})
