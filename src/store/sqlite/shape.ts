import type { Claimed, Dumped, Rejected, StoredDelivery, StoredRequest } from '../store.ts'
import type { Row } from './connection.ts'

/** The fields of a delivery, and the columns they stand in. */
const delivery = {
  seq: 'seq',
  receiver: 'receiver',
  instance: 'instance',
  event: 'event',
  id: 'deliveries.id',
  occurredAt: 'occurred_at',
  receivedAt: 'received_at',
  subject: 'subject',
  account: 'account',
  data: 'data',
  kind: 'kind',
  secret: 'secret',
  state: `iif(state = 'held', 'waiting', state)`,
  due: 'due',
  attempt: 'attempt',
  tries: 'tries',
  lapses: 'lapses',
  worker: 'worker',
  leaseUntil: 'lease_until',
  progress: 'progress',
  history: 'history',
  error: 'error',
  duplicates: 'duplicates',
  replay: 'replay',
  settledAt: 'settled_at',
  size: 'size'
} satisfies Record<keyof StoredDelivery, string>

const rejected = {
  seq: 'seq',
  at: 'at',
  receiver: 'receiver',
  instance: 'instance',
  stage: 'stage',
  reason: 'reason',
  hint: 'hint',
  size: 'size',
  secretHash: 'secret_hash'
} satisfies Record<Exclude<keyof Rejected, 'request'>, string>

export const DELIVERY = Object.values(delivery).join(', ')
export const REJECTED = Object.values(rejected).join(', ')
/** Behind the fields of a delivery in a row: the rest of it. */
export const BEHIND = Object.keys(delivery).length

export const deliveryOf = reader<StoredDelivery>(Object.keys(delivery))
const rejectedFields = reader<Omit<Rejected, 'request'>>(Object.keys(rejected))

/** A row becomes an object; what is NULL, undefined. */
function reader<Shape>(names: readonly string[]): (row: Row) => Shape {
  return row => {
    const shape: Record<string, unknown> = {}
    for (let at = 0; at < names.length; at++) shape[names[at]!] = row[at] ?? undefined
    return shape as Shape
  }
}

/** Method, URL and headers, as they stand in a row. */
export type RequestRow = readonly [method: string, url: string, headers: string]

export function requestOf([method, url, headers]: RequestRow, body: Uint8Array): StoredRequest {
  return { method, url, headers: JSON.parse(headers), body }
}

export function claimedOf(row: Row, request: StoredRequest | undefined): Claimed {
  return { ...deliveryOf(row), fence: row[BEHIND] as number, request }
}

export function dumpedOf(row: Row, request: StoredRequest): Dumped {
  const [requestSeq, key, position, order] = row.slice(BEHIND) as [number, string | null, number, string | null]
  return {
    requestSeq,
    request,
    delivery: deliveryOf(row),
    key: key ?? undefined,
    position,
    order: order ?? undefined
  }
}

export function rejectedOf(row: Row, request: RequestRow, body: Uint8Array): Rejected {
  return { ...rejectedFields(row), request: requestOf(request, body) }
}
