import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import type { Verdict, WebhookRequest } from '../../src/kit.ts'
import { stripe } from '../../src/schemes/stripe.ts'

const scheme = stripe()
const secret = 'whsec_of_the_scheme_test'
const time = 1_700_000_000
const now = new Date(time * 1000)
const body = Buffer.from('{"id":"evt_1","type":"invoice.paid","note":"Grüße"}')

function mac(signed: { body?: Uint8Array; time?: number | string; secret?: string } = {}): string {
  return createHmac('sha256', signed.secret ?? secret)
    .update(`${signed.time ?? time}.`)
    .update(signed.body ?? body)
    .digest('hex')
}

function request(signature: string | string[] | undefined, bytes: Uint8Array = body): WebhookRequest {
  return { method: 'POST', url: 'https://example.com/', headers: { 'stripe-signature': signature }, body: bytes }
}

async function verify(
  signature: string | string[] | undefined,
  { at = now, bytes = body, secrets = [secret] }: { at?: Date; bytes?: Uint8Array; secrets?: string[] } = {}
): Promise<Verdict> {
  return scheme.verify(request(signature, bytes), { secrets, settings: {}, fetch }, at)
}

async function refused(signature: string | string[] | undefined, options?: Parameters<typeof verify>[1]) {
  const verdict = await verify(signature, options)
  return verdict.ok ? 'accepted' : verdict.reason
}

test('accepts what Stripe signs', async () => {
  assert.deepEqual(await verify(`t=${time},v1=${mac()}`), { ok: true, secret: 0 })
})

test('accepts hex in either case, and spaces that a proxy put between the parts', async () => {
  assert.deepEqual(await verify(`t=${time}, v1=${mac().toUpperCase()}`), { ok: true, secret: 0 })
})

test('accepts any of several signatures, and says which secret gave it', async () => {
  const other = mac({ secret: 'whsec_of_somebody_else' })
  assert.deepEqual(await verify(`t=${time},v1=${other},v1=${mac()},v0=${'0'.repeat(64)}`), { ok: true, secret: 0 })
  assert.deepEqual(await verify(`t=${time},v1=${mac()}`, { secrets: ['whsec_the_newer_one', secret] }), {
    ok: true,
    secret: 1
  })
})

test('signs what it accepts', async () => {
  const signed = await scheme.sign!(request(undefined), secret, now)
  assert.equal(signed.headers['stripe-signature'], `t=${time},v1=${mac()}`)
})

test('refuses without a secret, and a blank one proves nothing', async () => {
  const signature = `t=${time},v1=${mac({ secret: '' })}`
  assert.equal(await refused(signature, { secrets: [] }), 'secret-missing')
  assert.equal(await refused(signature, { secrets: [''] }), 'signature-mismatch')
  assert.equal(await refused(`t=${time},v1=${mac({ secret: ' ' })}`, { secrets: [' '] }), 'signature-mismatch')
})

test('refuses a header that is missing, empty or came twice', async () => {
  const good = `t=${time},v1=${mac()}`
  assert.equal(await refused(undefined), 'signature-missing')
  assert.equal(await refused(''), 'signature-missing')
  assert.equal(await refused([good, good]), 'signature-malformed')
  assert.equal(await refused([good]), 'signature-malformed')
})

test('refuses a header that is not exactly in the layout', async () => {
  const good = `t=${time},v1=${mac()}`
  const malformed = [
    `t=${time},${good}`,
    `t=1,${good}`,
    `${good},`,
    `${good},junk`,
    't',
    ',,',
    't,v1=,v0=',
    `t=${time}`,
    `t=${time},v0=${mac()}`,
    `t=${time},V1=${mac()}`,
    `t=${time},v1=`,
    `t=${time},v1=${mac()}00`,
    `t=${time},v1=${mac().slice(2)}`,
    `t=${time},v1=${mac().slice(2)}zz`
  ]
  for (const signature of malformed) assert.equal(await refused(signature), 'signature-malformed', signature)
})

test('refuses a time that is only nearly a number of seconds, even where the official code would read it', async () => {
  assert.equal(await refused(`v1=${mac()}`), 'timestamp-missing')
  for (const spelled of [`${time}abc`, `0${time}`, `+${time}`, `${time}.5`, `-${time}`, '1.7e9', '0x6553f100', '']) {
    assert.equal(await refused(`t=${spelled},v1=${mac()}`), 'signature-mismatch', spelled)
    assert.equal(await refused(`t=${spelled},v1=${mac({ time: spelled })}`), 'timestamp-malformed', spelled)
  }
})

test('refuses times more than five minutes away, in the past and in the future', async () => {
  const signature = `t=${time},v1=${mac()}`
  for (const apart of [-300_000, 300_000]) {
    assert.deepEqual(await verify(signature, { at: new Date(now.getTime() + apart) }), { ok: true, secret: 0 })
  }
  for (const apart of [-301_000, -3_600_000, 301_000, 3_600_000]) {
    const at = new Date(now.getTime() + apart)
    assert.equal(await refused(signature, { at }), 'timestamp-outside-tolerance', String(apart))
  }
})

test('judges the signature before the time', async () => {
  const at = new Date(now.getTime() + 3_600_000)
  assert.equal(await refused(`t=${time},v1=${mac({ secret: 'whsec_of_somebody_else' })}`, { at }), 'signature-mismatch')
})

test('refuses another body, time or secret', async () => {
  const signature = `t=${time},v1=${mac()}`
  assert.equal(await refused(signature, { bytes: Buffer.concat([body, Buffer.from(' ')]) }), 'signature-mismatch')
  assert.equal(await refused(signature, { bytes: Buffer.alloc(0) }), 'signature-mismatch')
  assert.equal(await refused(`t=${time + 1},v1=${mac()}`), 'signature-mismatch')
  assert.equal(await refused(signature, { secrets: ['whsec_of_somebody_else'] }), 'signature-mismatch')
})

test('refuses bytes that a decoder would make the same text of', async () => {
  const replaced = Buffer.from('{"note":"\ufffd"}')
  const invalid = Buffer.from(replaced.toString('latin1').replace('\xef\xbf\xbd', '\xff'), 'latin1')
  const signature = `t=${time},v1=${mac({ body: replaced })}`
  assert.deepEqual(await verify(signature, { bytes: replaced }), { ok: true, secret: 0 })
  assert.equal(await refused(signature, { bytes: invalid }), 'body-not-utf8')
})

test('counts a byte order mark as part of the body', async () => {
  const marked = Buffer.concat([Buffer.from('\ufeff'), body])
  assert.equal(await refused(`t=${time},v1=${mac()}`, { bytes: marked }), 'signature-mismatch')
  assert.deepEqual(await verify(`t=${time},v1=${mac({ body: marked })}`, { bytes: marked }), { ok: true, secret: 0 })
})

test('refuses junk before a signature, and a time that no Date can hold', async () => {
  for (const signature of [`zz${mac()}`, ` z${mac()}`, `${mac()}z`]) {
    assert.equal(await refused(`t=${time},v1=${signature}`), 'signature-malformed', signature)
  }
  for (const time of ['9'.repeat(16), '9'.repeat(15)]) {
    assert.equal(await refused(`t=${time},v1=${mac({ time })}`), 'timestamp-malformed')
  }
})

test('passes over what is malformed beside a signature that is not', async () => {
  assert.deepEqual(await verify(`t=${time},v1=junk,v1=${mac()}`), { ok: true, secret: 0 })
})

test('says what it covers, and what a secret must have', () => {
  assert.deepEqual(scheme.key, { min: 16 })
  assert.deepEqual(scheme.covers, { body: 'bytes', time: true })
})
