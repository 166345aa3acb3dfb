import { IMPLAUSIBLE } from './catch-up.ts'
import type { Connection } from './connection.ts'

/** How many are read at first; then twice as many. Of receivers that aren't the earliest only a few are looked at. */
const PORTION = 8

export interface Candidate {
  readonly seq: number
  /** When it was due, or its lease ended. */
  readonly at: number
}

export interface Due {
  readonly receiver: string
  /** Those whose lease lapsed and was taken over, or the others. */
  readonly alone: boolean
  readonly now: number
  readonly until: number
  readonly limit: number
}

const WAITING = `
  SELECT seq, due, order_key FROM deliveries
  WHERE state = 'waiting' AND receiver = ? AND (lapses >= 1) = ? AND due <= ?
  ORDER BY due, seq LIMIT ? OFFSET ?`
const LEASED = `
  SELECT seq, lease_until, order_key FROM deliveries
  WHERE state = 'running' AND receiver = ? AND (lapses >= 1) = ? AND lease_until BETWEEN ? AND ?
  ORDER BY lease_until, seq LIMIT ? OFFSET ?`

const ACTIVE = `order_key = ? AND order_key IS NOT NULL AND state IN ('waiting', 'held', 'running')`
/** A waiting one: is there one before it, or one that runs? */
const IS_BEHIND = `SELECT EXISTS (SELECT 1 FROM deliveries WHERE ${ACTIVE} AND (seq < ? OR state = 'running'))`
/**
 * One that lapsed: is there another that runs? Not one that waits: a lapsed one goes on before one that was put back to
 * work meanwhile, or they would wait for each other.
 */
const IS_BESIDE = `
  SELECT EXISTS (
    SELECT 1 FROM deliveries
    WHERE ${ACTIVE} AND state = 'running' AND seq <> ? AND (seq < ? OR lease_until BETWEEN ? AND ?)
  )`
const HOLD = `UPDATE deliveries SET state = 'held' WHERE seq = ?`
const RELEASE = `
  UPDATE deliveries SET state = 'waiting'
  WHERE state = 'held' AND seq = (
    SELECT seq FROM deliveries WHERE ${ACTIVE} AND state <> 'running' ORDER BY seq LIMIT 1
  )`

/** What may be taken of a receiver, the earliest first. */
export function due(db: Connection, query: Due): Generator<Candidate> {
  const { now, until, limit } = query
  const plausible = until + IMPLAUSIBLE
  return merged(
    [
      waiting(db, query),
      leased(db, query, Number.MIN_SAFE_INTEGER, now),
      leased(db, query, Math.max(plausible, now) + 1, Number.POSITIVE_INFINITY)
    ],
    limit
  )
}

/** Several lists, each with the earliest first, as one. */
export function* merged(lists: readonly Generator<Candidate>[], limit: number): Generator<Candidate> {
  const heads = lists.map(list => ({ list, head: list.next() }))
  for (let count = 0; count < limit; count++) {
    let first: (typeof heads)[number] | undefined
    for (const one of heads) if (!one.head.done && (first === undefined || isBefore(one.head, first.head))) first = one
    if (first === undefined || first.head.done) return
    yield first.head.value
    if (count + 1 < limit) first.head = first.list.next()
  }
}

/** One of this order has ended or waits again: the first that waits is a candidate again. */
export function release(db: Connection, order: string | null): void {
  if (order !== null) db.run(RELEASE, order)
}

/** One that must wait for others of its order is held until one of them ends: nobody meets it again before. */
function* waiting(db: Connection, { receiver, alone, now }: Due): Generator<Candidate> {
  let passed = 0
  for (let portion = PORTION; ; portion *= 2) {
    const rows = db.all(WAITING, receiver, Number(alone), now, portion, passed) as [number, number, string | null][]
    for (const [seq, at, order] of rows) {
      if (order !== null && isTrue(db, IS_BEHIND, order, seq)) {
        db.run(HOLD, seq)
        continue
      }
      passed++
      yield { seq, at }
    }
    if (rows.length < portion) return
  }
}

function* leased(db: Connection, query: Due, from: number, to: number): Generator<Candidate> {
  const { receiver, alone, now, until } = query
  let passed = 0
  for (let portion = PORTION; ; portion *= 2) {
    const rows = db.all(LEASED, receiver, Number(alone), from, to, portion, passed) as [number, number, string | null][]
    for (const [seq, at, order] of rows) {
      passed++
      const live = [now + 1, until + IMPLAUSIBLE] as const
      if (order === null || !isTrue(db, IS_BESIDE, order, seq, seq, ...live)) yield { seq, at }
    }
    if (rows.length < portion) return
  }
}

function isTrue(db: Connection, sql: string, ...values: (string | number)[]): boolean {
  return db.one(sql, ...values)![0] === 1
}

function isBefore(a: IteratorResult<Candidate>, b: IteratorResult<Candidate>): boolean {
  return a.value.at < b.value.at || (a.value.at === b.value.at && a.value.seq < b.value.seq)
}
