import type { Query } from './database.ts'

/** As it is in the table, or will be. */
export type WholeRow = Readonly<Record<string, string | number | boolean | null | undefined>>

export async function insert(query: Query, row: WholeRow): Promise<boolean> {
  const inserted = await query(
    `insert into deliveries select * from json_populate_record(null::deliveries, $1::json)
     on conflict do nothing returning seq`,
    [JSON.stringify(row)]
  )
  return inserted.length > 0
}

export async function drawn(query: Query, count: number): Promise<readonly number[]> {
  const rows = await query(`select nextval('deliveries_seq_seq') as number from generate_series(1, $1::integer)`, [
    count
  ])
  return rows.map(({ number }) => number)
}
