import type { Dumped, StoredDelivery, StoredRequest } from '../store.ts'
import type { Row } from './database.ts'

const DELIVERY = `d.seq, d.receiver, d.instance, d.event, d.id, d.occurred_at, d.received_at, d.subject, d.account, d.data,
  d.kind, d.secret, d.state, d.due, d.attempt, d.tries, d.lapses, d.worker, d.lease_until, d.progress, d.history, d.error,
  d.duplicates, d.replay, d.settled_at, d.size`

/** Of `deliveries d`. */
export const columns = { delivery: DELIVERY, request: 'r.method, r.url, r.headers, r.body' }

export function deliveryOf(row: Row): StoredDelivery {
  return {
    seq: row.seq,
    receiver: row.receiver,
    instance: row.instance,
    event: row.event,
    id: row.id ?? undefined,
    occurredAt: row.occurred_at ?? undefined,
    receivedAt: row.received_at,
    subject: row.subject ?? undefined,
    account: row.account ?? undefined,
    data: row.data ?? undefined,
    kind: row.kind,
    secret: row.secret,
    state: row.state,
    due: row.due,
    attempt: row.attempt,
    tries: row.tries,
    lapses: row.lapses,
    worker: row.worker ?? undefined,
    leaseUntil: row.lease_until ?? undefined,
    progress: row.progress,
    history: row.history,
    error: row.error ?? undefined,
    duplicates: row.duplicates,
    replay: row.replay ?? undefined,
    settledAt: row.settled_at ?? undefined,
    size: row.size
  }
}

export function requestOf({ method, url, headers, body }: Row): StoredRequest {
  return { method, url, headers: JSON.parse(headers), body: new Uint8Array(body) }
}

export function dumpedOf(row: Row): Dumped {
  return {
    requestSeq: row.request,
    request: requestOf(row),
    delivery: deliveryOf(row),
    key: row.key ?? undefined,
    position: row.position,
    order: row.order_key ?? undefined
  }
}
