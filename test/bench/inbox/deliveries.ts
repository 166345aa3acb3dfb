import { randomBytes } from 'node:crypto'
import type { Arrival, Dumped, State, Store } from '../../../src/store/store.ts'
import { payloads } from '../payloads.ts'

const { headers, body, expected } = payloads().stripe
const request = { method: 'POST', url: '/api/webhooks/incoming/stripe', headers, body }

/** A 1 KB event as it arrives, with an id and a subject of its own. */
export function arrival(): Arrival {
  const id = `evt_${randomBytes(12).toString('hex')}`
  return {
    receiver: 'stripe',
    instance: '',
    receivedAt: Date.now(),
    secret: 0,
    kind: 'json',
    request,
    deliveries: [
      {
        event: expected.event,
        id,
        key: id,
        position: 0,
        occurredAt: Date.now(),
        subject: `in_${randomBytes(12).toString('hex')}`,
        account: expected.account
      }
    ]
  }
}

/** Waiting ones, added as they would come. */
export async function add(store: Store, count: number): Promise<void> {
  for (let left = count; left > 0; left -= 1000) {
    await Promise.all(Array.from({ length: Math.min(left, 1000) }, () => store.add(arrival())))
  }
}

/** By the way that moves deliveries to another store: many at once, in any state. */
export async function load(store: Store, count: number, state: State): Promise<void> {
  for (let at = 0; at < count; at += 1000) {
    const chunk = Array.from({ length: Math.min(count - at, 1000) }, (_, index) => dumped(at + index, state))
    await store.load(chunk)
  }
}

function dumped(requestSeq: number, state: State): Dumped {
  const { receiver, instance, receivedAt, secret, kind, deliveries } = arrival()
  const { key, position, order, event, id, occurredAt, subject, account } = deliveries[0]!
  const isDone = state === 'done'
  return {
    requestSeq,
    request,
    key,
    position,
    order,
    delivery: {
      ...{ event, id, occurredAt, subject, account, data: undefined },
      seq: requestSeq,
      receiver,
      instance,
      receivedAt,
      secret,
      kind,
      state,
      due: receivedAt,
      attempt: isDone ? 1 : 0,
      tries: isDone ? 1 : 0,
      lapses: 0,
      worker: isDone ? 'loaded' : undefined,
      leaseUntil: undefined,
      progress: '',
      history: '',
      error: undefined,
      duplicates: 0,
      replay: undefined,
      settledAt: isDone ? receivedAt : undefined,
      size: body.length
    }
  }
}
