import assert from 'node:assert/strict'
import { createHash, generateKeyPairSync } from 'node:crypto'
import { test } from 'node:test'
import { importJWK, SignJWT } from 'jose'
import type { Credentials, Verdict, WebhookRequest } from '../../src/receiver.ts'
import { type JwtOptions, jwt } from '../../src/schemes/jwt.ts'
import { header } from '../../src/schemes/place.ts'
import { jwtFixture } from '../../src/schemes/test-keys.ts'

const url = 'https://keys.example.com/certs'
const now = new Date('2026-01-01T00:00:00Z')
const seconds = now.getTime() / 1000
const bare: WebhookRequest = { method: 'POST', url: '/', headers: {}, body: Buffer.from('{"a":1}') }
const { publicKey, privateKey } = jwtFixture('RS256')
const other = otherPair('another')

const options: JwtOptions = {
  place: header('authorization'),
  prefix: 'Bearer ',
  algorithm: 'RS256',
  keys: url,
  maxAge: 3600,
  covers: { body: false, time: true },
  check: ({ aud }, _request, settings) => (aud === settings.audience ? undefined : 'token-mismatch'),
  sample: { claims: () => ({ aud: 'us' }), settings: { audience: 'us' } }
}

function otherPair(kid: string): { publicKey: string; privateKey: string } {
  const pair = generateKeyPairSync('rsa', { modulusLength: 2048 })
  return {
    publicKey: JSON.stringify({ ...pair.publicKey.export({ format: 'jwk' }), kid, alg: 'RS256', use: 'sig' }),
    privateKey: JSON.stringify({ ...pair.privateKey.export({ format: 'jwk' }), kid })
  }
}

/** Serves what `keys` says now, and keeps the first answer for whoever does not ask past the cache. */
function served(keys: () => string | undefined, asked: (string | undefined)[] = []): Credentials {
  let cached: string | undefined
  return {
    secrets: [],
    settings: { audience: 'us' },
    async fetch(input, init) {
      assert.equal(String(input), url)
      asked.push(init?.cache)
      if (init?.cache !== 'no-store') cached ??= keys()
      const text = init?.cache === 'no-store' ? keys() : cached
      return text === undefined ? new Response(null, { status: 500 }) : new Response(`{"keys":[${text}]}`)
    }
  }
}

async function tokenOf(claims: object, key = privateKey, alg = 'RS256'): Promise<string> {
  const { kid, ...jwk } = JSON.parse(key)
  return new SignJWT({ ...claims }).setProtectedHeader({ alg, kid }).sign(await importJWK(jwk, alg))
}

function sent(token: string): WebhookRequest {
  return { ...bare, headers: { authorization: `Bearer ${token}` } }
}

function judged(token: string, at = now, credentials = served(() => publicKey)): Promise<Verdict> {
  return Promise.resolve(jwt(options).verify(sent(token), credentials, at))
}

function reasonOf(verdict: Verdict): string {
  return verdict.ok ? 'proven' : verdict.reason
}

const claims = { aud: 'us', iat: seconds, exp: seconds + 3600 }

test('a token by a key of the set, with what the check demands, proves the request', async () => {
  assert.deepEqual(await judged(await tokenOf(claims)), { ok: true, secret: 0 })
  assert.equal(reasonOf(await judged(await tokenOf({ ...claims, aud: 'them' }))), 'token-mismatch')
})

test('a token by another key under the same name is refused', async () => {
  const key = JSON.stringify({ ...JSON.parse(other.privateKey), kid: JSON.parse(publicKey).kid })
  assert.equal(reasonOf(await judged(await tokenOf(claims, key))), 'signature-mismatch')
})

test('the token does not choose its algorithm', async () => {
  const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const { kid } = JSON.parse(publicKey)
  const unsigned = [encoded({ alg: 'none', kid }), encoded(claims), encoded({})].join('.')
  assert.equal(reasonOf(await judged(unsigned)), 'token-malformed')
  const secret = new TextEncoder().encode(publicKey)
  const symmetric = await new SignJWT(claims).setProtectedHeader({ alg: 'HS256', kid }).sign(secret)
  assert.equal(reasonOf(await judged(symmetric)), 'token-malformed')
  assert.equal(reasonOf(await judged(await tokenOf(claims, privateKey, 'PS256'))), 'token-malformed')
})

test('a token counts from its making to its end, a minute off at most', async () => {
  const token = await tokenOf(claims)
  const at = (apart: number) => new Date(now.getTime() + apart * 1000)
  for (const apart of [-60, 0, 3600, 3659]) assert.equal(reasonOf(await judged(token, at(apart))), 'proven')
  for (const apart of [-61, 3660, 86400]) {
    assert.equal(reasonOf(await judged(token, at(apart))), 'timestamp-outside-tolerance', String(apart))
  }
  const endless = await tokenOf({ aud: 'us', iat: seconds })
  assert.equal(reasonOf(await judged(endless, at(3661))), 'timestamp-outside-tolerance')
  assert.equal(reasonOf(await judged(await tokenOf({ aud: 'us' }))), 'timestamp-outside-tolerance')
  const later = await tokenOf({ ...claims, nbf: seconds + 600 })
  assert.equal(reasonOf(await judged(later)), 'timestamp-outside-tolerance')
})

