import type { NewRejected, Rejected, RejectedCount, RejectedFilter } from '../store.ts'
import type { Database, Row } from './database.ts'

const TOLD = 'seq, at, receiver, instance, stage, reason, hint, method, url, headers, size, secret_hash'

function rejectedOf(row: Row): Rejected {
  const { seq, at, receiver, instance, stage, reason, method, url, size } = row
  return {
    ...{ seq, at, receiver, instance, stage, reason, size },
    hint: row.hint ?? undefined,
    request: { method, url, headers: JSON.parse(row.headers), body: new Uint8Array(row.body ?? []) },
    secretHash: row.secret_hash ?? undefined
  }
}

export async function add(database: Database, { request, ...rejected }: NewRejected, most: number): Promise<number> {
  const [inserted] = await database.together(undefined, [
    [
      {
        name: 'add rejected',
        text: `insert into rejected (at, receiver, instance, stage, reason, hint, method, url, headers, body, size, secret_hash)
          values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) returning seq`
      },
      [
        rejected.at,
        rejected.receiver,
        rejected.instance,
        rejected.stage,
        rejected.reason,
        rejected.hint,
        request.method,
        request.url,
        JSON.stringify(request.headers),
        Buffer.from(request.body),
        rejected.size,
        rejected.secretHash
      ]
    ],
    [
      {
        name: 'bound rejected',
        text: `delete from rejected where seq <= (select seq from rejected order by seq desc offset $1 limit 1)`
      },
      [most]
    ]
  ])
  return inserted![0]!.seq
}

export async function find(
  database: Database,
  { receiver, instance, reason }: RejectedFilter,
  { before, limit }: { readonly before?: number | undefined; readonly limit: number }
): Promise<readonly Rejected[]> {
  const rows = await database.read(
    `select ${TOLD} from rejected
     where ($1::text is null or receiver = $1) and ($2::text is null or instance = $2)
       and ($3::text is null or reason = $3) and seq < $4
     order by seq desc limit $5`,
    [receiver, instance, reason, before ?? Number.MAX_SAFE_INTEGER, limit]
  )
  return rows.map(rejectedOf)
}

export async function get(database: Database, seq: number): Promise<Rejected | undefined> {
  const [row] = await database.read(`select ${TOLD}, body from rejected where seq = $1`, [seq])
  return row && rejectedOf(row)
}

export async function remove(database: Database, seq: number): Promise<void> {
  await database.run({ name: 'remove rejected', text: 'delete from rejected where seq = $1' }, [seq])
}

export async function prune(database: Database, before: number): Promise<number> {
  const text = 'delete from rejected where at < $1 returning seq'
  return (await database.run({ name: 'prune rejected', text }, [before])).length
}

/** Always in the same order, or two processes might wait for each other. */
export async function count(database: Database, counts: readonly RejectedCount[]): Promise<void> {
  await database.run(
    {
      name: 'count rejected',
      text: `insert into rejected_counts as c (receiver, reason, count)
        select receiver, reason, sum(count) from json_to_recordset($1::json) as g (receiver text, reason text, count bigint)
        group by receiver, reason order by receiver collate "C", reason collate "C"
        on conflict (receiver, reason) do update set count = c.count + excluded.count`
    },
    [JSON.stringify(counts)]
  )
}
