import assert from 'node:assert/strict'
import { test } from 'node:test'
import { arrivalOf, keyOf, newDeliveriesOf, type Order, unreadable } from '../../src/inbox/arrival.ts'
import type { AnyReceiver, Description, WebhookRequest } from '../../src/receiver.ts'
import { none } from '../../src/schemes/none.ts'

const acme: AnyReceiver = {
  name: 'acme',
  docs: 'https://example.com',
  scheme: none({ because: 'a test' }),
  describe: () => []
}
const request: WebhookRequest = {
  method: 'POST',
  url: 'https://example.com/acme?x=1',
  headers: { 'content-type': 'application/json', authorization: 'Basic x', cookie: 'a=b', accept: ['a', 'b'] },
  body: Buffer.from('{}')
}

function described(descriptions: Description[], order?: Order, receiver = acme, instance = 'shop', given = request) {
  const deliveries = newDeliveriesOf(receiver, instance, given, descriptions, order)
  if (typeof deliveries === 'string') throw new Error(deliveries)
  return deliveries
}

test('a request is kept as it came, without credentials of proxies and browsers', () => {
  const at = new Date(1_700_000_000_000)
  const arrival = arrivalOf(acme, 'shop', { request, kind: 'json', secret: 1 }, at, [])
  const { authorization, cookie, ...headers } = arrival.request.headers
  assert.equal(authorization ?? cookie, undefined)
  assert.deepEqual(headers, { 'content-type': 'application/json', accept: ['a', 'b'] })
  assert.equal(arrival.request.body, request.body)
  assert.deepEqual([arrival.receiver, arrival.instance, arrival.receivedAt], ['acme', 'shop', at.getTime()])
  assert.deepEqual([arrival.kind, arrival.secret], ['json', 1])
})

test('what was described is stored with it; an item of a batch as JSON, the body not once more', () => {
  const occurredAt = new Date(5)
  const [whole, item, nothing] = described([
    { event: 'paid', id: 'e1', occurredAt, subject: 's', account: 'a' },
    { event: 'paid', data: { amount: 1 } },
    { event: 'paid', data: undefined }
  ])
  assert.deepEqual(whole, {
    event: 'paid',
    id: 'e1',
    key: 'e1',
    position: 0,
    occurredAt: 5,
    subject: 's',
    account: 'a',
    data: undefined,
    order: undefined
  })
  assert.equal(item!.data, '{"amount":1}')
  assert.equal(nothing!.data, 'null')
})

test('data that is no JSON makes no deliveries, and says why', () => {
  const loop: { self?: unknown } = {}
  loop.self = loop
  const deliveries = newDeliveriesOf(acme, 'shop', request, [{ event: 'e', data: loop }], undefined)
  assert.match(String(deliveries), /^describe-failed: the receiver gave data that is no JSON \(.*circular/)
})

test('a time that is none is left out', () => {
  assert.equal(described([{ event: 'e', occurredAt: new Date('soon') }])[0]!.occurredAt, undefined)
})

test('without an id there is no key, unless the receiver opted in for the body', () => {
  assert.equal(described([{ event: 'e' }])[0]!.key, undefined)
  const [one] = described([{ event: 'e' }], undefined, { ...acme, dedupe: 'body' })
  const otherBody = { ...request, body: Buffer.from('{} ') }
  const [other] = described([{ event: 'e' }], undefined, { ...acme, dedupe: 'body' }, 'shop', otherBody)
  assert.match(one!.key!, /^#/)
  assert.notEqual(one!.key, other!.key)
})

test('items with the same id are told apart by their place among them', () => {
  const items = described([{ event: 'a', id: '1' }, { event: 'b', id: '2' }, { event: 'c', id: '1' }, { event: 'd' }])
  assert.deepEqual(
    items.map(({ key, position }) => [key, position]),
    [
      ['1', 0],
      ['2', 0],
      ['1', 1],
      [undefined, 0]
    ]
  )
})

test('a key is the id itself, or a hash of what an index or an engine could not keep', () => {
  assert.equal(keyOf('evt_1'), 'evt_1')
  const odd = ['x'.repeat(257), `${'x'.repeat(256)}y`, 'a\0b', 'a\uFFFDb\0', '\uD800', '\uD801', '#1']
  const keys = odd.map(keyOf)
  assert.equal(new Set(keys).size, odd.length)
  for (const key of keys) assert.match(key, /^#[\w-]{43}$/)
  assert.equal(keyOf('x'.repeat(256)), 'x'.repeat(256))
})

test('texts that an engine could not keep are mended', () => {
  const [delivery] = described([{ event: 'a\0b', id: '\uD800', subject: 'c\0', account: '\uDC00d' }])
  assert.deepEqual(
    [delivery!.event, delivery!.id, delivery!.subject, delivery!.account],
    ['a\uFFFDb', '\uFFFD', 'c\uFFFD', '\uFFFDd']
  )
})

test('order is kept where it is asked for, by receiver, instance and subject', () => {
  const ordered = (subject: string | undefined, order?: Order, instance = 'shop', receiver = acme) =>
    described([{ event: 'e', subject }], order, receiver, instance)[0]!.order
  assert.equal(ordered('s'), undefined)
  assert.equal(ordered('s', { other: 'subject' }), undefined)
  assert.equal(ordered(undefined, 'subject'), undefined)
  assert.equal(ordered('s', 'subject'), ordered('s', { acme: 'subject' }))
  const different = [ordered('s', 'subject'), ordered('t', 'subject'), ordered('s', 'subject', 'shops')]
  // No pair of names and subjects runs together into another one.
  different.push(ordered('c', 'subject', 'ab'), ordered('bc', 'subject', 'a'))
  different.push(ordered('s', 'subject', 'shop', { ...acme, name: 'acmes' }))
  assert.equal(new Set(different).size, different.length)
})

test('what could not be described is dead from the start, and says why', () => {
  const { event, start, key } = unreadable('The body is no valid JSON')
  assert.deepEqual(
    [event, key, start],
    ['unreadable', undefined, { state: 'dead', error: 'The body is no valid JSON' }]
  )
})
