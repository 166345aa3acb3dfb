import type { StoredRequest } from '../store.ts'
import type { Statement } from './database.ts'

/** A row of `deliveries` to be, by column. What is left out is null or has a default. */
export type NewRow = Readonly<Record<string, string | number | boolean | undefined>>

export interface NewRequest {
  readonly request: StoredRequest
  readonly rows: readonly NewRow[]
}

const COLUMNS = {
  receiver: 'text',
  instance: 'text',
  event: 'text',
  id: 'text',
  key: 'text',
  position: 'integer',
  occurred_at: 'bigint',
  received_at: 'bigint',
  subject: 'text',
  account: 'text',
  data: 'text',
  kind: 'text',
  secret: 'integer',
  order_key: 'text',
  state: 'text',
  due: 'bigint',
  attempt: 'integer',
  tries: 'integer',
  worker: 'text',
  lease_until: 'bigint',
  progress: 'text',
  error: 'text',
  duplicates: 'integer',
  size: 'integer'
}

const names = Object.keys(COLUMNS)
const types = Object.entries(COLUMNS).map(([name, type]) => `${name} ${type}`)
const isOver = `d.state in ('dead', 'ignored')`

/**
 * Requests with their deliveries, any number of them, in one statement of three parameters: what is small as JSON, all
 * bodies as one. The server cuts them apart, which is faster for both sides than a parameter for each value.
 *
 * The numbers are drawn first, in the order of arrival. The rows then go in by key, as everybody's do, so that two
 * statements with the same keys cannot lock each other out. A request has the number of its first delivery, and is kept
 * where at least one of its deliveries is new: one that has the number drawn for it.
 */
export const INSERT: Statement = {
  name: 'insert',
  text: `
    with drawn as materialized (
      select nextval('deliveries_seq_seq') as number, *
      from json_to_recordset($1::json) as g (n integer, parent integer, ${types.join(', ')})
    ), parents as materialized (
      select parent, min(number) as request from drawn group by parent
    ), stored as (
      insert into deliveries as d (seq, request, ${names.join(', ')})
      select g.number, p.request, ${names.map(name => `g.${name}`).join(', ')} from drawn g join parents p using (parent)
      order by g.key collate "C", g.receiver collate "C", g.instance collate "C", g.position
      on conflict (key, receiver, instance, position) where key is not null do update set
        duplicates = d.duplicates + excluded.duplicates + 1,
        state = case when ${isOver} then 'waiting' else d.state end,
        due = case when ${isOver} then excluded.due else d.due end,
        tries = case when ${isOver} then 0 else d.tries end,
        error = case when ${isOver} then null else d.error end
      returning d.seq, d.request, d.key, d.receiver, d.instance, d.position, d.state
    ), fresh as (
      select request, array_agg(seq order by seq) as deliveries
      from stored join drawn on number = seq group by request
    ), kept as (
      insert into requests (seq, method, url, headers, body, deliveries)
      select f.request, r.method, r.url, r.headers, substring($3::bytea from r.start for r.size), f.deliveries
      from fresh f join parents p using (request)
      join json_to_recordset($2::json)
        as r (parent integer, method text, url text, headers text, start integer, size integer) using (parent)
    )
    select s.seq, g.n, s.state = 'waiting' as waits, s.receiver, s.instance, s.key, s.position
    from stored s left join drawn g on g.number = s.seq`
}

export function valuesOf(requests: readonly NewRequest[]): readonly unknown[] {
  const bodies = Buffer.concat(requests.map(({ request }) => request.body))
  let start = 1
  let n = 0
  const rows: object[] = []
  const parents = requests.map(({ request, rows: own }, parent) => {
    const { method, url, headers, body } = request
    for (const row of own) rows.push({ n: n++, parent, ...row })
    const told = { parent, method, url, headers: JSON.stringify(headers), start, size: body.length }
    start += body.length
    return told
  })
  return [JSON.stringify(rows), JSON.stringify(parents), bodies]
}
