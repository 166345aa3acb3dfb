import assert from 'node:assert/strict'
import { createHash, createHmac } from 'node:crypto'
import { test } from 'node:test'
import type { Credentials, WebhookRequest } from '../../src/receiver.ts'
import { hubspot } from '../../src/schemes/hubspot.ts'

const scheme = hubspot()
const SECRET = '5f2d7a1c-1b6e-4b7f-9a51-0c2c8c3b2a10'
const now = new Date('2026-07-03T10:00:00Z')
const time = String(now.getTime())
const url = 'https://example.com/hooks/hubspot?a=1'
const text = '[{"eventId":1}]'
const mismatch = { ok: false, reason: 'signature-mismatch' }

function requestOf(headers: WebhookRequest['headers'], more: Partial<WebhookRequest> = {}): WebhookRequest {
  return { method: 'POST', url, headers, body: Buffer.from(text), ...more }
}

function withSecrets(...secrets: string[]): Credentials {
  return { secrets, settings: {}, fetch }
}

const hmac = (signed: string) => createHmac('sha256', SECRET).update(signed).digest('base64')
const hash = (signed: string) => createHash('sha256').update(signed).digest('hex')
const third = { 'x-hubspot-signature-v3': hmac(`POST${url}${text}${time}`), 'x-hubspot-request-timestamp': time }
const second = { 'x-hubspot-signature': hash(`${SECRET}POST${url}${text}`), 'x-hubspot-signature-version': 'v2' }
const first = { 'x-hubspot-signature': hash(SECRET + text), 'x-hubspot-signature-version': 'v1' }

test('each version proves a request, under any of the secrets', () => {
  for (const headers of [third, second, first]) {
    assert.deepEqual(scheme.verify(requestOf(headers), withSecrets('another-secret-of-16', SECRET), now), {
      ok: true,
      secret: 1
    })
    assert.deepEqual(scheme.verify(requestOf(headers), withSecrets('another-secret-of-16'), now), mismatch)
  }
})

test('where the third version is there and wrong, a right older one does not help', () => {
  for (const old of [second, first]) {
    for (const [given, reason] of [
      [third['x-hubspot-signature-v3'].replace(/^./, '/'), 'signature-mismatch'],
      ['', 'signature-missing'],
      ['x', 'signature-malformed'],
      [[third['x-hubspot-signature-v3'], third['x-hubspot-signature-v3']], 'signature-malformed']
    ] as const) {
      const headers = { ...old, ...third, 'x-hubspot-signature-v3': given }
      assert.deepEqual(scheme.verify(requestOf(headers), withSecrets(SECRET), now), { ok: false, reason })
    }
    const late = new Date(now.getTime() + 301_000)
    assert.deepEqual(scheme.verify(requestOf({ ...old, ...third }), withSecrets(SECRET), late), {
      ok: false,
      reason: 'timestamp-outside-tolerance'
    })
  }
})

test('method and URL belong to the third and second version, the body to each', () => {
  for (const headers of [third, second]) {
    assert.deepEqual(scheme.verify(requestOf(headers, { url: `${url}&b=2` }), withSecrets(SECRET), now), mismatch)
    assert.deepEqual(scheme.verify(requestOf(headers, { method: 'GET' }), withSecrets(SECRET), now), mismatch)
  }
  for (const headers of [third, second, first]) {
    const changed = requestOf(headers, { body: Buffer.from(`${text} `) })
    assert.deepEqual(scheme.verify(changed, withSecrets(SECRET), now), mismatch)
  }
})

test('the third version may be signed with some escapes of the URL undone, and no others', () => {
  const came = 'https://example.com/h?u=https%3a%2F%2Fa.example%2F&t=a%20b%26c'
  const judge = (signed: string) => {
    const headers = { ...third, 'x-hubspot-signature-v3': hmac(`POST${signed}${text}${time}`) }
    return scheme.verify(requestOf(headers, { url: came }), withSecrets(SECRET), now)
  }
  assert.deepEqual(judge('https://example.com/h?u=https://a.example/&t=a%20b%26c'), { ok: true, secret: 0 })
  assert.deepEqual(judge(came), { ok: true, secret: 0 })
  assert.deepEqual(judge('https://example.com/h?u=https://a.example/&t=a b&c'), mismatch)
})

test('an older signature that is missing, doubled, no hex or of no known version is refused as such', () => {
  const signature = first['x-hubspot-signature']
  for (const [changed, reason] of [
    [{ 'x-hubspot-signature': undefined }, 'signature-missing'],
    [{ 'x-hubspot-signature': '' }, 'signature-missing'],
    [{ 'x-hubspot-signature': [signature, signature] }, 'signature-malformed'],
    [{ 'x-hubspot-signature': `${signature}0` }, 'signature-malformed'],
    [{ 'x-hubspot-signature': `${signature}\n` }, 'signature-malformed'],
    [{ 'x-hubspot-signature-version': undefined }, 'signature-malformed'],
    [{ 'x-hubspot-signature-version': 'v3' }, 'signature-malformed'],
    [{ 'x-hubspot-signature-version': ['v1', 'v2'] }, 'signature-malformed']
  ] as const) {
    const verdict = scheme.verify(requestOf({ ...first, ...changed }), withSecrets(SECRET), now)
    assert.deepEqual(verdict, { ok: false, reason }, JSON.stringify(changed))
  }
})

test('an older signature proves no body that is not UTF-8, as one is that continues another', () => {
  const padded = Buffer.concat([Buffer.from(text), Buffer.of(0x80, 0, 0, 0), Buffer.from(',{}')])
  const signature = createHash('sha256').update(SECRET).update(padded).digest('hex')
  const made = requestOf({ ...first, 'x-hubspot-signature': signature }, { body: padded })
  assert.deepEqual(scheme.verify(made, withSecrets(SECRET), now), { ok: false, reason: 'body-not-utf8' })
})

test('no secret, and the empty one, prove nothing', () => {
  const empty = requestOf({ ...first, 'x-hubspot-signature': hash(text) })
  assert.deepEqual(scheme.verify(empty, withSecrets(''), now), mismatch)
  assert.deepEqual(scheme.verify(requestOf(first), withSecrets(), now), { ok: false, reason: 'secret-missing' })
})

test('it signs by the third version, and promises what all of them prove', async () => {
  const made = await scheme.sign!(requestOf({}), SECRET, now)
  assert.deepEqual(made.headers, third)
  assert.deepEqual(scheme.covers, { body: 'bytes', time: false })
})
