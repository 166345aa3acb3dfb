import type { Dumped } from '../store.ts'
import { keep, nextRequest } from './add.ts'
import { requestOf } from './claim.ts'
import type { Connection, Row, Value } from './connection.ts'
import { BEHIND, DELIVERY, type RequestRow } from './shape.ts'

/** A dumped delivery between threads: the bytes of its body travel apart. */
export interface PackedDump extends Omit<Dumped, 'request'> {
  readonly request: RequestRow
}

export interface DumpRow {
  readonly row: Row
  readonly request: RequestRow
}

const DUMP = `SELECT ${DELIVERY}, request, key, position, order_key FROM deliveries WHERE seq > ? ORDER BY seq LIMIT ?`
const LOAD = `
  INSERT INTO deliveries (
    request, key, position, order_key,
    receiver, instance, event, id, occurred_at, received_at, subject, account, data, kind, secret, state, due, attempt,
    tries, lapses, worker, lease_until, progress, history, error, duplicates, replay, settled_at, size, fence
  )
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1)
  ON CONFLICT DO NOTHING`

export function dump(db: Connection, after: number, limit: number, bodies: Uint8Array[]): DumpRow[] {
  return db.all(DUMP, after, limit).map(row => ({ row, request: requestOf(db, row[BEHIND] as number, bodies)! }))
}

export function load(db: Connection, dumped: readonly PackedDump[], bodies: readonly Uint8Array[]): number {
  const requests = new Map<number, number>()
  let count = 0
  for (const [index, { requestSeq, request, delivery: d, key, position, order }] of dumped.entries()) {
    const id = requests.get(requestSeq) ?? nextRequest(db)
    const described = [d.receiver, d.instance, d.event, d.id, d.occurredAt, d.receivedAt, d.subject, d.account, d.data]
    const worked = [d.kind, d.secret, d.state, d.due, d.attempt, d.tries, d.lapses, d.worker, d.leaseUntil, d.progress]
    const ended = [d.history, d.error, d.duplicates, d.replay, d.settledAt, d.size]
    const values: Value[] = [id, key, position, order, ...described, ...worked, ...ended]
    if (db.run(LOAD, ...values.map(value => value ?? null)).changes === 0) continue
    if (!requests.has(requestSeq)) keep(db, id, request, bodies[index]!)
    requests.set(requestSeq, id)
    count++
  }
  return count
}
