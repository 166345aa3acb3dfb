import { setImmediate } from 'node:timers'
import type {
  Added,
  Arrival,
  Claimed,
  ClaimQuery,
  Dumped,
  Filter,
  Lease,
  NewDelivery,
  Replay,
  Settlement,
  State,
  Stats,
  Store,
  StoredDelivery,
  StoredRequest
} from '../../src/store/store.ts'
import type { MemoryOptions } from './memory/connection.ts'
import { dueOf, earliest, heads, isDue } from './memory/due.ts'
import { passes } from './memory/filter.ts'
import { MemoryRejected } from './memory/rejected.ts'
import { backToWork, kept, newRow, type Source } from './memory/rows.ts'
import { copied, type KeptRequest, type Row, told } from './memory/state.ts'
import { statsOf } from './memory/stats.ts'

const LARGE = 64 * 1024
const SETTLED: readonly State[] = ['done', 'dead', 'ignored']

/** The contract as plainly as it can be written: what engines are compared with. It ends with the process. */
export function memoryStore(options: MemoryOptions = {}): MemoryStore {
  return new MemoryStore(options)
}

export class MemoryStore extends MemoryRejected implements Store {
  async add(arrival: Arrival): Promise<readonly Added[]> {
    const data = this.data
    const request = { seq: data.next(), content: copied(arrival.request) }
    const added = arrival.deliveries.map(delivery => {
      const twin = data.twinOf({ ...arrival, ...delivery })
      if (twin === undefined) {
        const { seq, fence } = this.#insert(arrival, delivery, request)
        return { seq, duplicate: false, fence }
      }
      twin.duplicates++
      if (twin.state === 'dead' || twin.state === 'ignored') backToWork(twin, this.now())
      return { seq: twin.seq, duplicate: true, fence: 0 }
    })
    this.#changed()
    return added
  }

  async claim({ worker, now, until, limit, receivers, alone = false }: ClaimQuery): Promise<readonly Claimed[]> {
    const data = this.data
    const left = new Map(receivers.map(receiver => [receiver.name, receiver.limit]))
    const running = [...data.rows.values()].filter(row => row.state === 'running' && !isDue(row, now, until))
    const held = new Set(running.map(({ order }) => order))
    const candidates = heads(data.rows.values())
      .filter(row => isDue(row, now, until) && row.lapses >= 1 === alone && !data.paused.has(row.receiver))
      .filter(row => row.order === undefined || !held.has(row.order))
      .sort((a, b) => dueOf(a) - dueOf(b) || a.seq - b.seq)
    const taken: Claimed[] = []
    for (const row of candidates) {
      const places = left.get(row.receiver) ?? 0
      if (places <= 0 || taken.length >= limit) continue
      left.set(row.receiver, places - 1)
      if (row.state === 'running') row.lapses++
      row.attempt++
      row.tries++
      Object.assign(row, { state: 'running', worker, leaseUntil: until, fence: data.next() })
      const request = row.size > LARGE ? undefined : copied(row.request.content)
      taken.push({ ...told(row), fence: row.fence, request })
    }
    return taken
  }

  async request(seq: number): Promise<StoredRequest | undefined> {
    const row = this.data.rows.get(seq)
    return row && copied(row.request.content)
  }

  async settle(lease: Lease, settlement: Settlement): Promise<boolean> {
    const row = this.#leased(lease)
    if (row === undefined) return false
    const { due, now, state, ...written } = settlement
    Object.assign(row, written)
    if (state === 'running') return true
    row.state = state
    row.leaseUntil = undefined
    row.lapses = 0
    row.settledAt = now
    if (state === 'waiting') row.due = due ?? now
    this.#changed()
    return true
  }

  async extend(leases: readonly Lease[], until: number): Promise<readonly Lease[]> {
    return leases.filter(lease => {
      const row = this.#leased(lease)
      if (row !== undefined) row.leaseUntil = until
      return row === undefined
    })
  }

