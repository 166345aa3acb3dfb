import type { Filter, State, StoredDelivery, StoredRequest } from '../store.ts'
import type { Database, Row } from './database.ts'
import { columns, deliveryOf, requestOf } from './rows.ts'

/** Without an index deliveries are read in spans of so many numbers at first, then of more: most searches end soon. */
const SPAN = 5_000
const WIDER = 4
/** Those that are done are nearly all: they are read in spans, too, but from the last one on. */
const INDEXED: readonly State[] = ['waiting', 'running', 'dead']
const BY_ID = `
  d.seq = any(array(
    select seq from deliveries where key = ? and key is not null
    union all select seq from deliveries where id = ? and id is not null and id is distinct from key
  ))`
const BY_SUBJECT = 'd.seq = any(array(select seq from deliveries where subject = ? and subject is not null))'

/** Written out: so it is seen in every plan that an index has just those. */
const DONE = `d.state = 'done'`

export interface Condition {
  readonly sql: string
  readonly values: readonly unknown[]
}

/** Of `deliveries d`. */
export function conditionOf(filter: Filter): Condition {
  const values: unknown[] = []
  const terms: string[] = []
  /** `?` stands for the value. */
  function add(value: unknown, term: string): void {
    if (value === undefined) return
    values.push(value)
    terms.push(term.replaceAll('?', `$${values.length}`))
  }
  const { event, state, text } = filter
  add(filter.seq, 'd.seq = ?')
  // Said so that no plan can pass the index by: it would read all of them in their order, for want of statistics.
  add(filter.id, BY_ID)
  add(filter.subject, BY_SUBJECT)
  for (const name of ['receiver', 'instance', 'account', 'id'] as const) add(filter[name], `d.${name} = ?`)
  if (event?.includes('*')) add(regexOf(event), 'd.event ~ ?')
  else add(event, 'd.event = ?')
  if (isDone(filter)) terms.push(DONE)
  else add(state === undefined ? undefined : [state].flat(), 'd.state = any(?::text[])')
  add(filter.since, 'd.received_at >= ?')
  add(filter.until, 'd.received_at < ?')
  if (text !== undefined) {
    add(
      `%${text.replaceAll(/[\\%_]/g, '\\$&')}%`,
      `(d.event ilike ? or d.id ilike ? or d.subject ilike ? or
      d.account ilike ? or d.error ilike ? or exists (select from requests r
        where r.seq = d.request and position($${values.length + 2}::bytea in r.body) > 0))`
    )
    values.push(Buffer.from(text))
  }
  return { sql: terms.length === 0 ? 'true' : terms.join(' and '), values }
}

/** A pattern, as of handlers. */
function regexOf(pattern: string): string {
  const tokens = pattern.match(/\*\*|[\s\S]/gu)!
  const parts = tokens.map(token => {
    if (token === '**') return '.*'
    return token === '*' ? '[^.]*' : token.replace(/[\\^$.|?*+()[\]{}]/, '\\$&')
  })
  return `^(?:${parts.join('')})$`
}

/** The newest first. */
export async function findAll(
  database: Database,
  filter: Filter,
  { before = Number.MAX_SAFE_INTEGER, limit }: { readonly before?: number | undefined; readonly limit: number }
): Promise<readonly StoredDelivery[]> {
  const { sql, values } = conditionOf(filter)
  const n = values.length
  const between = (low: number, high: number, most: number) =>
    database.read(
      `select ${columns.delivery} from deliveries d where ${sql} and d.seq >= $${n + 1} and d.seq < $${n + 2}
       order by d.seq desc limit $${n + 3}`,
      [...values, low, high, most]
    )
  if (isIndexed(filter)) return (await between(0, before, limit)).map(deliveryOf)

  const among = isDone(filter) ? `deliveries d where ${DONE}` : 'deliveries d'
  const [ends] = await database.read(`select min(d.seq) as first, max(d.seq) as last from ${among}`, [])
  const { first, last } = ends as { first: number | null; last: number | null }
  const rows: Row[] = []
  let high = Math.min(before, (last ?? -1) + 1)
  for (let span = SPAN; rows.length < limit && high > (first ?? high); span *= WIDER) {
    const low = Math.max(high - span, 0)
    rows.push(...(await between(low, high, limit - rows.length)))
    high = low
  }
  return rows.map(deliveryOf)
}

function isIndexed({ seq, id, subject, state }: Filter): boolean {
  if (seq !== undefined || id !== undefined || subject !== undefined) return true
  return state !== undefined && [state].flat().every(one => INDEXED.includes(one))
}

function isDone({ state }: Filter): boolean {
  return state !== undefined && [state].flat().join() === 'done'
}

export async function countAll(database: Database, filter: Filter): Promise<number> {
  const { sql, values } = conditionOf(filter)
  const [row] = await database.read(`select count(*) as count from deliveries d where ${sql}`, values)
  return row!.count
}

export async function requestOfDelivery(database: Database, seq: number): Promise<StoredRequest | undefined> {
  const [row] = await database.read(
    `select ${columns.request} from deliveries d join requests r on r.seq = d.request where d.seq = $1`,
    [seq]
  )
  return row && requestOf(row)
}
