import type { NewDelivery } from '../store.ts'
import type { Database } from './database.ts'
import { releaseOf } from './settle.ts'
import { drawn, insert, type WholeRow } from './whole.ts'

export function describe(
  database: Database,
  seq: number,
  deliveries: readonly NewDelivery[],
  now: number
): Promise<void> {
  return database.transaction(database.locks.claim, async query => {
    const [old] = (await query('select * from deliveries where seq = $1', [seq])) as readonly WholeRow[]
    if (old === undefined) return
    const siblings = await query(
      `delete from deliveries where seq = any(array(select unnest(deliveries) from requests where seq = $1))
       returning order_key`,
      [old.request]
    )
    const numbers = await drawn(query, deliveries.length)
    const placed: number[] = []
    for (const [n, delivery] of deliveries.entries()) {
      const isFirst = placed.length === 0
      const number = isFirst ? seq : numbers[n]!
      const row = { ...old, ...describedOf(delivery, now), ...(isFirst ? keptOf(old) : { seq: number }) }
      if ((await insert(query, [row])).size > 0) placed.push(number)
    }
    if (placed.length === 0) {
      await insert(query, [{ ...old, state: 'ignored', lease_until: null, held: false }])
      placed.push(seq)
    }
    await query('update requests set deliveries = $2 where seq = $1', [old.request, placed])
    const orders = siblings.flatMap(({ order_key }) => order_key ?? [])
    await query(releaseOf('select distinct unnest($1::text[]) as order_key'), [orders])
  })
}

function describedOf(delivery: NewDelivery, now: number): WholeRow {
  const { event, id, key, position, occurredAt, subject, account, data, order, start } = delivery
  const running = start?.state === 'running' ? start : undefined
  const claims = running === undefined ? 0 : 1
  return {
    ...{ event, id, key, position, subject, account, data },
    ...{ occurred_at: occurredAt, order_key: order },
    ...{ state: start?.state ?? 'waiting', due: now, held: false, attempt: claims, tries: claims, lapses: 0 },
    ...{ worker: running?.worker, lease_until: running?.until, fence: 1 },
    ...{ progress: running?.progress ?? '', history: '', error: start?.state === 'dead' ? start.error : undefined },
    ...{ duplicates: 0, replay: undefined, settled_at: undefined }
  }
}

/** Whoever had claimed it may write no more. */
function keptOf({ seq, attempt, history, worker, duplicates, replay, settled_at, fence }: WholeRow): WholeRow {
  return { seq, attempt, history, worker, duplicates, replay, settled_at, fence: Number(fence) + 1 }
}
