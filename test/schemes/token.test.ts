import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Credentials, Headers, WebhookRequest } from '../../src/receiver.ts'
import { field, header, query } from '../../src/schemes/place.ts'
import { token } from '../../src/schemes/token.ts'

const SECRET = 'a token & of thirty-two letters, ü'
const NOW = new Date()

function requestOf(parts: { headers?: Headers; url?: string; body?: string }): WebhookRequest {
  const { headers = {}, url = 'https://example.com/hooks', body = '' } = parts
  return { method: 'POST', url, headers, body: Buffer.from(body) }
}

function credentialsOf(...secrets: string[]): Credentials {
  return { secrets, settings: {}, fetch: () => Promise.reject() }
}

async function judge(scheme: ReturnType<typeof token>, request: WebhookRequest, ...secrets: string[]) {
  const verdict = await scheme.verify(request, credentialsOf(...(secrets.length === 0 ? [SECRET] : secrets)), NOW)
  return verdict.ok ? verdict.secret : verdict.reason
}

test('a token in a header, the query, or a field', async () => {
  const encoded = encodeURIComponent(SECRET)
  assert.equal(await judge(token(header('x-token')), requestOf({ headers: { 'x-token': SECRET } })), 0)
  assert.equal(await judge(token(query('code')), requestOf({ url: `https://example.com/?a=1&code=${encoded}` })), 0)
  const place = field(['json', 'form'], 'secret')
  assert.equal(await judge(token(place), requestOf({ body: JSON.stringify({ secret: SECRET }) })), 0)
  const form = requestOf({
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: `secret=${encoded}`
  })
  assert.equal(await judge(token(place), form), 0)
})

test('one that is missing, doubled or wrong', async () => {
  const cases: [Headers[string], string][] = [
    [undefined, 'token-missing'],
    ['', 'token-missing'],
    [[SECRET, SECRET], 'token-malformed'],
    [[], 'token-malformed'],
    [`${SECRET}, ${SECRET}`, 'token-mismatch'],
    [SECRET.slice(1), 'token-mismatch'],
    [`${SECRET} `, 'token-mismatch'],
    [SECRET.toUpperCase(), 'token-mismatch']
  ]
  for (const [given, reason] of cases) {
    assert.equal(await judge(token(header('x-token')), requestOf({ headers: { 'x-token': given } })), reason)
  }
  const twice = requestOf({ url: 'https://example.com/?code=a&code=a' })
  assert.equal(await judge(token(query('code')), twice, 'a'), 'token-malformed')
})

test('a prefix is part of the form, not of the token', async () => {
  const scheme = token(header('authorization'), { prefix: 'Bearer ' })
  assert.equal(await judge(scheme, requestOf({ headers: { authorization: `Bearer ${SECRET}` } })), 0)
  assert.equal(await judge(scheme, requestOf({ headers: { authorization: SECRET } })), 'token-malformed')
  assert.equal(await judge(scheme, requestOf({ headers: { authorization: 'Bearer ' } }), ''), 'token-mismatch')
})

test('without a secret nothing matches, and an empty one matches nothing', async () => {
  const scheme = token(header('x-token'), { prefix: 'T ' })
  const request = requestOf({ headers: { 'x-token': 'T ' } })
  assert.deepEqual(await scheme.verify(request, credentialsOf(), NOW), { ok: false, reason: 'secret-missing' })
  assert.equal(await judge(scheme, request, ''), 'token-mismatch')
})

test('of several secrets, the one that matched is told', async () => {
  const request = requestOf({ headers: { 'x-token': 'older' } })
  assert.equal(await judge(token(header('x-token')), request, SECRET, 'older'), 1)
})

test('it says that it proves only who sends, where the token travels, and how long it should be', () => {
  const scheme = token(query('code'))
  assert.deepEqual(scheme.covers, { body: false, time: false })
  assert.deepEqual(scheme.carries, { query: ['code'] })
  assert.deepEqual(scheme.key, { min: 32 })
  assert.deepEqual(token(header('x'), { min: 8 }).key, { min: 8 })
})

test('what it signs it verifies', async () => {
  for (const place of [header('x-token'), query('code'), field(['json'], 'a', 'token')]) {
    const scheme = token(place, { prefix: 'Token ' })
    const signed = await scheme.sign!(requestOf({ body: '{"b":1}', url: 'https://example.com/?x=1' }), SECRET, NOW)
    assert.equal(await judge(scheme, signed), 0)
  }
})
