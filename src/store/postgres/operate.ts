import type { Filter, Replay, Stats } from '../store.ts'
import type { Database } from './database.ts'
import { conditionOf } from './search.ts'

const PAUSE = { name: 'pause', text: 'insert into paused (receiver) values ($1) on conflict do nothing' }
const RESUME = { name: 'resume', text: 'delete from paused where receiver = $1' }

const REQUEUE = {
  name: 'requeue',
  text: `
    with locked as materialized (
      select seq from deliveries where seq = any($1::bigint[]) and state <> 'running' and replay is distinct from $2
      -- As INSERT takes them, so that the two cannot lock each other out.
      order by key collate "C", receiver collate "C", instance collate "C", position
      for update
    )
    update deliveries d set state = 'waiting', due = $3, tries = 0, error = null, replay = $2,
      progress = case when $4 then '' else d.progress end
    from locked l where l.seq = d.seq
    returning d.seq`
}

/** The search is done first: only the change has the claims' turn, since no claim may rely on rows that change (see CLAIM). */
export async function requeue(database: Database, filter: Filter, { id, from, limit, now }: Replay): Promise<number> {
  const { sql, values } = conditionOf(filter)
  const n = values.length
  for (;;) {
    const found = await database.read(
      `select d.seq from deliveries d
       where ${sql} and d.state <> 'running' and d.replay is distinct from $${n + 1} order by d.seq limit $${n + 2}`,
      [...values, id, limit]
    )
    if (found.length === 0) return 0
    const seqs = found.map(({ seq }) => seq)
    const [changed] = await database.together(database.locks.claim, [[REQUEUE, [seqs, id, now, from === 'start']]])
    // None is left of what was found where others were faster; there may be more.
    if (changed!.length > 0) return changed!.length
  }
}

export async function prune(database: Database, before: number, limit: number): Promise<number> {
  return database.transaction(database.locks.claim, async query => {
    const gone = await query(
      // As a subquery it might be asked again for each row, and bring others each time.
      `with old as materialized (
         select seq from deliveries where state in ('done', 'dead', 'ignored') and received_at < $1
         order by received_at, seq limit $2
         for update skip locked
       )
       delete from deliveries d using old where d.seq = old.seq returning d.seq, d.request`,
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

export async function workers(database: Database): Promise<readonly string[]> {
  const text = `select worker from deliveries where state = 'running' group by worker order by worker collate "C"`
  return (await database.read(text, [])).map(({ worker }) => worker as string)
}

export async function abandon(database: Database, worker: string): Promise<number> {
  const text = `update deliveries set lease_until = 0 where state = 'running' and worker = $1 returning seq`
  return (await database.run({ name: 'abandon', text }, [worker])).length
}

export async function paused(database: Database): Promise<readonly string[]> {
  const rows = await database.read('select receiver from paused order by receiver collate "C"', [])
  return rows.map(({ receiver }) => receiver)
}
