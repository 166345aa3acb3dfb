import assert from 'node:assert/strict'
import { test } from 'node:test'
import { github } from '../../../receivers/github.ts'
import { MalformedBody } from '../../../src/errors.ts'
import { deliveryOf } from '../../../src/inbox/worker/restore.ts'
import { receive } from '../../../src/receive.ts'
import type { StoredDelivery, StoredRequest } from '../../../src/store/store.ts'
import { credentials, NOW, pushRequest, SECRET } from '../stored.ts'

function stored(changes: Partial<StoredDelivery> = {}): StoredDelivery {
  return {
    ...{ seq: 1, receiver: 'custom', instance: 'acme', event: 'made', id: 'i-1', receivedAt: NOW },
    ...{ occurredAt: undefined, subject: undefined, account: undefined, data: undefined, kind: 'json', secret: 0 },
    ...{ state: 'running', due: 0, attempt: 3, tries: 3, lapses: 0, worker: 'w', leaseUntil: NOW, progress: '' },
    ...{ history: '', error: undefined, duplicates: 0, replay: undefined, settledAt: undefined, size: 2 },
    ...changes
  }
}

function request(body: string, headers: StoredRequest['headers'] = {}): StoredRequest {
  return { method: 'POST', url: 'https://example.com/', headers, body: Buffer.from(body) }
}

test('a restored delivery is the one that was received', async () => {
  const now = new Date(NOW)
  const signed = await github.scheme.sign!(pushRequest(), SECRET, now)
  const outcome = await receive(github, 'acme', signed, credentials(SECRET), now)
  assert.ok(outcome.kind === 'accepted')
  const [received] = outcome.deliveries
  const { event, id, subject, account } = received!
  const row = stored({ receiver: 'github', event, id, subject, account })
  const restored = deliveryOf(row, { ...outcome.proven.request, body: new Uint8Array(signed.body) }, 1)
  const { raw: _, ...plain } = restored
  const { raw: __, ...expected } = received!
  assert.deepEqual(plain, expected)
  assert.deepEqual(restored.raw().headers, received!.raw().headers)
  assert.ok(restored.receivedAt instanceof Date)
})

test('the body is read by its kind, when a handler reads it, once', () => {
  const form = deliveryOf(stored({ kind: 'form' }), request('a=1&b=2'), 1)
  assert.deepEqual({ ...form.data }, { a: '1', b: '2' })
  const json = deliveryOf(stored(), request('{"a":1}'), 1)
  assert.equal(json.data, json.data)
})

test('a body that cannot be read throws MalformedBody when it is read, not before', () => {
  const delivery = deliveryOf(stored(), request('{"half'), 1)
  assert.throws(() => delivery.data, MalformedBody)
})

test('data that was stored stands for the body; null and undefined things, too', () => {
  assert.equal(deliveryOf(stored({ data: 'null' }), request('{"half'), 1).data, null)
  assert.deepEqual(deliveryOf(stored({ data: '[1]' }), request(''), 1).data, [1])
})

test('a header that came twice is undefined, and stays a list in the request', () => {
  const delivery = deliveryOf(stored(), request('{}', { once: '1', twice: ['1', '2'] }), 1)
  assert.equal(delivery.headers.once, '1')
  assert.equal(delivery.headers.twice, undefined)
  assert.deepEqual(delivery.raw().headers.twice, ['1', '2'])
})

test('times are dates, and the attempt is the claim’s', () => {
  const delivery = deliveryOf(stored({ occurredAt: 0 }), request('{}'), 7)
  assert.deepEqual(delivery.occurredAt, new Date(0))
  assert.deepEqual(delivery.receivedAt, new Date(NOW))
  assert.equal(delivery.attempt, 7)
})