test('what is no token is refused before anything is fetched', async () => {
  const asked: (string | undefined)[] = []
  const credentials = served(() => publicKey, asked)
  const token = await tokenOf(claims)
  const verify = (authorization: string | string[] | undefined) =>
    jwt(options).verify({ ...bare, headers: { authorization } }, credentials, now)
  assert.equal(reasonOf(await verify(undefined)), 'token-missing')
  assert.equal(reasonOf(await verify('')), 'token-missing')
  const wrong = [
    token,
    `bearer ${token}`,
    'Bearer ',
    'Bearer a.b',
    `Bearer ${token}.x`,
    `Bearer ${token}=`,
    `Bearer ${token}\n`
  ]
  for (const authorization of [...wrong, [`Bearer ${token}`, `Bearer ${token}`]]) {
    assert.equal(reasonOf(await verify(authorization)), 'token-malformed')
  }
  assert.deepEqual(asked, [])
})

test('keys that cannot be had now, or are none, are no verdict on the request', async () => {
  const token = await tokenOf(claims)
  for (const keys of [undefined, '{', '7']) {
    assert.equal(
      reasonOf(
        await judged(
          token,
          now,
          served(() => keys)
        )
      ),
      'key-unavailable'
    )
  }
  const offline = { ...served(() => publicKey), fetch: () => Promise.reject(new Error('offline')) }
  assert.equal(reasonOf(await judged(token, now, offline)), 'key-unavailable')
})

test('a new key makes us ask past the cache once, and then counts for everybody', async () => {
  const asked: (string | undefined)[] = []
  let keys = publicKey
  const credentials = served(() => keys, asked)
  const scheme = jwt(options)
  const verify = async (token: string, at = now) => reasonOf(await scheme.verify(sent(token), credentials, at))
  assert.equal(await verify(await tokenOf(claims)), 'proven')
  keys = other.publicKey
  const token = await tokenOf(claims, other.privateKey)
  assert.deepEqual(await Promise.all([verify(token), verify(token), verify(token)]), ['proven', 'proven', 'proven'])
  assert.equal(await verify(token, new Date(now.getTime() + 59_000)), 'proven')
  assert.equal(asked.filter(cache => cache === 'no-store').length, 1)
})

test('tokens by keys that nobody has make us ask once a minute at most', async () => {
  const asked: (string | undefined)[] = []
  const credentials = served(() => publicKey, asked)
  const scheme = jwt(options)
  const forged = await tokenOf(claims, other.privateKey)
  for (const apart of [0, 1, 30, 59, 60]) {
    const at = new Date(now.getTime() + apart * 1000)
    assert.equal(reasonOf(await scheme.verify(sent(forged), credentials, at)), 'key-unavailable')
  }
  assert.equal(asked.filter(cache => cache === 'no-store').length, 2)
})

test('without a URL the secrets are the keys, and nothing is fetched', async () => {
  const { keys: _, ...rest } = options
  const scheme = jwt({
    ...rest,
    check: ({ sum }, { body }) =>
      sum === createHash('sha256').update(body).digest('hex') ? undefined : 'signature-mismatch'
  })
  const sum = createHash('sha256').update(bare.body).digest('hex')
  const request = sent(await tokenOf({ ...claims, sum }))
  const offline = { settings: {}, fetch: () => Promise.reject(new Error('offline')) }
  const verify = async (secrets: string[], given = request) => scheme.verify(given, { ...offline, secrets }, now)
  assert.deepEqual(await verify([publicKey]), { ok: true, secret: 0 })
  assert.deepEqual(await verify([other.publicKey, publicKey]), { ok: true, secret: 1 })
  assert.equal(reasonOf(await verify([publicKey], { ...request, body: Buffer.from('{"a":2}') })), 'signature-mismatch')
  assert.equal(reasonOf(await verify([])), 'secret-missing')
  for (const secret of ['', '{', 'null', other.publicKey]) {
    assert.equal(reasonOf(await verify([secret])), 'key-unavailable', secret)
  }
})

test('a private or a symmetric key in the place of a public one proves nothing', async () => {
  const { kid } = JSON.parse(publicKey)
  const { keys: _, ...rest } = options
  const request = sent(await tokenOf(claims))
  const symmetric = JSON.stringify({ kty: 'oct', k: Buffer.from('secret').toString('base64url'), kid, alg: 'HS256' })
  for (const secret of [privateKey, symmetric]) {
    const verdict = await jwt(rest).verify(request, { secrets: [secret], settings: { audience: 'us' }, fetch }, now)
    assert.equal(verdict.ok, false)
  }
})

test('what the scheme signs for tests, it accepts', async () => {
  const scheme = jwt(options)
  const { credentials, sign } = scheme.testKeys!()
  const request = await scheme.sign!(bare, sign, now)
  assert.deepEqual(await scheme.verify(request, { ...served(() => undefined), ...credentials }, now), {
    ok: true,
    secret: 0
  })
})
