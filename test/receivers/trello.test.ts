import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import { trello } from '../../receivers/trello.ts'
import { receive } from '../../src/receive.ts'

const SECRET = '0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0'
const url = 'https://example.com/hooks/trello'
const body = Buffer.from('{"action":{"id":"1","type":"updateCard"}}')
const signature = createHmac('sha1', SECRET).update(body).update(url).digest('base64')

function sent(method: string, headers: Record<string, string>, to = url) {
  const request = { method, url: to, headers, body: method === 'POST' ? body : Buffer.of() }
  return receive(trello, '', request, { secrets: [SECRET], settings: {}, fetch }, new Date())
}

test('whether the URL exists is answered to anybody, by nothing but a status', async () => {
  for (const method of ['HEAD', 'GET']) {
    assert.deepEqual(await sent(method, {}), { kind: 'answered', reply: { status: 200 }, notice: undefined })
  }
})

test('the body and then the URL are signed, exactly as it was registered', async () => {
  assert.equal((await sent('POST', { 'x-trello-webhook': signature })).kind, 'accepted')
  for (const other of [`${url}/`, `${url}?`, url.replace('https', 'http')]) {
    const outcome = await sent('POST', { 'x-trello-webhook': signature }, other)
    assert.equal(outcome.kind === 'rejected' && outcome.reason, 'signature-mismatch', other)
  }
})

test('a delivery without a signature is none', async () => {
  const outcome = await sent('POST', {})
  assert.equal(outcome.kind === 'rejected' && outcome.reason, 'signature-missing')
})

test('a secret has 32 characters at least, and the URL must be known', () => {
  assert.deepEqual(trello.scheme.key, { min: 32 })
  assert.deepEqual(trello.scheme.covers, { body: 'bytes', time: false, url: true })
})
