import assert from 'node:assert/strict'
import { test } from 'node:test'
import { supabase } from '../../receivers/supabase.ts'
import { receive } from '../../src/receive.ts'

const key = 'cG9zdGhvcm4gdGVzdCBzZWNyZXQgb2YgbWFueSBieXRlcw=='
const now = new Date(1_700_000_000_000)

async function outcomeOf(body: string, signedWith: string, configured: string) {
  const bare = { method: 'POST', url: '/', headers: {}, body: Buffer.from(body) }
  const signed = await supabase.scheme.sign!(bare, signedWith, now)
  return receive(supabase, '', signed, { secrets: [configured], settings: {}, fetch }, now)
}

test('a secret counts as the dashboard shows it, and as the libraries want it', async () => {
  const body = '{"user_id":"1","valid":true}'
  for (const configured of [`v1,whsec_${key}`, `whsec_${key}`, key]) {
    assert.equal((await outcomeOf(body, `v1,whsec_${key}`, configured)).kind, 'accepted', configured)
  }
})

test('a hook that nobody replies to hears an empty object, as JSON', async () => {
  const outcome = await outcomeOf('{"user":{"id":"1"},"sms":{"otp":"561166"}}', key, key)
  assert.deepEqual(outcome.reply, { status: 200, body: {} })
})

test('a body that is no known hook names no event', async () => {
  const outcome = await outcomeOf('{"user":{"id":"1"}}', key, key)
  assert(outcome.kind === 'rejected')
  assert.equal(outcome.reason, 'event-missing')
})

test('a hook has the name of the documentation, whatever its metadata call it', async () => {
  const hooks = {
    'custom-access-token': ['customize-access-token', '"user_id":"1","claims":{}'],
    'mfa-verification-attempt': ['mfa-verification', '"user_id":"1","factor_id":"2","valid":true'],
    'password-verification-attempt': ['password-verification', '"user_id":"1","valid":true']
  }
  for (const [event, [name, fields]] of Object.entries(hooks)) {
    const outcome = await outcomeOf(`{"metadata":{"name":"${name}"},${fields}}`, key, key)
    assert.equal(outcome.kind === 'accepted' && outcome.deliveries[0]?.event, event)
  }
})
