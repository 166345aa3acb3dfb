import type { Dumped } from '../store.ts'
import type { Database } from './database.ts'
import { columns, dumpedOf } from './rows.ts'
import { drawn, insert, type WholeRow } from './whole.ts'

const REQUEST = ['seq', 'method', 'url', 'headers', 'body', 'deliveries'] as const

export async function dump(database: Database, after: number, limit: number): Promise<readonly Dumped[]> {
  const rows = await database.read(
    `select ${columns.delivery}, d.request, d.key, d.position, d.order_key, ${columns.request}
     from deliveries d join requests r on r.seq = d.request
     where d.seq > $1 order by d.seq limit $2`,
    [after, limit]
  )
  return rows.map(dumpedOf)
}

/** In the order they come, so that they keep it. A request has the number drawn for the first of its deliveries. */
export function load(database: Database, dumped: readonly Dumped[]): Promise<number> {
  return database.transaction(database.locks.claim, async query => {
    const numbers = await drawn(query, dumped.length)
    const requests = new Map<number, number>()
    const rows = dumped.map((one, n) => {
      const request = requests.get(one.requestSeq) ?? numbers[n]!
      requests.set(one.requestSeq, request)
      return rowOf(one, numbers[n]!, request)
    })
    const inserted = await insert(query, rows)
    const loaded = new Map<number, { readonly deliveries: number[]; readonly of: Dumped }>()
    for (const [n, one] of dumped.entries()) {
      if (!inserted.has(numbers[n]!)) continue
      const request = requests.get(one.requestSeq)!
      const { deliveries } = loaded.get(request) ?? { deliveries: [] }
      loaded.set(request, { deliveries: [...deliveries, numbers[n]!], of: one })
    }
    if (loaded.size > 0) await query(...requestsOf(loaded))
    return inserted.size
  })
}

function requestsOf(loaded: ReadonlyMap<number, { readonly deliveries: readonly number[]; readonly of: Dumped }>) {
  const values = [...loaded].flatMap(([seq, { deliveries, of }]) => {
    const { method, url, headers, body } = of.request
    return [seq, method, url, JSON.stringify(headers), Buffer.from(body), deliveries]
  })
  const places = Array.from({ length: loaded.size }, (_, n) => {
    return `(${Array.from({ length: REQUEST.length }, (_, m) => `$${n * REQUEST.length + m + 1}`).join(', ')})`
  })
  return [`insert into requests (${REQUEST.join(', ')}) values ${places.join(', ')}`, values] as const
}

function rowOf({ delivery, key, position, order }: Dumped, seq: number, request: number): WholeRow {
  const { occurredAt, receivedAt, leaseUntil, settledAt, ...same } = delivery
  return {
    ...same,
    ...{ seq, request, key, position, order_key: order, held: false, fence: 1 },
    ...{ occurred_at: occurredAt, received_at: receivedAt, lease_until: leaseUntil, settled_at: settledAt }
  }
}
