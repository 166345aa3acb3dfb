import assert from 'node:assert/strict'
import { test } from 'node:test'
import { toCloudEvent } from '../src/cloud-event.ts'
import type { Delivery } from '../src/receiver.ts'

const delivery: Delivery = {
  receiver: 'github',
  instance: 'acme',
  event: 'issues.opened',
  id: 'd-1',
  occurredAt: new Date('2026-01-02T03:04:05Z'),
  receivedAt: new Date('2026-01-02T03:04:06Z'),
  subject: 'octo/hello#1',
  account: 'octo',
  data: { issue: 1 },
  headers: {},
  attempt: 1,
  raw: () => assert.fail('not needed')
}

test('a delivery is a CloudEvent 1.0', () => {
  assert.deepEqual(toCloudEvent(delivery), {
    specversion: '1.0',
    id: 'd-1',
    source: '/github/acme',
    type: 'github.issues.opened',
    time: '2026-01-02T03:04:05.000Z',
    subject: 'octo/hello#1',
    datacontenttype: 'application/json',
    instance: 'acme',
    account: 'octo',
    receivedat: '2026-01-02T03:04:06.000Z',
    data: { issue: 1 }
  })
})

test('what a delivery does not know is left out; the time is then its arrival, the id random', () => {
  const bare = {
    ...delivery,
    instance: '',
    id: undefined,
    occurredAt: undefined,
    subject: undefined,
    account: undefined
  }
  const event = toCloudEvent(bare)
  assert.equal(event.source, '/github')
  assert.equal(event.time, '2026-01-02T03:04:06.000Z')
  assert.deepEqual(Object.keys(event), [
    'specversion',
    'id',
    'source',
    'type',
    'time',
    'datacontenttype',
    'receivedat',
    'data'
  ])
  assert.notEqual(event.id, toCloudEvent(bare).id)
})
