import assert from 'node:assert/strict'
import { test } from 'node:test'
import { zendesk } from '../../receivers/zendesk.ts'
import { receive } from '../../src/receive.ts'

const secret = 'dGhpc19zZWNyZXRfaXNfZm9yX3Rlc3Rpbmdfb25seQ=='
const now = new Date('2024-04-17T17:18:12Z')

async function deliver(method: string, text: string, headers: Record<string, string> = {}) {
  const request = { method, url: 'https://example.com/zendesk?ticket=5158', headers, body: Buffer.from(text) }
  const signed = await zendesk.scheme.sign!(request, secret, now)
  return receive(zendesk, '', signed, { secrets: [secret], settings: {}, fetch }, now)
}

test('a request without body has no data, and reading it does not fail', async () => {
  for (const method of ['GET', 'DELETE', 'POST']) {
    const outcome = await deliver(method, '')
    assert(outcome.kind === 'accepted', method)
    assert.equal(outcome.deliveries[0]?.event, 'conditional_ticket_events')
    assert.equal(outcome.deliveries[0]?.data, undefined)
    assert.equal(outcome.deliveries[0]?.raw().url, 'https://example.com/zendesk?ticket=5158')
  }
})

test('what the admin wrote reaches the handler in each format', async () => {
  const written: [string, string, unknown][] = [
    ['application/json', '[{"id":1}]', [{ id: 1 }]],
    ['application/xml', '<ticket><id>1</id></ticket>', { ticket: { id: '1' } }],
    ['application/x-www-form-urlencoded', 'ticket[id]=1', { ticket: { id: '1' } }]
  ]
  for (const [type, text, data] of written) {
    const outcome = await deliver('PUT', text, { 'content-type': type })
    assert(outcome.kind === 'accepted', type)
    assert.deepEqual(outcome.deliveries[0]?.data, data)
  }
})

test('an event is described by its signed body, not by headers that anybody may change', async () => {
  const event = { type: 'zen:event-type:user.created', id: 'e1', account_id: 1, detail: { id: '7' } }
  const outcome = await deliver('POST', JSON.stringify(event), {
    'x-zendesk-webhook-invocation-id': 'forged',
    'x-zendesk-account-id': 'forged'
  })
  assert(outcome.kind === 'accepted')
  const [delivery] = outcome.deliveries
  assert.deepEqual([delivery?.id, delivery?.account, delivery?.subject], ['e1', '1', '7'])
})

test('JSON that a placeholder broke is malformed', async () => {
  const outcome = await deliver('POST', '{"title": "A "quoted" word"}', { 'content-type': 'application/json' })
  assert(outcome.kind === 'rejected')
  assert.equal(outcome.reason, 'body-malformed')
})
