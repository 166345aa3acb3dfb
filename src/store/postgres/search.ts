import type { Filter, StoredDelivery, StoredRequest } from '../store.ts'
import type { Database } from './database.ts'
import { columns, deliveryOf, requestOf } from './rows.ts'

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
  for (const name of ['receiver', 'instance', 'subject', 'account', 'id'] as const) add(filter[name], `d.${name} = ?`)
  if (event?.includes('*')) add(regexOf(event), 'd.event ~ ?')
  else add(event, 'd.event = ?')
  add(state === undefined ? undefined : [state].flat(), 'd.state = any(?::text[])')
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

export async function findAll(
  database: Database,
  filter: Filter,
  { before, limit }: { readonly before?: number | undefined; readonly limit: number }
): Promise<readonly StoredDelivery[]> {
  const { sql, values } = conditionOf(filter)
  const rows = await database.read(
    `select ${columns.delivery} from deliveries d where ${sql} and d.seq < $${values.length + 1}
     order by d.seq desc limit $${values.length + 2}`,
    [...values, before ?? Number.MAX_SAFE_INTEGER, limit]
  )
  return rows.map(deliveryOf)
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
