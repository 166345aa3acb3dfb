import type { Filter, Replay, Stats } from '../store.ts'
import type { Database } from './database.ts'
import { conditionOf } from './search.ts'

const PAUSE = { name: 'pause', text: 'insert into paused (receiver) values ($1) on conflict do nothing' }
const RESUME = { name: 'resume', text: 'delete from paused where receiver = $1' }

/** With the claims' turn: none may rely on rows that these change (see CLAIM). */
export async function requeue(database: Database, filter: Filter, replay: Replay): Promise<number> {
  const { sql, values } = conditionOf(filter)
  const $ = (n: number) => `$${values.length + n}`
  return database.transaction(database.locks.claim, async query => {
    const rows = await query(
      `update deliveries set state = 'waiting', due = ${$(1)}, tries = 0, error = null, replay = ${$(2)},
         progress = case when ${$(3)} then '' else progress end
       where seq in (
         select d.seq from deliveries d
         where ${sql} and d.state <> 'running' and d.replay is distinct from ${$(2)} order by d.seq limit ${$(4)}
       ) and state <> 'running'
       returning seq`,
      [...values, replay.now, replay.id, replay.from === 'start', replay.limit]
    )
    return rows.length
  })
}

export async function prune(database: Database, before: number, limit: number): Promise<number> {
  return database.transaction(database.locks.claim, async query => {
    const gone = await query(
      `delete from deliveries where seq in (
         select seq from deliveries where state in ('done', 'dead', 'ignored') and received_at < $1
         order by received_at, seq limit $2
         for update skip locked
       )
       returning seq, request`,
      [before, limit]
    )
    const seqs = gone.map(({ seq }) => seq)
    const requests = gone.map(({ request }) => request)
    await query('delete from requests where seq = any($1::bigint[]) and deliveries <@ $2::bigint[]', [requests, seqs])
    await query(
      `update requests set deliveries = array(select unnest(deliveries) except select unnest($2::bigint[]))
       where seq = any($1::bigint[]) and deliveries && $2::bigint[]`,
      [requests, seqs]
    )
    return gone.length
  })
}

export async function stats(database: Database, now: number): Promise<Stats> {
  const groups = await database.read(
    `select receiver, state, count(*) as count, sum(duplicates) as duplicates,
       min(due) filter (where state = 'waiting' and due <= $1) as due
     from deliveries group by receiver, state order by receiver, state`,
    [now]
  )
  const rejected = await database.read('select receiver, reason, count from rejected_counts order by 1, 2', [])
  const dues = groups.flatMap(({ due }) => due ?? [])
  return {
    states: groups.map(({ receiver, state, count }) => ({ receiver, state, count })),
    oldestDue: dues.length === 0 ? undefined : Math.min(...dues),
    duplicates: groups.reduce((sum, { duplicates }) => sum + Number(duplicates), 0),
    rejected: rejected.map(({ receiver, reason, count }) => ({ receiver, reason, count }))
  }
}

export async function pause(database: Database, receiver: string, isPaused: boolean): Promise<void> {
  await database.run(isPaused ? PAUSE : RESUME, [receiver])
}

export async function paused(database: Database): Promise<readonly string[]> {
  const rows = await database.read('select receiver from paused order by receiver collate "C"', [])
  return rows.map(({ receiver }) => receiver)
}
