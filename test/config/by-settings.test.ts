/** Where settings choose the proof, what is wrong with them stops the start and names the variable. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { genericForm } from '../../receivers/generic-form.ts'
import { genericJson } from '../../receivers/generic-json.ts'
import { configure } from '../../src/config/config.ts'
import { CredentialsLookup } from '../../src/config/credentials.ts'
import type { CredentialsInput } from '../../src/config/instance.ts'
import type { AnyReceiver } from '../../src/receiver.ts'

type Env = Record<string, string>

const CODE = 'a-code-for-the-url-of-32-letters-'
const KEY = 'a-key-of-16-char'
const P = 'WEBHOOKS_GENERIC_JSON_'

function withPrefix(env: Env): Env {
  return Object.fromEntries(Object.entries(env).map(([name, value]) => [P + name, value]))
}

function accepted(env: Env, receivers: readonly AnyReceiver[] = [genericJson]) {
  return configure(receivers, { env: withPrefix(env) })
}

function refusal(env: Env, options: { minSecretLength?: number } = {}): string {
  try {
    configure([genericJson], { env: withPrefix(env), ...options })
  } catch (error: any) {
    for (const value of Object.values(env)) assert.ok(value.length < 4 || !error.message.includes(value), error.message)
    return error.message
  }
  return assert.fail('should have been refused')
}

test('settings come from variables, for the unnamed instance and for named ones', () => {
  const { instances } = accepted({
    SECRET: KEY,
    HMAC_HEADER: 'X-Signature',
    EVENT_PATH: 'data.type',
    SECRETS: `tilda=${KEY} crm=${CODE}`,
    TOKEN_HEADERS: 'tilda=X-Key',
    TOKEN_PREFIXS: '{"tilda": "Bearer"}'
  })
  assert.deepEqual(Object.fromEntries(instances.get('generic-json')!), {
    '': { secrets: [KEY], settings: { 'hmac-header': 'X-Signature', 'event-path': 'data.type' } },
    tilda: { secrets: [KEY], settings: { 'token-header': 'X-Key', 'token-prefix': 'Bearer' } },
    crm: { secrets: [CODE], settings: {} }
  })
})

test('contradictions and unknown values are refused by the variable’s name', () => {
  const SECRET = CODE
  const cases: [Env, string][] = [
    [{ SECRET, HMAC_HASH: 'sha1' }, `${P}HMAC_HASH is set, but the setting hmac-header is not`],
    [{ SECRET, HMAC_HEADER: 'X-S', BASIC: 'true' }, `${P}HMAC_HEADER is set beside the setting basic`],
    [{ SECRET, HMAC_HEADER: 'X-S', HMAC_HASH: 'SHA256' }, `${P}HMAC_HASH must be one of sha1, sha256, sha512`],
    [{ SECRET, HMAC_HEADER: 'X-S', HMAC_ENCODING: 'b64' }, `${P}HMAC_ENCODING must be one of hex, base64`],
    [{ SECRET, BASIC: 'ture' }, `${P}BASIC must be true, or not be set`],
    [{ SECRET, TOKEN_HEADER: 'X Token' }, `${P}TOKEN_HEADER is not the name of a header`],
    [{ SECRET, EVENT_PATH: 'a', EVENT_HEADER: 'X-E' }, `${P}EVENT_PATH is set beside the setting event-header`],
    [{ SECRET, EVENT_QUERY: 'a', EVENT_HEADER: 'X-E' }, `${P}EVENT_HEADER is set beside the setting event-query`],
    [{ SECRET, ID_PATH: 'a', ID_HEADER: 'X-Id' }, `${P}ID_PATH is set beside the setting id-header`],
    [{ SECRET, ID_PATH: 'data..id' }, `${P}ID_PATH is not a path`],
    [{ SECRET, EVENT_PATH: 'a.b.c.d.e.f.g.h.i' }, `${P}EVENT_PATH is not a path`],
    [{ SECRET, ID_HEADER: 'X:Id' }, `${P}ID_HEADER is not the name of a header`],
    [{ SECRETS: `crm=${CODE}`, HMAC_HASHS: 'crm=sha1' }, `${P}HMAC_HASHS (entry 1) is set, but`]
  ]
  for (const [env, expected] of cases) assert.ok(refusal(env).includes(`- ${expected}`), refusal(env))
})

test('a misspelled name is refused, since without that setting a code in the URL would be enough', () => {
  const SECRET = CODE
  assert.match(refusal({ SECRET, HMAC_HEADR: 'X-Signature' }), /HMAC_HEADR\. Did you mean \w+HMAC_HEADER\?/)
  assert.match(refusal({ SECRET, SIGNATURE_HEADER: 'X-Signature' }), /Nothing reads \w+SIGNATURE_HEADER/)
  // Other receivers' names stay a warning, as everywhere.
  const { warnings } = configure([genericJson], { env: { [`${P}SECRET`]: CODE, WEBHOOKS_GENERIC_SECRET: CODE } })
  assert.equal(warnings.length, 1)
})

test('two such receivers do not get in each other’s way', () => {
  const env = { [`${P}SECRET`]: CODE, WEBHOOKS_GENERIC_FORM_SECRET: CODE, WEBHOOKS_GENERIC_FORM_BASIC: 'on' }
  assert.deepEqual(configure([genericJson, genericForm], { env }).warnings, [])
})

test('the shortest secret is that of the chosen proof', () => {
  accepted({ SECRET: KEY, HMAC_HEADER: 'X-Signature' })
  accepted({ SECRET: KEY, TOKEN_HEADER: 'X-Token' })
  accepted({ SECRET: `u:${KEY}`, BASIC: 'true' })
  assert.match(refusal({ SECRET: KEY }), /needs 32 at least/)
  assert.match(refusal({ SECRET: KEY.slice(1), HMAC_HEADER: 'X-Signature' }), /needs 16 at least/)
  assert.match(refusal({ SECRET: '123', HMAC_HEADER: 'X-Signature' }, { minSecretLength: 4 }), /needs 4 at least/)
  assert.match(refusal({ HMAC_HEADER: 'X-Signature' }), /needs WEBHOOKS_GENERIC_JSON_SECRET as well/)
})

test('a receiver’s own lower minimum holds for every choice', () => {
  const lowered = { ...genericJson, scheme: { ...genericJson.scheme, key: { min: 8 } } }
  accepted({ SECRET: '12345678' }, [lowered])
  accepted({ SECRET: '12345678', HMAC_HEADER: 'X-Signature' }, [lowered])
})

test('credentials from code are judged alike: at start from a table, at the request from a function', async () => {
  const wrong: CredentialsInput[] = [
    { secrets: [CODE], settings: { 'hmac-hash': 'sha1' } },
    { secrets: [CODE], settings: { 'hmac-haeder': 'X-Signature' } },
    { secrets: [CODE], settings: { 'id-path': '.' } }
  ]
  for (const input of wrong) {
    const table = { env: {}, credentials: { 'generic-json': { '': input } } }
    assert.throws(() => configure([genericJson], table), /credentials\['generic-json'\]\[''\]\.settings/)

    const ask = async () => input
    const lookup = new CredentialsLookup(configure([genericJson], { env: {}, credentials: ask }), ask)
    await assert.rejects(async () => lookup.credentialsFor(genericJson, ''), /settings/)
  }
})
