import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { describe, test } from 'node:test'
import type { Scheme, WebhookRequest } from '../../src/receiver.ts'
import { redact } from '../../src/redact.ts'
import { anyOf } from '../../src/schemes/any-of.ts'
import { proofSettings, schemeBySettings } from '../../src/schemes/by-settings.ts'
import { none } from '../../src/schemes/none.ts'

type Settings = Record<string, string>

const SECRET = 'user:secret-of-at-least-32-characters'
const BODY = '{"a":1}'
const scheme = schemeBySettings()
const code = encodeURIComponent(SECRET)

function requestOf(headers: Record<string, string | readonly string[]> = {}, search = ''): WebhookRequest {
  return { method: 'POST', url: `https://example.com/hooks${search}`, headers, body: Buffer.from(BODY) }
}

function verdict(settings: Settings, request: WebhookRequest): string {
  const credentials = { secrets: [SECRET], settings, fetch }
  const verdict = scheme.verify(request, credentials, new Date()) as Awaited<ReturnType<Scheme['verify']>>
  return verdict.ok ? 'ok' : verdict.reason
}

function chosen(settings: Settings): Scheme {
  const choice = scheme.choose!(settings)
  assert.ok(!('problem' in choice), JSON.stringify(choice))
  return choice
}

function problem(settings: Settings): string {
  const choice = scheme.choose!(settings)
  assert.ok('problem' in choice, `${JSON.stringify(settings)} chooses a proof`)
  return `${choice.setting} ${choice.problem}`
}

function mac(hash: string, encoding: 'hex' | 'base64'): string {
  return createHmac(hash, SECRET).update(BODY).digest(encoding)
}

const basicHeader = `Basic ${Buffer.from(SECRET).toString('base64')}`

/** A request with each kind of proof that there is, and all of them right. */
const everyProof = requestOf(
  { authorization: basicHeader, 'x-token': SECRET, 'x-signature': mac('sha256', 'hex') },
  `?code=${code}`
)
const choices: [settings: Settings, carrier: string | undefined][] = [
  [{}, 'code'],
  [{ 'token-header': 'X-Token' }, 'x-token'],
  [{ basic: 'true' }, 'authorization'],
  [{ 'hmac-header': 'X-Signature' }, 'x-signature']
]

describe('exactly the chosen proof counts', () => {
  for (const [settings, carrier] of choices) {
    test(`with ${JSON.stringify(settings)}, ${carrier}`, () => {
      assert.equal(verdict(settings, everyProof), 'ok')
      const { [carrier!]: _proof, ...others } = everyProof.headers
      const without = carrier === 'code' ? requestOf(everyProof.headers as any) : { ...everyProof, headers: others }
      assert.match(verdict(settings, without as WebhookRequest), /-missing$/)
    })
  }
})

test('an HMAC is checked with the hash, the encoding and the prefix that settings say', () => {
  for (const hash of ['sha1', 'sha256', 'sha512'] as const) {
    for (const encoding of ['hex', 'base64'] as const) {
      const settings = { 'hmac-header': 'X-S', 'hmac-hash': hash, 'hmac-encoding': encoding, 'hmac-prefix': 'v1=' }
      assert.equal(verdict(settings, requestOf({ 'x-s': `v1=${mac(hash, encoding)}` })), 'ok')
      assert.equal(verdict(settings, requestOf({ 'x-s': mac(hash, encoding) })), 'signature-malformed')
      const other = mac(hash === 'sha1' ? 'sha256' : 'sha1', encoding)
      assert.notEqual(verdict(settings, requestOf({ 'x-s': `v1=${other}` })), 'ok')
    }
  }
})

test('a word as a prefix is followed by one space, anything else by nothing', () => {
  for (const prefix of ['Bearer', 'Bearer ', ' Bearer']) {
    const settings = { 'token-header': 'Authorization', 'token-prefix': prefix }
    assert.equal(verdict(settings, requestOf({ authorization: `Bearer ${SECRET}` })), 'ok')
    for (const value of [`Bearer${SECRET}`, `Bearer  ${SECRET}`, SECRET, 'Bearer', 'Bearer ']) {
      assert.match(verdict(settings, requestOf({ authorization: value })), /^token-m/, value)
    }
  }
  const settings = { 'token-header': 'X-Token', 'token-prefix': 'token=' }
  assert.equal(verdict(settings, requestOf({ 'x-token': `token=${SECRET}` })), 'ok')
  assert.equal(verdict(settings, requestOf({ 'x-token': `token= ${SECRET}` })), 'token-mismatch')
})

