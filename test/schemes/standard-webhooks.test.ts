import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Webhook } from 'standardwebhooks'
import type { Credentials, WebhookRequest } from '../../src/receiver.ts'
import { standardWebhooks } from '../../src/schemes/standard-webhooks.ts'

const scheme = standardWebhooks()
const now = new Date(1614265330_000)
const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const other = 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD'

/** The key pair and the signature of Svix's own test (server/svix-server/src/worker.rs). */
const privateKey = 'whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg=='
const publicKey = 'whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4='
const v1a = 'v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg=='
const v1 = 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE='
const wrong = `v1,${Buffer.alloc(32).toString('base64')}`

const request: WebhookRequest = {
  method: 'POST',
  url: '/',
  headers: { 'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek', 'webhook-timestamp': '1614265330' },
  body: Buffer.from('{"test": 2432232314}')
}

function sent(headers: WebhookRequest['headers'], body = request.body): WebhookRequest {
  return { ...request, headers: { ...request.headers, 'webhook-signature': v1, ...headers }, body }
}

function judge(asked: WebhookRequest, secrets: readonly string[] = [secret], at = now): unknown {
  const credentials: Credentials = { secrets, settings: {}, fetch }
  const verdict = scheme.verify(asked, credentials, at)
  assert(!(verdict instanceof Promise))
  return verdict.ok ? verdict.secret : verdict.reason
}

test('what the official package signs is proven, and the other way round', async () => {
  const official = new Webhook(secret)
  const body = '{"type":"contact.created","name":"Grüße 😀"}'
  assert.equal(
    judge(sent({ 'webhook-signature': official.sign('msg_p5jXN8AQM9LWM0D4loKWxJek', now, body) }, Buffer.from(body))),
    0
  )
  const recent = new Date()
  const { headers } = await scheme.sign!({ ...request, headers: {}, body: Buffer.from(body) }, secret, recent)
  assert.deepEqual(official.verify(body, headers as Record<string, string>), JSON.parse(body))
})

test('the Ed25519 signature of Svix is proven by the public key, and made by the private one', async () => {
  assert.equal(judge(sent({ 'webhook-signature': v1a }), [publicKey]), 0)
  assert.equal((await scheme.sign!(request, privateKey, now)).headers['webhook-signature'], v1a)
  assert.equal(
    judge(sent({ 'webhook-signature': v1a }, Buffer.from('{"test": 2432232315}')), [publicKey]),
    'signature-mismatch'
  )
})

test('the matching one of several secrets is told, of either kind', () => {
  assert.equal(judge(sent({}), [other, secret]), 1)
  assert.equal(judge(sent({ 'webhook-signature': v1a }), [secret, publicKey]), 1)
  assert.equal(judge(sent({ 'webhook-signature': `${v1a} ${v1}` }), [publicKey, secret]), 0)
})

test('one of several signatures is enough, and other versions are passed over', () => {
  for (const list of [`${wrong} ${v1}`, `${v1} ${wrong}`, `v2,abc ${v1}`, `junk  ${v1}`, `${v1a} ${v1}`]) {
    assert.equal(judge(sent({ 'webhook-signature': list })), 0, list)
  }
  const wrongA = `v1a,${Buffer.alloc(64).toString('base64')}`
  for (const list of [`${wrongA} ${v1a}`, `${v1a} ${wrongA}`]) {
    assert.equal(judge(sent({ 'webhook-signature': list }), [publicKey]), 0, list)
  }
})

test('a signature counts only under a key of its own kind', async () => {
  assert.equal(judge(sent({}), [publicKey]), 'signature-mismatch')
  assert.equal(judge(sent({ 'webhook-signature': v1a })), 'signature-mismatch')
  // The public key is known to all: what is signed with it as if it were a secret proves nothing.
  const known = `whsec_${publicKey.slice('whpk_'.length)}`
  const forged = await scheme.sign!(request, known, now)
  assert.equal(judge(forged, [known]), 0)
  assert.equal(judge(forged, [publicKey]), 'signature-mismatch')
})

test('a secret without its prefix, or without padding, is the same secret', async () => {
  assert.equal(judge(sent({}), [secret.slice('whsec_'.length)]), 0)
  const padded = 'whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8='
  assert.equal(judge(await scheme.sign!(request, padded, now), [padded.slice(0, -1)]), 0)
})

test('what is no key is passed over, and refuses where it is alone', () => {
  const bad = [
    '',
    'whsec_',
    'whpk_',
    'whpk_AAAA',
    privateKey,
    `${secret}-`,
    `${secret} `,
    'whsec_!!!!',
    `v1,${secret}`,
    `MfKQ${secret}`,
    `${secret}===`
  ]
  for (const text of bad) {
    assert.equal(judge(sent({}), [text]), 'secret-missing', text)
    assert.equal(judge(sent({}), [text, secret]), 1, text)
  }
  assert.equal(judge(sent({}), []), 'secret-missing')
})

