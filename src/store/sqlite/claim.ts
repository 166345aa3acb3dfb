import type { ClaimQuery, Lease, Settlement } from '../store.ts'
import { catchUp } from './catch-up.ts'
import type { Connection, Row } from './connection.ts'
import { due, merged, release } from './due.ts'
import { DELIVERY, type RequestRow } from './shape.ts'

/** Bodies up to this many bytes come with the claim. */
const LARGE = 64 * 1024

/** Where a delivery's number stands in a row of TAKEN. */
const HEAD = 4

const IS_PAUSED = 'SELECT 1 FROM paused WHERE receiver = ?'
const TAKE = `
  UPDATE deliveries SET
    lapses = lapses + (state = 'running'), attempt = attempt + 1, tries = tries + 1, fence = fence + 1,
    state = 'running', worker = ?, lease_until = ?
  WHERE seq IN (SELECT value FROM json_each(?))`
/** Read when they are taken: RETURNING would cost as much as all the rest. */
const TAKEN = `
  SELECT body, method, url, headers, ${DELIVERY}, fence
  FROM deliveries LEFT JOIN requests ON requests.id = request AND size <= ${LARGE}
  WHERE seq IN (SELECT value FROM json_each(?))`
const REQUEST = 'SELECT method, url, headers, body FROM requests WHERE id = ?'
const SETTLE = `
  UPDATE deliveries SET
    state = ?1, due = iif(?1 = 'waiting', ?2, due), attempt = ?3, tries = ?4, progress = ?5, history = ?6, error = ?7,
    settled_at = iif(?1 = 'running', settled_at, ?8), lapses = iif(?1 = 'running', lapses, 0),
    lease_until = iif(?1 = 'running', lease_until, NULL)
  WHERE seq = ?9 AND fence = ?10 AND state = 'running'`
const ORDER = 'SELECT order_key FROM deliveries WHERE seq = ?'
const EXTEND = `UPDATE deliveries SET lease_until = ? WHERE seq = ? AND fence = ? AND state = 'running'`

/** A claimed delivery; where it has its request, the body travels apart. */
export interface Taken {
  readonly row: Row
  readonly request: RequestRow | undefined
}

export function claim(db: Connection, query: ClaimQuery, bodies: Uint8Array[]): Taken[] {
  const { worker, now, until, alone = false } = query
  const receivers = query.receivers.filter(({ name }) => db.one(IS_PAUSED, name) === undefined)
  for (const { name } of receivers) catchUp(db, name, now)
  const lists = receivers.map(({ name, limit }) => due(db, { receiver: name, alone, now, until, limit }))
  // First chosen, then taken: what is taken leaves the lists that are being read.
  const chosen = [...merged(lists, query.limit)].map(({ seq }) => seq)
  if (chosen.length === 0) return []
  const seqs = JSON.stringify(chosen)
  db.run(TAKE, worker, until, seqs)
  const taken = new Map(db.all(TAKEN, seqs).map(row => [row[HEAD], row]))
  return chosen.map(seq => {
    const [body, method, url, headers, ...row] = taken.get(seq)!
    if (body === null) return { row, request: undefined }
    bodies.push(body as Uint8Array)
    return { row, request: [method, url, headers] as unknown as RequestRow }
  })
}

/** Puts the body into `bodies`. */
export function requestOf(db: Connection, id: number, bodies: Uint8Array[]): RequestRow | undefined {
  const found = db.one(REQUEST, id)
  if (found === undefined) return undefined
  const [method, url, headers, body] = found as [string, string, string, Uint8Array]
  bodies.push(body)
  return [method, url, headers]
}

export function settle(db: Connection, { seq, fence }: Lease, settlement: Settlement): boolean {
  const { state, due, attempt, tries, progress, history, error, now } = settlement
  const written = [state, due ?? now, attempt, tries, progress, history, error ?? null, now] as const
  if (db.run(SETTLE, ...written, seq, fence).changes === 0) return false
  if (state !== 'running') release(db, db.one(ORDER, seq)![0] as string | null)
  return true
}

export function extend(db: Connection, leases: readonly Lease[], until: number): Lease[] {
  return leases.filter(({ seq, fence }) => db.run(EXTEND, until, seq, fence).changes === 0)
}

export function workers(db: Connection): string[] {
  return db
    .all(`SELECT DISTINCT worker FROM deliveries WHERE state = 'running' ORDER BY worker`)
    .map(([name]) => name as string)
}

export function abandon(db: Connection, worker: string): number {
  return db.run(`UPDATE deliveries SET lease_until = 0 WHERE state = 'running' AND worker = ?`, worker).changes
}

export function nextDue(db: Connection, receivers: readonly string[]) {
  const ever = { now: Number.MAX_SAFE_INTEGER, until: Number.MAX_SAFE_INTEGER, limit: 1 }
  const earliest = (alone: boolean): number | undefined => {
    const [first] = merged(
      receivers.map(receiver => due(db, { receiver, alone, ...ever })),
      1
    )
    return first?.at
  }
  return { due: earliest(false), alone: earliest(true) }
}
