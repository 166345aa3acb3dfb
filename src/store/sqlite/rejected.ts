import type { NewRejected, RejectedCount, RejectedFilter } from '../store.ts'
import type { Connection, Row } from './connection.ts'
import { REJECTED, type RequestRow } from './shape.ts'

/** A refused request on its way to the thread: the bytes of its body travel apart. */
export interface PackedRejected extends Omit<NewRejected, 'request'> {
  readonly request: RequestRow
}

export interface RejectedRow {
  readonly row: Row
  readonly request: RequestRow
}

const INSERT = `
  INSERT INTO rejected (at, receiver, instance, stage, reason, hint, size, secret_hash, method, url, headers, body)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, coalesce(?, x''))
  RETURNING seq`
const REMOVE_SURPLUS = `
  DELETE FROM rejected WHERE seq <= (SELECT seq FROM rejected ORDER BY seq DESC LIMIT 1 OFFSET ?)`
const COUNT = `
  INSERT INTO rejected_counts (receiver, reason, count) VALUES (?, ?, ?)
  ON CONFLICT (receiver, reason) DO UPDATE SET count = count + excluded.count`
const SELECT = `SELECT method, url, headers, ${REJECTED} FROM rejected`
const FIND = `
  ${SELECT}
  WHERE (?1 IS NULL OR receiver = ?1) AND (?2 IS NULL OR instance = ?2) AND (?3 IS NULL OR reason = ?3)
    AND (?4 IS NULL OR seq < ?4)
  ORDER BY seq DESC LIMIT ?5`

export function addRejected(db: Connection, rejected: PackedRejected, most: number, body: Uint8Array): number {
  const { at, receiver, instance, stage, reason, hint, size, secretHash, request } = rejected
  const described = [at, receiver, instance, stage, reason, hint ?? null, size, secretHash ?? null] as const
  const [seq] = db.one(INSERT, ...described, ...request, body) as [number]
  db.run(REMOVE_SURPLUS, most)
  return seq
}

export function removeRejected(db: Connection, seq: number): void {
  db.run('DELETE FROM rejected WHERE seq = ?', seq)
}

export function pruneRejected(db: Connection, before: number): number {
  return db.run('DELETE FROM rejected WHERE at < ?', before).changes
}

export function countRejected(db: Connection, counts: readonly RejectedCount[]): void {
  for (const { receiver, reason, count } of counts) db.run(COUNT, receiver, reason, count)
}

export function findRejected(
  db: Connection,
  { receiver, instance, reason }: RejectedFilter,
  page: { readonly before?: number | undefined; readonly limit: number }
): RejectedRow[] {
  const rows = db.all(FIND, receiver ?? null, instance ?? null, reason ?? null, page.before ?? null, page.limit)
  return rows.map(rejectedRow)
}

export function getRejected(db: Connection, seq: number, bodies: Uint8Array[]): RejectedRow | undefined {
  const row = db.one(`${SELECT} WHERE seq = ?`, seq)
  if (row === undefined) return undefined
  bodies.push(db.one('SELECT body FROM rejected WHERE seq = ?', seq)![0] as Uint8Array)
  return rejectedRow(row)
}

function rejectedRow([method, url, headers, ...row]: Row): RejectedRow {
  return { row, request: [method, url, headers] as unknown as RequestRow }
}