test('a signature that is missing or in no known form is refused as such', () => {
  for (const value of [undefined, '', []]) {
    assert.equal(
      judge(sent({ 'webhook-signature': value })),
      value?.length === 0 && Array.isArray(value) ? 'signature-malformed' : 'signature-missing'
    )
  }
  const unused = v1a.replace('TBAg==', 'TBAh==')
  for (const value of [
    [v1, v1],
    'v1,',
    'v2,abc',
    v1.slice(3),
    v1.slice(0, -1),
    `${v1}=`,
    `x${v1}`,
    `${v1.slice(0, -1)}A=`,
    `x${v1a}`,
    `${v1a.slice(0, -2)}A==`,
    `${v1a}=`,
    ` ${v1}\n`,
    v1.replace('+', '-'),
    `${v1},${v1}`,
    `${v1}, ${v1}`
  ]) {
    assert.equal(judge(sent({ 'webhook-signature': value })), 'signature-malformed', String(value))
  }
  assert.equal(judge(sent({ 'webhook-signature': unused }), [publicKey]), 'signature-mismatch')
})

test('more signatures than anybody sends are not all checked', () => {
  const many = (count: number) => `${`${wrong} `.repeat(count)}${v1}`
  assert.equal(judge(sent({ 'webhook-signature': many(15) })), 0)
  assert.equal(judge(sent({ 'webhook-signature': many(16) })), 'signature-malformed')
})

test('the id is signed, comes once and holds no dot', () => {
  const reasons = {
    'signature-missing': [undefined, ''],
    'signature-malformed': [['a', 'a'], 'msg.1', '.'],
    'signature-mismatch': ['msg_1', 'msg_p5jXN8AQM9LWM0D4loKWxJek ']
  }
  for (const [reason, ids] of Object.entries(reasons)) {
    for (const id of ids) assert.equal(judge(sent({ 'webhook-id': id })), reason, String(id))
  }
})

test('a part of the id can not pass for the time, nor a part of the body', async () => {
  const { headers } = await scheme.sign!({ ...request, body: Buffer.from('1614265330.x') }, secret, now)
  const moved = { ...headers, 'webhook-id': `${headers['webhook-id']}.1614265330` }
  assert.equal(judge({ ...request, headers: moved, body: Buffer.from('x') }), 'signature-malformed')
})

test('the time is signed as it is spelled, comes once, and is judged after the signature', () => {
  const reasons = {
    'timestamp-missing': [undefined],
    'timestamp-malformed': [['1614265330', '1614265330'], '', '1614265330.0'],
    'signature-mismatch': ['01614265330', '1614265330abc', '1614265331']
  }
  for (const [reason, times] of Object.entries(reasons)) {
    for (const time of times) assert.equal(judge(sent({ 'webhook-timestamp': time })), reason, String(time))
  }
  const at = (seconds: number) => new Date(now.getTime() + seconds * 1000)
  for (const seconds of [300, -300]) assert.equal(judge(sent({}), [secret], at(seconds)), 0)
  for (const seconds of [301, -301]) assert.equal(judge(sent({}), [secret], at(seconds)), 'timestamp-outside-tolerance')
  assert.equal(judge(sent({}), [other], at(301)), 'signature-mismatch')
})

test('its headers may begin otherwise, and secrets be shown otherwise', async () => {
  const svix = standardWebhooks({ prefix: 'svix', secret: shown => shown.replace('v1,', '') })
  const made = await svix.sign!(request, `v1,${secret}`, now)
  assert.match(String(made.headers['svix-id']), /^msg_[\w-]{36}$/)
  assert.deepEqual(await svix.verify(made, { secrets: [`v1,${secret}`], settings: {}, fetch }, now), {
    ok: true,
    secret: 0
  })
  assert.deepEqual(await svix.verify(sent({}), { secrets: [`v1,${secret}`], settings: {}, fetch }, now), {
    ok: false,
    reason: 'signature-missing'
  })
})

test('signing with what can not sign says so', () => {
  for (const key of ['', publicKey, 'not base64!'])
    assert.throws(() => scheme.sign!(request, key, now), /whsec_ or whsk_/)
  assert.throws(() => scheme.sign!(request, 'whsk_AAAA', now), /64 bytes/)
})

test('it says what it covers, and how long a secret is', () => {
  assert.deepEqual([scheme.key, scheme.covers], [{ min: 32 }, { body: 'bytes', time: true }])
  assert.equal(scheme.carries, undefined)
})
