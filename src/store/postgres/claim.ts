import type { Claimed, ClaimQuery } from '../store.ts'
import { catchUp, IMPLAUSIBLE } from './catch-up.ts'
import type { Database, Row, Statement } from './database.ts'
import { IS_ALONE } from './migrations.ts'
import { columns, deliveryOf, requestOf } from './rows.ts'

const LARGE = 64 * 1024
/** Of one order, this many are held in one go. */
const MOST_HELD = 1000
const MOST_ROUNDS = 20
/** Who asks for one only still gets one where some are blocked. */
const LEAST_LOOKED_AT = 64

/** Of those of one order, the first that runs goes first, or else the first that waits. */
const isBlocked = `
  d.order_key is not null and case when d.state = 'running' then
    exists (select from deliveries o where o.order_key = d.order_key and o.state = 'running'
      and o.seq <> d.seq and (o.seq < d.seq or o.lease_until > $now))
  else
    exists (select from deliveries o where o.order_key = d.order_key and o.state = 'running')
    or exists (select from deliveries o where o.order_key = d.order_key and o.state = 'waiting' and o.seq < d.seq)
  end`

function candidates(time: string, condition: string): string {
  return `
    select c.* from asked a cross join lateral (
      select d.seq, d.fence, d.receiver, d.order_key, ${time} as time, ${isBlocked.replaceAll('$now', '$2')} as blocked
      from deliveries d
      where d.receiver = a.name and ${IS_ALONE} = $6::integer and ${condition}
      order by ${time}, d.seq limit greatest(a.most, ${LEAST_LOOKED_AT})
      for update skip locked
    ) c`
}

/**
 * Claims take turns: each sees all that the one before did, so no two can take from the same order.
 *
 * One that is blocked is held: it leaves the index of what is due, so a long queue costs each later claim nothing. Held
 * ones depend on being released, so for each order that has some, at any time, one is running or the first that waits is
 * not held. Only two change that. A claim: it holds others than the first, or, because one is running, all, and then
 * only while it has locked a running one. A settlement: it locks that row first and then, in a statement that sees all
 * that was committed before, releases the first. So either the claim comes first and the settlement sees whom it held,
 * or the settlement does, and the claim cannot lock the row and holds nobody because of it.
 *
 * The statement waits for nobody: what another has locked is left for the next claim.
 *
 * It names its columns: a later version may add some, and what a prepared statement returns must not change.
 */
export const CLAIM: Statement = {
  name: 'claim',
  text: `
    with asked as materialized (
      select a.name, a.most from unnest($4::text[], $5::integer[]) as a (name, most)
      where not exists (select from paused p where p.receiver = a.name)
    ), found as materialized (
      select *, false as lapsed from (${candidates('d.due', `d.state = 'waiting' and not d.held and d.due <= $2`)}) w
      union all
      select *, true as lapsed from (${candidates('d.lease_until', `d.state = 'running' and d.lease_until <= $2`)}) l
      union all
      select *, true as lapsed
      from (${candidates('d.lease_until', `d.state = 'running' and d.lease_until > $3::bigint + ${IMPLAUSIBLE}`)}) f
    ), ranked as (
      select *, row_number() over (partition by receiver order by time, seq) as place from found where not blocked
    ), chosen as (
      select r.seq, r.fence, r.time, r.lapsed from ranked r join asked a on a.name = r.receiver
      where r.place <= a.most order by r.time, r.seq limit $7
    ), taken as (
      update deliveries d set
        state = 'running', worker = $1, lease_until = $3, fence = d.fence + 1,
        attempt = d.attempt + 1, tries = d.tries + 1, lapses = d.lapses + c.lapsed::integer
      from chosen c where d.seq = c.seq
      returning ${columns.delivery}, d.fence, d.request, c.time
    ), blocked as materialized (
      select distinct order_key from found where blocked and not lapsed
    ), running as materialized (
      select d.order_key from blocked b join deliveries d on d.order_key = b.order_key and d.state = 'running'
    ), kept as materialized (
      select d.order_key from deliveries d
      where d.order_key in (select order_key from running) and d.state = 'running'
      for update skip locked
    ), waiting as materialized (
      select w.seq from blocked b cross join lateral (
        select d.seq from deliveries d
        where d.order_key = b.order_key and d.state = 'waiting' and not d.held
          and case when b.order_key in (select order_key from running)
            then b.order_key in (select order_key from kept)
            else exists (select from deliveries o
              where o.order_key = d.order_key and o.state = 'waiting' and o.seq < d.seq)
          end
        order by d.seq limit ${MOST_HELD}
        for update skip locked
      ) w
    ), held as (
      update deliveries d set held = true from waiting w where d.seq = w.seq returning d.seq
    )
    select (select count(*) from held) as held, ${columns.delivery}, d.fence, r.method, r.url, r.headers,
      case when d.size <= ${LARGE} then r.body end as body
    from (select) one left join taken d on true left join requests r on r.seq = d.request
    order by d.time, d.seq`
}

/** Where many are blocked, more rounds find those behind them. */
export async function claimAll(database: Database, query: ClaimQuery): Promise<readonly Claimed[]> {
  const { worker, now, until, limit, receivers, alone = false } = query
  const left = new Map(receivers.map(({ name, limit }) => [name, limit]))
  const claimed: Claimed[] = []
  await catchUp(
    database,
    receivers.map(({ name }) => name),
    now
  )
  for (let round = 0; round < MOST_ROUNDS && claimed.length < limit; round++) {
    const places = limit - claimed.length
    const asked = [...left].filter(([, most]) => most > 0)
    if (asked.length === 0) break
    const names = asked.map(([name]) => name)
    const limits = asked.map(([, most]) => Math.min(most, places))
    const values = [worker, now, until, names, limits, alone ? 1 : 0, places]
    const rows = await database.together(database.locks.claim, [[CLAIM, values]]).then(
      ([rows]) => rows!,
      error => {
        // What the rounds before took is taken.
        if (claimed.length === 0) throw error
        return [] as Row[]
      }
    )
    for (const row of rows) {
      if (row.seq === null) continue
      left.set(row.receiver, left.get(row.receiver)! - 1)
      claimed.push({ ...deliveryOf(row), fence: row.fence, request: row.body === null ? undefined : requestOf(row) })
    }
    if (rows.length === 0 || rows[0]!.held === 0) break
  }
  return claimed
}

const NEXT: Statement = {
  name: 'next',
  text: `
    select r.alone, min(n.time) as time
    from unnest($1::text[]) as a (name) cross join (values (0), (1)) as r (alone) cross join lateral (
      (select d.due as time from deliveries d
        where d.receiver = a.name and ${IS_ALONE} = r.alone and d.state = 'waiting' and not d.held
          and not (${isBlocked.replaceAll('o.lease_until > $now', 'false')})
        order by d.due limit 1)
      union all
      (select d.lease_until from deliveries d
        where d.receiver = a.name and ${IS_ALONE} = r.alone and d.state = 'running'
          and not (${isBlocked.replaceAll('o.lease_until > $now', 'false')})
        order by d.lease_until limit 1)
    ) n
    group by r.alone`
}

/** Of each receiver's the first that its order lets go. */
export async function nextDue(
  database: Database,
  receivers: readonly string[]
): Promise<{ readonly due: number | undefined; readonly alone: number | undefined }> {
  const rows = await database.run(NEXT, [receivers])
  const timeOf = (alone: 0 | 1) => rows.find(row => row.alone === alone)?.time ?? undefined
  return { due: timeOf(0), alone: timeOf(1) }
}
