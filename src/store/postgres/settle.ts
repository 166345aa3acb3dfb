import type { Lease, Settlement } from '../store.ts'
import type { Database, Statement } from './database.ts'

export interface Settled {
  readonly lease: Lease
  readonly settlement: Settlement
}

export const SETTLE: Statement = {
  name: 'settle',
  text: `
    update deliveries d set
      state = s.state,
      due = coalesce(s.due, d.due),
      attempt = s.attempt,
      tries = s.tries,
      progress = s.progress,
      history = s.history,
      error = s.error,
      lapses = case when s.state = 'running' then d.lapses else 0 end,
      lease_until = case when s.state = 'running' then d.lease_until end,
      settled_at = coalesce(s.settled_at, d.settled_at)
    from json_to_recordset($1::json) as s (seq bigint, fence bigint, state text, due bigint, attempt integer,
      tries integer, progress text, history text, error text, settled_at bigint)
    where d.seq = s.seq and d.fence = s.fence and d.state = 'running'
    returning d.seq, d.fence`
}

/** Lets the first that waits of each of these orders go. */
export function releaseOf(orders: string): string {
  return `
    update deliveries set held = false
    where held and seq in (
      select w.seq from (${orders}) o cross join lateral (
        select seq from deliveries d where d.order_key = o.order_key and d.state = 'waiting' order by seq limit 1
      ) w
    )
    returning seq`
}

/**
 * A statement of its own, after the one that settled: by then that one has locked its rows, so whatever a claim held
 * because of them is in sight (see CLAIM).
 */
export const RELEASE: Statement = {
  name: 'release',
  text: releaseOf(`
    select distinct order_key from deliveries
    where seq = any($1::bigint[]) and order_key is not null and state <> 'running'`)
}

/** Resolves to whether each lease was held, and whether one that waited for its order may go now. */
export async function settleAll(
  database: Database,
  settled: readonly Settled[]
): Promise<{ readonly written: readonly boolean[]; readonly isWork: boolean }> {
  const rows = settled.map(({ lease: { seq, fence }, settlement }) => {
    const { state, due, now, attempt, tries, progress, history, error } = settlement
    const isOver = state !== 'running'
    return {
      ...{ seq, fence, state, attempt, tries, progress, history, error },
      due: state === 'waiting' ? Math.round(due ?? now) : undefined,
      settled_at: isOver ? now : undefined
    }
  })
  const [updated, released] = await database.together(undefined, [
    [SETTLE, [JSON.stringify(rows)]],
    [RELEASE, [rows.map(({ seq }) => seq)]]
  ])
  const written = new Set(updated!.map(({ seq, fence }) => `${seq} ${fence}`))
  return {
    written: rows.map(({ seq, fence }) => written.has(`${seq} ${fence}`)),
    isWork: released!.length > 0
  }
}

const EXTEND: Statement = {
  name: 'extend',
  text: `
    update deliveries d set lease_until = $3
    from unnest($1::bigint[], $2::bigint[]) as l (seq, fence)
    where d.seq = l.seq and d.fence = l.fence and d.state = 'running'
    returning d.seq, d.fence`
}

export async function extendAll(
  database: Database,
  leases: readonly Lease[],
  until: number
): Promise<readonly Lease[]> {
  const updated = await database.run(EXTEND, [leases.map(({ seq }) => seq), leases.map(({ fence }) => fence), until])
  const extended = new Set(updated.map(({ seq, fence }) => `${seq} ${fence}`))
  return leases.filter(({ seq, fence }) => !extended.has(`${seq} ${fence}`))
}
