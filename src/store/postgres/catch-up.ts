import type { Database, Statement } from './database.ts'

/** A time that is further ahead than this, in milliseconds, was taken from a clock that is no more. */
export const IMPLAUSIBLE = 60_000
const SET_BACK = 1_000

const CATCH_UP: Statement = {
  name: 'catch up',
  text: `
    with ahead as materialized (
      select seq from deliveries
      where state = 'waiting' and receiver = any($2::text[]) and due > $1
        and greatest(received_at, settled_at) > $1::bigint + ${IMPLAUSIBLE}
      -- As INSERT takes them, so that the two cannot lock each other out.
      order by key collate "C", receiver collate "C", instance collate "C", position
      for update
    )
    update deliveries d set due = $1 from ahead a where d.seq = a.seq returning d.seq`
}

/** When each receiver's were claimed last. */
const claims = new WeakMap<Database, Map<string, number>>()

/**
 * Where the clock was set back, what was put off before would be late by as much: it is due now. Looked for by a store's
 * first claim, and whenever time has gone back since the last.
 */
export async function catchUp(database: Database, receivers: readonly string[], now: number): Promise<void> {
  const latest = claims.get(database) ?? new Map<string, number>()
  claims.set(database, latest)
  const behind = receivers.filter(name => now < (latest.get(name) ?? Number.POSITIVE_INFINITY) - SET_BACK)
  if (behind.length > 0) await database.together(database.locks.claim, [[CATCH_UP, [now, behind]]])
  for (const name of receivers) latest.set(name, now)
}
