import type { Connection } from './connection.ts'

const REMOVE = `
  DELETE FROM deliveries
  WHERE seq IN (
    SELECT seq FROM deliveries WHERE state IN ('done', 'dead', 'ignored') AND received_at < ?
    ORDER BY received_at, seq LIMIT ?
  )
  RETURNING request`
const REMOVE_REQUEST = `
  DELETE FROM requests WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM deliveries WHERE request = ?1)`

/** The oldest first. A request goes with the last delivery that points at it. */
export function prune(db: Connection, before: number, limit: number): number {
  const removed = db.all(REMOVE, before, limit)
  for (const request of new Set(removed.map(([request]) => request))) db.run(REMOVE_REQUEST, request)
  return removed.length
}
