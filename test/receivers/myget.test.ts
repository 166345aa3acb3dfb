import assert from 'node:assert/strict'
import { test } from 'node:test'
import { myget } from '../../receivers/myget.ts'
import { receive } from '../../src/receive.ts'

const code = '12345678901234567890123456789012'

function deliver(payload: unknown, given = code) {
  const body = Buffer.from(JSON.stringify(payload))
  const headers = { 'content-type': 'application/vnd.myget.webhooks.v1+json' }
  const request = { method: 'POST', url: `https://example.com/myget?code=${given}`, headers, body }
  return receive(myget, '', request, { secrets: [code], settings: {}, fetch }, new Date())
}

test('a ping must prove itself, too', async () => {
  const outcome = await deliver({ PayloadType: 'PingWebHookEventPayloadV1', Payload: {} }, `${code}0`)
  assert(outcome.kind === 'rejected')
  assert.equal(outcome.reason, 'token-mismatch')
})

test('the stages of a build are different deliveries, though they share an identifier', async () => {
  const ids = new Set<string | undefined>()
  for (const stage of ['Queued', 'Started', 'Finished']) {
    const outcome = await deliver({ Identifier: 'b1', PayloadType: `Build${stage}WebHookEventPayloadV1` })
    assert(outcome.kind === 'accepted')
    ids.add(outcome.deliveries[0]?.id)
  }
  assert.equal(ids.size, 3)
  assert(!ids.has(undefined))
})
