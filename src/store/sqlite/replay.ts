import type { NewDelivery, Replay } from '../store.ts'
import { addUnlessKnown, type Place } from './add.ts'
import type { Connection } from './connection.ts'
import { release } from './due.ts'

const REQUEUE = `
  UPDATE deliveries SET
    state = iif(state = 'held', 'held', 'waiting'), due = ?1, tries = 0, error = NULL, replay = ?2,
    progress = iif(?3 = 'start', '', progress)
  WHERE seq = ?4 AND state <> 'running' AND replay IS NOT ?2`

const OLD = `
  SELECT request, receiver, instance, received_at, secret, kind, size, key, order_key FROM deliveries WHERE seq = ?`
const FREE_KEY = 'UPDATE deliveries SET key = NULL WHERE seq = ?'
const REMOVE_SIBLINGS = 'DELETE FROM deliveries WHERE request = ? AND seq <> ? RETURNING order_key'
const IGNORE = `
  UPDATE deliveries SET state = 'ignored', lease_until = NULL, fence = fence + 1, key = ? WHERE seq = ?`
/** The first of the new ones inherits what the old one has been through, then its number. */
const INHERIT = `
  UPDATE deliveries SET
    (attempt, history, worker, duplicates, replay, settled_at, fence) =
    (SELECT attempt, history, worker, duplicates, replay, settled_at, fence + 1 FROM deliveries WHERE seq = ?)
  WHERE seq = ?`
const REMOVE = 'DELETE FROM deliveries WHERE seq = ?'
const RENUMBER = 'UPDATE deliveries SET seq = ? WHERE seq = ?'

/** Puts those of them back to work that may be. The number of them. */
export function requeue(db: Connection, seqs: readonly number[], { id, from, now }: Omit<Replay, 'limit'>): number {
  return seqs.filter(seq => db.run(REQUEUE, now, id, from, seq).changes > 0).length
}

export function describe(db: Connection, seq: number, deliveries: readonly NewDelivery[]): void {
  const old = db.one(OLD, seq)
  if (old === undefined) return
  const [request, receiver, instance, receivedAt, secret, kind, size, key, order] = old
  const place = { request, receiver, instance, receivedAt, secret, kind, size, now: Date.now() } as Place
  db.run(FREE_KEY, seq)
  const orders = new Set([order, ...db.all(REMOVE_SIBLINGS, place.request, seq).map(([order]) => order)])
  const added = deliveries.map(delivery => addUnlessKnown(db, place, delivery)).find(one => one !== undefined)
  if (added === undefined) db.run(IGNORE, key as string | null, seq)
  else {
    db.run(INHERIT, seq, added)
    db.run(REMOVE, seq)
    db.run(RENUMBER, seq, added)
  }
  for (const order of orders) release(db, order as string | null)
}
