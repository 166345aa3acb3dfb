import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mandrill } from '../../receivers/mandrill.ts'
import { receive } from '../../src/receive.ts'

const FORM = 'application/x-www-form-urlencoded'

function send(method: string, body: string, type = FORM) {
  const request = {
    method,
    url: 'https://example.com/mandrill',
    headers: { 'content-type': type },
    body: Buffer.from(body)
  }
  return receive(mandrill, '', request, { secrets: ['mandrill-key-0123456789'], settings: {}, fetch }, new Date())
}

test('the tests of a new URL are answered to anybody, by nothing but a status', async () => {
  for (const [method, body] of [
    ['HEAD', ''],
    ['POST', 'mandrill_events=%5B%5D']
  ] as const) {
    assert.deepEqual(await send(method, body), { kind: 'answered', reply: { status: 200 }, notice: undefined })
  }
})

test('what only looks like the empty batch must prove itself', async () => {
  for (const [body, type] of [
    ['mandrill_events=%5B%7B%7D%5D', FORM],
    ['mandrill_events=%5B%5D&mandrill_events=%5B%7B%7D%5D', FORM],
    ['mandrill_events=%5B+%5D', FORM],
    ['{"mandrill_events":"[]"}', 'application/json'],
    ['', FORM]
  ] as const) {
    const outcome = await send('POST', body, type)
    assert.equal(outcome.kind === 'rejected' && outcome.reason, 'signature-missing', body)
  }
})
