import assert from 'node:assert/strict'
import { test } from 'node:test'
import { discord } from '../../receivers/discord.ts'
import { receive } from '../../src/receive.ts'

const { credentials, sign } = discord.scheme.testKeys!()
const now = new Date('2026-01-01T00:00:00Z')

async function received(body: object, at = now) {
  const unsigned = { method: 'POST', url: '/', headers: {}, body: Buffer.from(JSON.stringify(body)) }
  const request = await discord.scheme.sign!(unsigned, sign, now)
  return receive(discord, '', request, { secrets: [], settings: {}, fetch, ...credentials }, at)
}

test('a webhook event is retried for ten minutes, and still accepted', async () => {
  const event = { version: 1, application_id: '1', type: 1, event: { type: 'APPLICATION_DEAUTHORIZED', data: {} } }
  assert.equal((await received(event, new Date(now.getTime() + 600_000))).kind, 'accepted')
  assert.equal((await received(event, new Date(now.getTime() + 601_000))).kind, 'rejected')
})

test('an event of `type` 1 is no ping', async () => {
  const outcome = await received({ version: 1, application_id: '1', type: 1, event: { type: 'SOMETHING_NEW' } })
  assert.equal(outcome.kind === 'accepted' && outcome.deliveries[0]!.event, 'SOMETHING_NEW')
})

test('an interaction of an unknown kind has no event', async () => {
  for (const type of [6, '2', 'length', null]) {
    const outcome = await received({ id: '1', application_id: '1', type })
    assert.equal(outcome.kind === 'rejected' && outcome.reason, 'event-missing')
  }
})
