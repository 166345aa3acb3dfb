import type { Added, Arrival, NewDelivery } from '../store.ts'
import type { Database } from './database.ts'
import { INSERT, type NewRequest, valuesOf } from './insert.ts'

/** What a group has of one delivery: PostgreSQL takes no row twice in one statement, so its duplicates only count. */
interface Candidate {
  readonly delivery: NewDelivery
  n: number
  again: number
}

export interface GroupAdded {
  readonly added: readonly (readonly Added[])[]
  /** There is something to claim. */
  readonly isWork: boolean
}

export async function addAll(database: Database, arrivals: readonly Arrival[], now: number): Promise<GroupAdded> {
  const known = new Map<string, Candidate>()
  const numbered: Candidate[] = []
  const places = arrivals.map(arrival =>
    arrival.deliveries.map(delivery => {
      const identity = identityOf(arrival, delivery)
      const twin = identity === undefined ? undefined : known.get(identity)
      if (twin !== undefined) {
        twin.again++
        return { candidate: twin, isAgain: true, arrival }
      }
      const candidate = { delivery, n: -1, again: 0 }
      if (identity !== undefined) known.set(identity, candidate)
      return { candidate, isAgain: false, arrival }
    })
  )
  const requests: NewRequest[] = []
  for (const [index, arrival] of arrivals.entries()) {
    const own = places[index]!.filter(({ isAgain }) => !isAgain).map(({ candidate }) => candidate)
    if (own.length === 0) continue
    for (const candidate of own) {
      candidate.n = numbered.length
      numbered.push(candidate)
    }
    requests.push({ request: arrival.request, rows: own.map(candidate => rowOf(arrival, candidate, now)) })
  }
  const stored = await database.run(INSERT, valuesOf(requests))
  const results: { seq: number; isKnown: boolean }[] = []
  for (const row of stored as readonly any[]) {
    const isKnown = row.n === null
    results[isKnown ? known.get(identityOf(row, row)!)!.n : row.n] = { seq: row.seq, isKnown }
  }
  return {
    added: places.map(own =>
      own.map(({ candidate, isAgain }) => {
        const { seq, isKnown } = results[candidate.n]!
        const duplicate = isKnown || isAgain
        return { seq, duplicate, fence: duplicate ? 0 : 1 }
      })
    ),
    isWork: stored.some(({ waits }) => waits)
  }
}

function identityOf(
  { receiver, instance }: Pick<Arrival, 'receiver' | 'instance'>,
  { key, position }: Pick<NewDelivery, 'key' | 'position'>
): string | undefined {
  return key === undefined ? undefined : JSON.stringify([receiver, instance, key, position])
}

function rowOf(arrival: Arrival, { delivery, again }: Candidate, now: number): NewRequest['rows'][number] {
  // One that was dead at birth is put back to work by its duplicate in the same group.
  const start = again > 0 && delivery.start?.state === 'dead' ? undefined : delivery.start
  const running = start?.state === 'running' ? start : undefined
  const claims = running === undefined ? 0 : 1
  return {
    receiver: arrival.receiver,
    instance: arrival.instance,
    event: delivery.event,
    id: delivery.id,
    key: delivery.key,
    position: delivery.position,
    occurred_at: delivery.occurredAt,
    received_at: arrival.receivedAt,
    subject: delivery.subject,
    account: delivery.account,
    data: delivery.data,
    kind: arrival.kind,
    secret: arrival.secret,
    order_key: delivery.order,
    state: start?.state ?? 'waiting',
    due: now,
    attempt: claims,
    tries: claims,
    worker: running?.worker,
    lease_until: running?.until,
    progress: running?.progress ?? '',
    error: start?.state === 'dead' ? start.error : undefined,
    duplicates: again,
    size: arrival.request.body.length
  }
}
