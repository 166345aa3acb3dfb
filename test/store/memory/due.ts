import type { Row } from './state.ts'

/** A lease that ends later than this after any taken now was taken by a clock that is no more. */
const IMPLAUSIBLE = 60_000

/** When it may be taken: a running one when its lease ends. */
export function dueOf(row: Row): number {
  return row.state === 'running' ? row.leaseUntil! : row.due
}

export function isDue(row: Row, now: number, until: number): boolean {
  return dueOf(row) <= now || (row.state === 'running' && row.leaseUntil! > until + IMPLAUSIBLE)
}

/**
 * The rows that no other of the same order holds: the first that runs, or else the first that waits. A lapsed one goes on
 * before one that was put back to work meanwhile, or they would hold each other.
 */
export function heads(rows: Iterable<Row>): Row[] {
  const free: Row[] = []
  const first = new Map<string, Row>()
  for (const row of rows) {
    if (row.state !== 'waiting' && row.state !== 'running') continue
    if (row.order === undefined) {
      free.push(row)
      continue
    }
    const other = first.get(row.order)
    if (other === undefined || precedes(row, other)) first.set(row.order, row)
  }
  return [...free, ...first.values()]
}

function precedes(row: Row, other: Row): boolean {
  return row.state === other.state ? row.seq < other.seq : row.state === 'running'
}

export function earliest(times: readonly number[]): number | undefined {
  return times.length === 0 ? undefined : times.reduce((a, b) => Math.min(a, b))
}