test('settings that contradict choose nothing, and not even a request with every proof is accepted', () => {
  const contradictions: [Settings, string][] = [
    [{ 'token-header': 'X-Token', basic: 'true' }, 'basic is set beside the setting token-header'],
    [{ 'token-header': 'X-Token', 'hmac-header': 'X-Signature' }, 'hmac-header is set beside the setting token-header'],
    [{ basic: 'true', 'hmac-header': 'X-Signature' }, 'hmac-header is set beside the setting basic'],
    [{ 'token-prefix': 'Bearer' }, 'token-prefix is set, but the setting token-header is not'],
    [{ basic: 'true', 'token-prefix': 'Bearer' }, 'token-prefix is set, but the setting token-header is not'],
    [{ 'hmac-hash': 'sha256' }, 'hmac-hash is set, but the setting hmac-header is not'],
    [{ 'hmac-encoding': 'hex' }, 'hmac-encoding is set, but the setting hmac-header is not'],
    [{ 'token-header': 'X-Token', 'hmac-prefix': 'v1=' }, 'hmac-prefix is set, but the setting hmac-header is not']
  ]
  for (const [settings, expected] of contradictions) {
    assert.ok(problem(settings).startsWith(expected), problem(settings))
    assert.equal(verdict(settings, everyProof), 'settings-unusable')
  }
})

test('so do values that nobody knows', () => {
  const misspelled: Settings[] = [
    ...['SHA256', 'sha-256', 'md5', 'sha384', 'constructor', ' sha256', ''].map(hash => ({ 'hmac-hash': hash })),
    ...['Hex', 'base64url', 'toString', ''].map(encoding => ({ 'hmac-encoding': encoding }))
  ].map(settings => ({ 'hmac-header': 'X-Signature', ...settings }))
  for (const basic of ['ture', 'false', 'off', '0', '']) misspelled.push({ basic })
  for (const name of ['', ' ', 'X Token', 'X-Token:', '__proto__', 'Schlüssel', '-x', 'a\nb']) {
    misspelled.push({ 'token-header': name }, { 'hmac-header': name })
  }
  for (const settings of misspelled) {
    assert.equal(problem(settings).split(' ')[0], Object.keys(settings).at(-1))
    assert.equal(verdict(settings, everyProof), 'settings-unusable')
  }
})

test('what is inherited is no header', () => {
  for (const name of ['constructor', 'toString', 'hasOwnProperty']) {
    assert.notEqual(verdict({ 'token-header': name }, requestOf()), 'ok')
    assert.notEqual(verdict({ 'hmac-header': name }, requestOf()), 'ok')
  }
})

test('a problem names a setting that is set, and no value', () => {
  const settings = { 'hmac-header': 'X-Signature', 'hmac-hash': 'a-value-of-mine' }
  const choice = scheme.choose!(settings)
  assert.ok('problem' in choice)
  assert.ok(choice.setting in settings)
  assert.ok(!JSON.stringify(choice).includes('a-value-of-mine'))
})

test('each choice hides what carries its secret, and only that', () => {
  const carried = (settings: Settings) => {
    const { headers, url } = redact({ scheme } as any, everyProof, 'json', settings)
    const gone = Object.keys(everyProof.headers).filter(name => !(name in headers))
    return url.includes(code) ? gone : [...gone, 'code']
  }
  assert.deepEqual(carried({}), ['code'])
  assert.deepEqual(carried({ 'token-header': 'X-Token' }), ['x-token'])
  assert.deepEqual(carried({ basic: 'true' }), ['authorization'])
  assert.deepEqual(carried({ 'hmac-header': 'X-Signature' }), [])
})

test('a code needs 32 characters, everything else 16; an HMAC covers the body', () => {
  assert.deepEqual(
    choices.map(([settings]) => chosen(settings).key),
    [{ min: 32 }, { min: 16 }, { min: 16 }, { min: 16 }]
  )
  assert.deepEqual(
    choices.map(([settings]) => chosen(settings).covers.body),
    [false, false, false, 'bytes']
  )
})

test('what is said without settings is the weakest, so that HTTPS is demanded whatever they are', () => {
  assert.deepEqual(scheme.covers, { body: false, time: false })
  assert.deepEqual(scheme.key, { min: 32 })
})

test('every setting that it reads is listed', () => {
  const read = new Set<string>()
  const all: Settings = Object.fromEntries(proofSettings.map(name => [name, 'x']))
  for (const only of [{}, ...proofSettings.map(name => ({ [name]: all[name]! }))]) {
    const spy = new Proxy<Settings>(only as Settings, {
      get(target, name) {
        read.add(String(name))
        return Reflect.get(target, name)
      }
    })
    scheme.choose!(spy)
  }
  assert.deepEqual([...read].sort(), [...proofSettings].sort())
})

test('it can’t be one of several: any of the others would be a way around the choice', () => {
  assert.throws(() => anyOf(scheme, none({ because: 'a test' })), TypeError)
  assert.throws(() => anyOf(none({ because: 'a test' }), scheme), TypeError)
})

test('a choice of values is told whole, and a header may have a name of one letter', () => {
  const settings = { 'hmac-header': 'X' }
  assert.equal(problem({ ...settings, 'hmac-hash': 'md5' }), 'hmac-hash must be one of sha1, sha256, sha512')
  assert.equal(problem({ ...settings, 'hmac-encoding': 'b64' }), 'hmac-encoding must be one of hex, base64')
  assert.equal(verdict(settings, requestOf({ x: mac('sha256', 'hex') })), 'ok')
  for (const name of ['', '-', '-X', 'X Y', 'X:', 'X\n', ' X', 'Ä']) {
    assert.equal(problem({ 'hmac-header': name }), 'hmac-header is not the name of a header', JSON.stringify(name))
  }
})
