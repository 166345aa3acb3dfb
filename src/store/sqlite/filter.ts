import type { Filter } from '../store.ts'
import type { Value } from './connection.ts'

/** A filter as conditions on a delivery. */
export interface Where {
  readonly sql: string
  readonly values: readonly Value[]
  /** The numbers of those that may hold, by an index. Undefined: all must be looked at. */
  readonly among: { readonly sql: string; readonly values: readonly Value[] } | undefined
  /** Asks for the first and the last number that may hold. */
  readonly ends: string
}

const SAME = ['seq', 'receiver', 'instance', 'subject', 'account', 'id'] as const

/** How the deliveries of a state are found. Those that are done are nearly all: they are not looked up one by one. */
const BY_STATE: Readonly<Record<string, string>> = {
  waiting: `SELECT seq FROM deliveries WHERE state = 'waiting' UNION ALL SELECT seq FROM deliveries WHERE state = 'held'`,
  running: `SELECT seq FROM deliveries WHERE state = 'running'`,
  dead: `SELECT seq FROM deliveries WHERE state IN ('dead', 'ignored') AND state = 'dead'`,
  ignored: `SELECT seq FROM deliveries WHERE state IN ('dead', 'ignored') AND state = 'ignored'`
}

export function whereOf(filter: Filter): Where {
  const conditions: string[] = []
  const values: Value[] = []
  const must = (sql: string, ...given: Value[]): void => {
    conditions.push(sql)
    values.push(...given)
  }
  for (const name of SAME) if (filter[name] != null) must(`${name} = ?`, filter[name])
  const states = statesOf(filter)
  // Written out, or SQLite would not see that an index has just those.
  if (isDone(states)) must(`state = 'done'`)
  else if (states !== undefined) {
    must(`iif(state = 'held', 'waiting', state) IN (${states.map(() => '?').join(', ')})`, ...states)
  }
  if (filter.since != null) must('received_at >= ?', filter.since)
  if (filter.until != null) must('received_at < ?', filter.until)
  if (filter.event != null) {
    must(filter.event.includes('*') ? 'matches(?, event)' : 'event = ?', filter.event)
  }
  if (filter.text != null) {
    must(
      `(mentions(?, event, id, subject, account, error)
        OR (SELECT instr(body, coalesce(?, x'')) > 0 FROM requests WHERE requests.id = deliveries.request))`,
      filter.text,
      Buffer.from(filter.text)
    )
  }
  return {
    sql: conditions.join(' AND ') || 'TRUE',
    values,
    among: amongOf(filter),
    ends: endsOf(isDone(states) ? `WHERE state = 'done'` : '')
  }
}

/** Two selections: asked for both at once, SQLite would walk from the one to the other. */
function endsOf(where: string): string {
  return `SELECT (SELECT min(seq) FROM deliveries ${where}), (SELECT max(seq) FROM deliveries ${where})`
}

function isDone(states: readonly string[] | undefined): boolean {
  return states?.length === 1 && states[0] === 'done'
}

function statesOf({ state }: Filter): readonly string[] | undefined {
  return state == null ? undefined : [state].flat()
}

function amongOf(filter: Filter): Where['among'] {
  if (filter.seq != null) return { sql: 'SELECT ?', values: [filter.seq] }
  if (filter.id != null) {
    const byKey = 'SELECT seq FROM deliveries WHERE key = ? AND key IS NOT NULL'
    const byId = 'SELECT seq FROM deliveries WHERE id = ? AND id IS NOT NULL AND id IS NOT key'
    return { sql: `${byKey} UNION ALL ${byId}`, values: [filter.id, filter.id] }
  }
  if (filter.subject != null) {
    return { sql: 'SELECT seq FROM deliveries WHERE subject = ? AND subject IS NOT NULL', values: [filter.subject] }
  }
  const states = statesOf(filter)?.map(state => BY_STATE[state])
  if (states?.every(sql => sql !== undefined)) return { sql: states.join(' UNION ALL '), values: [] }
  return undefined
}
