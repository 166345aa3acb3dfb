import type { Stats } from '../store.ts'
import type { Connection } from './connection.ts'

/** Each part is read from an index that has these states only. */
const STATES = `
  SELECT receiver, state, sum(count) FROM (
    SELECT receiver, 'waiting' AS state, count(*) AS count FROM deliveries WHERE state = 'waiting' GROUP BY receiver
    UNION ALL
    SELECT receiver, 'waiting', count(*) FROM deliveries WHERE state = 'held' GROUP BY receiver
    UNION ALL
    SELECT receiver, 'running', count(*) FROM deliveries WHERE state = 'running' GROUP BY receiver
    UNION ALL
    SELECT receiver, state, count(*) FROM deliveries WHERE state IN ('done', 'dead', 'ignored') GROUP BY receiver, state
  )
  GROUP BY receiver, state ORDER BY receiver, state`
const OLDEST = `
  SELECT min(due) FROM (
    SELECT min(due) AS due FROM deliveries WHERE state = 'waiting'
    UNION ALL
    SELECT min(due) FROM deliveries WHERE state = 'held'
  )
  WHERE due <= ?`
const DUPLICATES = 'SELECT coalesce(sum(duplicates), 0) FROM deliveries WHERE duplicates > 0'
const REJECTED = 'SELECT receiver, reason, count FROM rejected_counts ORDER BY receiver, reason'

export function stats(db: Connection): Stats {
  const states = db.all(STATES) as [string, Stats['states'][number]['state'], number][]
  const rejected = db.all(REJECTED) as [string, string, number][]
  return {
    states: states.map(([receiver, state, count]) => ({ receiver, state, count })),
    oldestDue: (db.one(OLDEST, Date.now())![0] as number | null) ?? undefined,
    duplicates: db.one(DUPLICATES)![0] as number,
    rejected: rejected.map(([receiver, reason, count]) => ({ receiver, reason, count }))
  }
}
