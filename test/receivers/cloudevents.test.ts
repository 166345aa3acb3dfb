import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cloudevents } from '../../receivers/cloudevents.ts'
import { type Outcome, receive } from '../../src/receive.ts'
import type { WebhookRequest } from '../../src/receiver.ts'

const TOKEN = 'a-token-of-at-least-32-characters'
const EVENT = '{"specversion":"1.0","id":"1","source":"/s","type":"t"}'

async function send(request: Partial<WebhookRequest>, settings: Record<string, string> = {}): Promise<Outcome> {
  const sent = { method: 'POST', url: 'https://example.com/events', headers: {}, body: Buffer.from(EVENT), ...request }
  return receive(cloudevents, '', sent, { secrets: [TOKEN], settings, fetch }, new Date())
}

test('the token may come in the URL, and is hidden there', async () => {
  const outcome = await send({ url: `https://example.com/events?access_token=${TOKEN}` })
  assert.equal(
    outcome.kind === 'accepted' && outcome.deliveries[0]?.raw().url,
    'https://example.com/events?access_token=***'
  )
  const wrong = await send({ url: 'https://example.com/events?access_token=another' })
  assert.equal(wrong.kind === 'rejected' && wrong.reason, 'token-mismatch')
})

test('the three modes give one and the same form of data', async () => {
  const authorization = `Bearer ${TOKEN}`
  const event = { specversion: '1.0', id: '1', source: '/s', type: 't', datacontenttype: 'application/json', data: [7] }
  const text = JSON.stringify(event)
  const attributes = { 'ce-specversion': '1.0', 'ce-id': '1', 'ce-source': '/s', 'ce-type': 't' }
  for (const [type, body, more] of [
    ['application/cloudevents+json', text, {}],
    ['application/cloudevents-batch+json', `[${text}]`, {}],
    ['application/json', '[7]', attributes]
  ] as const) {
    const headers = { authorization, 'content-type': type, ...more }
    const outcome = await send({ headers, body: Buffer.from(body) })
    assert.deepEqual(outcome.kind === 'accepted' && outcome.deliveries[0]?.data, event, type)
  }
})

test('the rate that a sender hears is the setting', async () => {
  const headers = { 'webhook-request-origin': 'sender.example', 'webhook-request-rate': '120' }
  const { reply } = await send({ method: 'OPTIONS', headers, body: Buffer.of() }, { rate: '*' })
  assert.equal(reply.headers?.['webhook-allowed-rate'], '*')
  assert.equal(cloudevents.check!({ rate: '0' })?.setting, 'rate')
  assert.equal(cloudevents.check!({ rate: '60' }), undefined)
})

test('an origin that is no name of a host gets no consent', async () => {
  for (const origin of ['a\r\nset-cookie: b', '', '<b>', ['a.example', 'b.example']]) {
    const { reply } = await send({ method: 'OPTIONS', headers: { 'webhook-request-origin': origin } })
    assert.equal(reply.status, 400)
  }
})
