import type { Query } from './database.ts'

/** As it is in the table, or will be. */
export type WholeRow = Readonly<Record<string, string | number | boolean | null | undefined>>

/** Resolves to the numbers of those that were not known. */
export async function insert(query: Query, rows: readonly WholeRow[]): Promise<ReadonlySet<number>> {
  const inserted = await query(
    `insert into deliveries select * from json_populate_recordset(null::deliveries, $1::json)
     on conflict do nothing returning seq`,
    [JSON.stringify(rows)]
  )
  return new Set(inserted.map(({ seq }) => seq))
}

export async function drawn(query: Query, count: number): Promise<readonly number[]> {
  const rows = await query(`select nextval('deliveries_seq_seq') as number from generate_series(1, $1::integer)`, [
    count
  ])
  return rows.map(({ number }) => number)
}