  async workers(): Promise<readonly string[]> {
    return [...new Set(this.#leases().map(({ worker }) => worker!))].sort()
  }

  async abandon(worker: string): Promise<number> {
    const left = this.#leases().filter(row => row.worker === worker)
    for (const row of left) row.leaseUntil = 0
    this.#changed()
    return left.length
  }

  #leases(): Row[] {
    return [...this.data.rows.values()].filter(({ state }) => state === 'running')
  }

  async nextDue(receivers: readonly string[]): Promise<{ due: number | undefined; alone: number | undefined }> {
    const next = heads(this.data.rows.values()).filter(({ receiver }) => receivers.includes(receiver))
    return {
      due: earliest(next.filter(({ lapses }) => lapses < 1).map(dueOf)),
      alone: earliest(next.filter(({ lapses }) => lapses >= 1).map(dueOf))
    }
  }

  watch(changed: () => void): () => void {
    const callback = () => changed()
    this.state.watching.set(callback, this)
    return () => void this.state.watching.delete(callback)
  }

  async find(
    filter: Filter,
    { before = Number.POSITIVE_INFINITY, limit }: { readonly before?: number | undefined; readonly limit: number }
  ): Promise<readonly StoredDelivery[]> {
    const below = this.#matching(filter).filter(({ seq }) => seq < before)
    return below.reverse().slice(0, limit).map(told)
  }

  async get(seq: number): Promise<StoredDelivery | undefined> {
    const row = this.data.rows.get(seq)
    return row && told(row)
  }

  async count(filter: Filter): Promise<number> {
    return this.#matching(filter).length
  }

  async requeue(filter: Filter, { id, from, limit, now }: Replay): Promise<number> {
    const rows = this.#matching(filter).filter(({ state, replay }) => state !== 'running' && replay !== id)
    const chosen = rows.slice(0, limit)
    for (const row of chosen) {
      backToWork(row, now)
      row.replay = id
      if (from === 'start') row.progress = ''
    }
    this.#changed()
    return chosen.length
  }

  async describe(seq: number, deliveries: readonly NewDelivery[]): Promise<void> {
    const data = this.data
    const old = data.rows.get(seq)
    if (old === undefined) return
    const siblings = [...data.rows.values()].filter(({ request }) => request === old.request)
    const [first, ...others] = deliveries.filter(delivery => {
      const twin = data.twinOf({ ...old, ...delivery })
      return twin === undefined || siblings.includes(twin)
    })
    for (const sibling of siblings) data.delete(sibling)
    if (first === undefined) data.insert({ ...old, state: 'ignored', leaseUntil: undefined })
    else data.insert({ ...newRow(old, first, old.request, this.now()), ...kept(old), fence: data.next() })
    for (const delivery of others) {
      if (data.twinOf({ ...old, ...delivery }) === undefined) this.#insert(old, delivery, old.request)
    }
    this.#changed()
  }

  async stats(): Promise<Stats> {
    return statsOf(this.data, this.now())
  }

  async pause(receiver: string, paused: boolean): Promise<void> {
    const data = this.data
    if (paused) data.paused.add(receiver)
    else data.paused.delete(receiver)
    this.#changed()
  }

  async paused(): Promise<readonly string[]> {
    return [...this.data.paused].sort()
  }

  async prune(before: number, limit: number): Promise<number> {
    const old = this.#matching({ state: SETTLED, until: before }).slice(0, limit)
    for (const row of old) this.data.delete(row)
    return old.length
  }

  async dump(after: number, limit: number): Promise<readonly Dumped[]> {
    const rows = this.#matching({}).filter(({ seq }) => seq > after)
    return rows.slice(0, limit).map(row => ({
      requestSeq: row.request.seq,
      request: copied(row.request.content),
      delivery: told(row),
      key: row.key,
      position: row.position,
      order: row.order
    }))
  }

  async load(dumped: readonly Dumped[]): Promise<number> {
    const data = this.data
    const requests = new Map<number, KeptRequest>()
    let count = 0
    for (const { requestSeq, request: content, delivery, key, position, order } of dumped) {
      if (data.twinOf({ ...delivery, key, position }) !== undefined) continue
      const request = requests.get(requestSeq) ?? { seq: data.next(), content: copied(content) }
      requests.set(requestSeq, request)
      data.insert({ ...delivery, seq: data.next(), request, key, position, order, fence: data.next() })
      count++
    }
    this.#changed()
    return count
  }

  #insert(source: Source, delivery: NewDelivery, request: KeptRequest): Row {
    const data = this.data
    const row = { ...newRow(source, delivery, request, this.now()), seq: data.next(), fence: data.next() }
    data.insert(row)
    return row
  }

  /** Tells the others; later, as a message takes its time. */
  #changed(): void {
    for (const [callback, store] of this.state.watching) if (store !== this) setImmediate(callback)
  }

  /** Oldest first. */
  #matching(filter: Filter): Row[] {
    return [...this.data.rows.values()].sort((a, b) => a.seq - b.seq).filter(row => passes(row, filter))
  }

  #leased({ seq, fence }: Lease): Row | undefined {
    const row = this.data.rows.get(seq)
    return row?.state === 'running' && row.fence === fence ? row : undefined
  }
}
