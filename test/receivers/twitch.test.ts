import assert from 'node:assert/strict'
import { test } from 'node:test'
import { twitch } from '../../receivers/twitch.ts'
import { type Outcome, receive } from '../../src/receive.ts'

const SECRET = '0123456789abcdef0123456789abcdef'
const now = new Date('2026-07-03T10:00:00Z')
const MESSAGE = { 'content-type': 'application/json', 'twitch-eventsub-message-id': 'm-1' }
const subscription = { id: 's-1', type: 'channel.follow', version: '1', status: 'enabled' }

async function send(
  body: object,
  headers: Record<string, string | string[]> = {},
  changed: Record<string, string | string[]> = {}
): Promise<Outcome> {
  const request = {
    method: 'POST',
    url: 'https://example.com/twitch',
    headers: { ...MESSAGE, ...headers },
    body: Buffer.from(JSON.stringify(body))
  }
  const signed = await twitch.scheme.sign!(request, SECRET, now)
  const sent = { ...signed, headers: { ...signed.headers, ...changed } }
  return receive(twitch, '', sent, { secrets: [SECRET], settings: {}, fetch }, now)
}

function told(outcome: Outcome): unknown {
  if (outcome.kind === 'accepted') return outcome.deliveries.map(({ event }) => event)
  return outcome.kind === 'rejected' ? outcome.reason : outcome.reply.body
}

test('the header with the type of the message is not signed, and changes nothing', async () => {
  for (const type of ['notification', 'revocation', 'webhook_callback_verification', 'novelty']) {
    const changed = { 'twitch-eventsub-message-type': type, 'twitch-eventsub-subscription-type': 'channel.ban' }
    assert.deepEqual(told(await send({ subscription, event: { user_id: '1' } }, {}, changed)), ['channel.follow'])
    assert.equal(told(await send({ subscription, challenge: 'c-1' }, {}, changed)), 'c-1')
    const revoked = { subscription: { ...subscription, status: 'user_removed' } }
    assert.deepEqual(told(await send(revoked, {}, changed)), ['revocation'])
  }
})

test('a challenge that nobody signed is not answered', async () => {
  const request = {
    method: 'POST',
    url: 'https://example.com/twitch',
    headers: { ...MESSAGE, 'twitch-eventsub-message-type': 'webhook_callback_verification' },
    body: Buffer.from(JSON.stringify({ subscription, challenge: 'c-1' }))
  }
  const outcome = await receive(twitch, '', request, { secrets: [SECRET], settings: {}, fetch }, now)
  assert.equal(told(outcome), 'signature-missing')
})

test('the id of the message is signed: another, none or two of them fail', async () => {
  const body = { subscription, event: {} }
  for (const id of ['m-2', '', ['m-1', 'm-1']]) {
    assert.equal(told(await send(body, {}, { 'twitch-eventsub-message-id': id })), 'signature-mismatch', String(id))
  }
})

test('a message counts for ten minutes', async () => {
  const credentials = { secrets: [SECRET], settings: {}, fetch }
  const body = Buffer.from(JSON.stringify({ subscription, event: {} }))
  const request = { method: 'POST', url: 'https://example.com/twitch', headers: MESSAGE, body }
  const signed = await twitch.scheme.sign!(request, SECRET, now)
  for (const [later, verdict] of [
    [600, ['channel.follow']],
    [601, 'timestamp-outside-tolerance']
  ] as const) {
    const outcome = await receive(twitch, '', signed, credentials, new Date(now.getTime() + later * 1000))
    assert.deepEqual(told(outcome), verdict, String(later))
  }
})

test('an enabled subscription without an event says nothing that happened', async () => {
  for (const body of [{ subscription }, { subscription: { type: 'channel.follow' } }, {}]) {
    assert.equal(told(await send(body)), 'event-missing', JSON.stringify(body))
  }
})
