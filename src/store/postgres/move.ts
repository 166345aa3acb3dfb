import type { Dumped } from '../store.ts'
import type { Database } from './database.ts'
import { columns, dumpedOf } from './rows.ts'
import { drawn, insert, type WholeRow } from './whole.ts'

export async function dump(database: Database, after: number, limit: number): Promise<readonly Dumped[]> {
  const rows = await database.read(
    `select ${columns.delivery}, d.request, d.key, d.position, d.order_key, ${columns.request}
     from deliveries d join requests r on r.seq = d.request
     where d.seq > $1 order by d.seq limit $2`,
    [after, limit]
  )
  return rows.map(dumpedOf)
}

/** In the order they come, so that they keep it. */
export function load(database: Database, dumped: readonly Dumped[]): Promise<number> {
  return database.transaction(database.locks.claim, async query => {
    const numbers = await drawn(query, dumped.length)
    const requests = new Map<number, { seq: number; deliveries: number[]; of: Dumped }>()
    for (const [n, one] of dumped.entries()) {
      const seq = numbers[n]!
      const request = requests.get(one.requestSeq) ?? { seq, deliveries: [], of: one }
      if (!(await insert(query, rowOf(one, seq, request.seq)))) continue
      request.deliveries.push(seq)
      requests.set(one.requestSeq, request)
    }
    for (const { seq, deliveries, of } of requests.values()) {
      const { method, url, headers, body } = of.request
      await query(
        'insert into requests (seq, method, url, headers, body, deliveries) values ($1, $2, $3, $4, $5, $6)',
        [...[seq, method, url, JSON.stringify(headers)], ...[Buffer.from(body), deliveries]]
      )
    }
    return [...requests.values()].reduce((count, { deliveries }) => count + deliveries.length, 0)
  })
}

function rowOf({ delivery, key, position, order }: Dumped, seq: number, request: number): WholeRow {
  const { occurredAt, receivedAt, leaseUntil, settledAt, ...same } = delivery
  return {
    ...same,
    ...{ seq, request, key, position, order_key: order, held: false, fence: 1 },
    ...{ occurred_at: occurredAt, received_at: receivedAt, lease_until: leaseUntil, settled_at: settledAt }
  }
}
