import { setImmediate } from 'node:timers/promises'
import { BoundedMap } from '../../bounded.ts'
import type { Filter, Replay } from '../store.ts'
import type { Connection, Row, Value } from './connection.ts'
import { type Where, whereOf } from './filter.ts'
import { DELIVERY } from './shape.ts'

/** Deliveries are read in spans of so many numbers: no search holds up a checkpoint, or other readers. */
const SPAN = 5000
const EVER = Number.MAX_SAFE_INTEGER

interface Span {
  /** The first number. */
  readonly low: number
  /** The first number behind it. */
  readonly high: number
}

interface Search {
  readonly columns: string
  readonly where: Where
  readonly order: 'ASC' | 'DESC'
  readonly span: Span
  readonly limit: number
}

/** How far each replay has got: what it has passed it looks at again only when it comes to the end. */
const passed = new BoundedMap<string, number>(100)

export async function find(
  db: Connection,
  filter: Filter,
  page: { readonly before?: number | undefined; readonly limit: number }
): Promise<Row[]> {
  const span = { low: 0, high: page.before ?? EVER }
  return search(db, { columns: DELIVERY, where: whereOf(filter), order: 'DESC', span, limit: page.limit })
}

export async function count(db: Connection, filter: Filter): Promise<number> {
  const where = whereOf(filter)
  let sum = 0
  for (const span of spans(db, where, { low: 0, high: EVER })) {
    const [row] = select(db, { columns: 'count(*)', where, order: 'ASC', span, limit: 1 })
    sum += row![0] as number
    await setImmediate()
  }
  return sum
}

/** The numbers of those that a replay takes next, the oldest first. */
export async function replayable(db: Connection, filter: Filter, { id, limit }: Replay): Promise<number[]> {
  const { sql, values, among, ends } = whereOf(filter)
  const where = { sql: `${sql} AND state <> 'running' AND replay IS NOT ?`, values: [...values, id], among, ends }
  const take = async (span: Span): Promise<number[]> => {
    const rows = await search(db, { columns: 'seq', where, order: 'ASC', span, limit })
    return rows.map(([seq]) => seq as number)
  }
  if (among !== undefined) return take({ low: 0, high: EVER })
  const replay = JSON.stringify([id, filter])
  const from = passed.get(replay) ?? 0
  const ahead = await take({ low: from, high: EVER })
  // What ran as it passed may be done by now.
  const seqs = ahead.length === 0 && from > 0 ? await take({ low: 0, high: from }) : ahead
  passed.set(replay, (seqs.at(-1) ?? -1) + 1)
  return seqs
}

async function search(db: Connection, { limit, ...search }: Search): Promise<Row[]> {
  const rows: Row[] = []
  const all = [...spans(db, search.where, search.span)]
  for (const span of search.order === 'ASC' ? all : all.reverse()) {
    rows.push(...select(db, { ...search, span, limit: limit - rows.length }))
    if (rows.length >= limit) break
    await setImmediate()
  }
  return rows
}

function select(db: Connection, { columns, where, order, span, limit }: Search): Row[] {
  const { sql, values, among } = where
  const candidates = among === undefined ? '' : `seq IN (${among.sql}) AND `
  const given: Value[] = [...(among?.values ?? []), span.low, span.high, ...values, limit]
  return db.all(
    `SELECT ${columns} FROM deliveries WHERE ${candidates}seq >= ? AND seq < ? AND ${sql} ORDER BY seq ${order} LIMIT ?`,
    ...given
  )
}

/** The oldest first. Where an index tells the candidates, all are one span. */
function* spans(db: Connection, where: Where, { low, high }: Span): Generator<Span> {
  if (where.among !== undefined) return yield { low, high }
  const [first, last] = db.one(where.ends) as [number | null, number | null]
  const end = Math.min(high, (last ?? -1) + 1)
  for (let at = Math.max(low, first ?? 0); at < end; at += SPAN) yield { low: at, high: Math.min(at + SPAN, end) }
}
