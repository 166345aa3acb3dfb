import assert from 'node:assert/strict'
import { test } from 'node:test'
import { custom } from '../../receivers/custom.ts'
import { receive } from '../../src/receive.ts'

const secret = '12345678901234567890123456789012'
const credentials = { secrets: [secret], settings: {}, fetch }

function ask(method: string, search: string) {
  const request = { method, url: `https://example.com/custom${search}`, headers: {}, body: Buffer.alloc(0) }
  return receive(custom, '', request, credentials, new Date())
}

async function deliver(payload: unknown) {
  const body = Buffer.from(JSON.stringify(payload))
  const request = { method: 'POST', url: 'https://example.com/custom', headers: {}, body }
  return receive(custom, '', await custom.scheme.sign!(request, secret, new Date()), credentials, new Date())
}

test('an echo that is missing, empty or there twice is refused', async () => {
  for (const search of ['', '?echo=', '?echo=a&echo=b', '?Echo=a']) {
    const outcome = await ask('GET', search)
    assert(outcome.kind === 'rejected', search)
    assert.equal(outcome.reason, 'challenge-malformed')
    assert.equal(outcome.reply.status, 400)
  }
})

test('HEAD is not allowed', async () => {
  assert.equal((await ask('HEAD', '?echo=a')).reply.status, 405)
})

test('each notification arrives alone, in its order, by the name of its action', async () => {
  const notifications = [
    { Action: 'order.paid', Total: 5 },
    { Action: 'größe.geändert', Total: 6 }
  ]
  const outcome = await deliver({ Id: 'w1', Attempt: 1, Properties: {}, Notifications: notifications })
  assert(outcome.kind === 'accepted')
  assert.deepEqual(
    outcome.deliveries.map(({ event, id, data }) => ({ event, id, data })),
    [
      { event: 'order.paid', id: 'w1/0', data: notifications[0] },
      { event: 'größe.geändert', id: 'w1/1', data: notifications[1] }
    ]
  )
})

test('without the id of the request no notification has one', async () => {
  const outcome = await deliver({ Attempt: 1, Notifications: [{ Action: 'a1' }] })
  assert(outcome.kind === 'accepted')
  assert.equal(outcome.deliveries[0]?.id, undefined)
})

test('a batch with a notification that names no action is refused whole, so that the sender tries again', async () => {
  for (const Notifications of ['invalid', null, [{}, { Action: 'a1' }], [{ Action: {} }], [null]]) {
    const outcome = await deliver({ Id: 'w1', Attempt: 1, Notifications })
    assert(outcome.kind === 'rejected')
    assert.equal(outcome.reason, 'event-missing')
  }
})
