import assert from 'node:assert/strict'
import { test } from 'node:test'
import { azureEventGrid } from '../../receivers/azure-event-grid.ts'
import { type Outcome, receive } from '../../src/receive.ts'
import type { WebhookRequest } from '../../src/receiver.ts'

const CODE = 'a-code-for-the-url-of-32-letters-'
const url = `https://example.com/azure?code=${CODE}`
const validation = {
  eventType: 'Microsoft.EventGrid.SubscriptionValidationEvent',
  data: { validationCode: '<b>7</b>' },
  topic: '/subscriptions/s',
  id: '1'
}

async function send(body: unknown, changes: Partial<WebhookRequest> = {}): Promise<Outcome> {
  const headers = { 'content-type': 'application/json' }
  const request = { method: 'POST', url, headers, body: Buffer.from(JSON.stringify(body)), ...changes }
  return receive(azureEventGrid, '', request, { secrets: [CODE], settings: {}, fetch }, new Date())
}

test('the code to repeat is answered as JSON, never as text', async () => {
  const { reply } = await send([validation])
  assert.deepEqual(reply, { status: 200, body: { validationResponse: '<b>7</b>' } })
})

test('a validation among other events is one of them: none of them is lost', async () => {
  const outcome = await send([validation, { ...validation, eventType: 'a.b', id: '2' }])
  assert.deepEqual(outcome.kind === 'accepted' && outcome.deliveries.map(({ event }) => event), [
    'Microsoft.EventGrid.SubscriptionValidationEvent',
    'a.b'
  ])
})

test('the code and the token are hidden', async () => {
  const event = { ...validation, eventType: 'a.b' }
  const byCode = await send([event])
  assert.equal(byCode.kind === 'accepted' && byCode.deliveries[0]?.raw().url, 'https://example.com/azure?code=***')
  const headers = { authorization: `Bearer ${CODE}` }
  const byToken = await send([event], { url: 'https://example.com/azure', headers })
  assert.deepEqual(byToken.kind === 'accepted' && byToken.deliveries[0]?.headers, {})
})

test('consent is given to no name that could break out of a header, and to nobody without the code', async () => {
  for (const origin of ['a\r\nset-cookie: b', '', '<b>', ['a.example', 'b.example'], undefined]) {
    const { reply } = await send({}, { method: 'OPTIONS', headers: { 'webhook-request-origin': origin } })
    assert.equal(reply.status, 400)
  }
  const headers = { 'webhook-request-origin': 'eventgrid.azure.net' }
  const { reply } = await send({}, { method: 'OPTIONS', headers, url: 'https://example.com/azure?code=another' })
  assert.equal(reply.status, 401)
  assert.equal(reply.headers, undefined)
})

test('an id is only known within its topic', async () => {
  const event = { eventType: 'a.b', id: '1', subject: 'x' }
  const outcome = await send([{ ...event, topic: 'one' }, { ...event, topic: 'two' }, event])
  assert.deepEqual(outcome.kind === 'accepted' && outcome.deliveries.map(({ id }) => id), ['one/1', 'two/1', undefined])
})
