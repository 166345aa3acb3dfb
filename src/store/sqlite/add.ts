import type { Added, Arrival, NewDelivery } from '../store.ts'
import type { Connection } from './connection.ts'
import type { RequestRow } from './shape.ts'

/** An arrival on its way to the thread: the bytes of its body travel apart. */
export interface PackedArrival extends Omit<Arrival, 'request'> {
  readonly request: RequestRow
}

/** A delivery's place: whose it is, and which request it came in. */
export interface Place {
  readonly request: number
  readonly receiver: string
  readonly instance: string
  readonly receivedAt: number
  readonly secret: number
  readonly kind: string
  readonly size: number
  /** By the store's clock. */
  readonly now: number
}

const FIRST_FENCE = 1

const ADD = `
  INSERT INTO deliveries (
    request, receiver, instance, received_at, secret, kind, size,
    event, id, key, position, occurred_at, subject, account, data, order_key,
    state, due, attempt, tries, worker, lease_until, fence, progress, error
  )
  VALUES (?, ?, ?, ?, ?, ?, ?,  ?, ?, ?, ?, ?, ?, ?, ?, ?,  ?, ?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (key, receiver, instance, position) WHERE key IS NOT NULL DO NOTHING`
/** A duplicate is counted, and goes back to work where it had ended without being done. */
const ADD_AGAIN = `
  UPDATE deliveries SET
    duplicates = duplicates + 1,
    state = iif(state IN ('dead', 'ignored'), 'waiting', state),
    due = iif(state IN ('dead', 'ignored'), ?, due),
    tries = iif(state IN ('dead', 'ignored'), 0, tries),
    error = iif(state IN ('dead', 'ignored'), NULL, error)
  WHERE key = ? AND key IS NOT NULL AND receiver = ? AND instance = ? AND position = ?
  RETURNING seq`

/** What the next delivery's number will be at least: the request takes it, so no two ever have the same. */
const NEXT = `SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'deliveries'), 0) + 1`

/** Node 22 binds bytes of which there are none as NULL. */
const KEEP = `INSERT INTO requests (id, method, url, headers, body) VALUES (?, ?, ?, ?, coalesce(?, x''))`

export function add(db: Connection, arrival: PackedArrival, body: Uint8Array): Added[] {
  const place = placeOf(db, arrival, body)
  const added = arrival.deliveries.map(delivery => addOne(db, place, delivery))
  if (added.some(({ duplicate }) => !duplicate)) keep(db, place.request, arrival.request, body)
  return added
}

function addOne(db: Connection, place: Place, delivery: NewDelivery): Added {
  const added = addUnlessKnown(db, place, delivery)
  if (added !== undefined) {
    return { seq: added, duplicate: false, fence: delivery.start?.state === 'running' ? FIRST_FENCE : 0 }
  }
  const { receiver, instance, now } = place
  const [seq] = db.one(ADD_AGAIN, now, delivery.key, receiver, instance, delivery.position) as [number]
  return { seq, duplicate: true, fence: 0 }
}

/** The number it was given. Undefined: it was known. */
export function addUnlessKnown(db: Connection, place: Place, delivery: NewDelivery): number | undefined {
  // The number comes with the result: RETURNING would cost as much as all the rest.
  const { changes, lastInsertRowid } = db.run(ADD, ...valuesOf(place, delivery))
  return changes === 0 ? undefined : lastInsertRowid
}

export function nextRequest(db: Connection): number {
  return db.one(NEXT)![0] as number
}

export function keep(db: Connection, id: number, request: RequestRow, body: Uint8Array): void {
  db.run(KEEP, id, ...request, body)
}

/** In the order of the columns of ADD. */
function valuesOf(place: Place, delivery: NewDelivery) {
  const { start } = delivery
  const running = start?.state === 'running' ? start : undefined
  const claimed = running === undefined ? 0 : 1
  return [
    place.request,
    place.receiver,
    place.instance,
    place.receivedAt,
    place.secret,
    place.kind,
    place.size,
    delivery.event,
    delivery.id ?? null,
    delivery.key ?? null,
    delivery.position,
    delivery.occurredAt ?? null,
    delivery.subject ?? null,
    delivery.account ?? null,
    delivery.data ?? null,
    delivery.order ?? null,
    start?.state ?? 'waiting',
    place.now,
    claimed,
    claimed,
    running?.worker ?? null,
    running?.until ?? null,
    running === undefined ? 0 : FIRST_FENCE,
    running?.progress ?? '',
    start?.state === 'dead' ? start.error : null
  ] as const
}

function placeOf(db: Connection, arrival: PackedArrival, body: Uint8Array): Place {
  const { receiver, instance, receivedAt, secret, kind } = arrival
  return {
    request: nextRequest(db),
    receiver,
    instance,
    receivedAt,
    secret,
    kind,
    size: body.byteLength,
    now: Date.now()
  }
}
