import type { Connection } from './connection.ts'

/** A time that is further ahead than this, in milliseconds, was taken from a clock that is no more. */
export const IMPLAUSIBLE = 60_000
const SET_BACK = 1_000

const isAhead = `due > ?1 AND max(received_at, coalesce(settled_at, 0)) > ?1 + ${IMPLAUSIBLE}`
const WAITING = `
  UPDATE deliveries SET due = ?1 WHERE state = 'waiting' AND receiver = ?2 AND (lapses >= 1) = ?3 AND ${isAhead}`
const HELD = `UPDATE deliveries SET due = ?1 WHERE state = 'held' AND receiver = ?2 AND ${isAhead}`

/** When each receiver's were claimed last. */
const claims = new WeakMap<Connection, Map<string, number>>()

/**
 * Where the clock was set back, what was put off before would be late by as much: it is due now. Looked for by the first
 * claim of a connection, and whenever time has gone back since the last.
 */
export function catchUp(db: Connection, receiver: string, now: number): void {
  const latest = claims.get(db) ?? new Map<string, number>()
  claims.set(db, latest)
  const before = latest.get(receiver) ?? Number.POSITIVE_INFINITY
  latest.set(receiver, now)
  if (now >= before - SET_BACK) return
  for (const alone of [0, 1]) db.run(WAITING, now, receiver, alone)
  db.run(HELD, now, receiver)
}
