/** What an engine must do, in a few lines: it holds its results to what deliveries allow. Without text search. */
import assert from 'node:assert/strict'
import type {
  Arrival,
  Claimed,
  ClaimQuery,
  Filter,
  Lease,
  NewDelivery,
  Replay,
  Settlement,
  State,
  StoredDelivery
} from '../../store/store.ts'
import { ascending, SETTLED, seqs, values } from './given.ts'

interface Row {
  readonly seq: number
  readonly receiver: string
  readonly receivedAt: number
  readonly event: string
  readonly key: string | undefined
  readonly position: number
  readonly order: string | undefined
  state: State
  due: number
  attempt: number
  tries: number
  lapses: number
  worker: string | undefined
  leaseUntil: number | undefined
  progress: string
  history: string
  error: string | undefined
  duplicates: number
  replay: string | undefined
}

export class Model {
  readonly rows = new Map<number, Row>()
  readonly paused = new Set<string>()
  readonly #fences = new Map<number, number>()

  all(filter: Filter = {}): Row[] {
    return [...this.rows.values()].filter(
      row =>
        (filter.receiver === undefined || row.receiver === filter.receiver) &&
        (filter.event === undefined || row.event === filter.event) &&
        (filter.state === undefined || [filter.state].flat().includes(row.state)) &&
        (filter.since === undefined || row.receivedAt >= filter.since)
    )
  }

  twinOf({ receiver }: Arrival, { key, position }: NewDelivery): Row | undefined {
    if (key === undefined) return undefined
    return this.all({ receiver }).find(row => row.key === key && row.position === position)
  }

  /** Takes over what is due by the store’s own clock. */
  add({ receiver, receivedAt }: Arrival, delivery: NewDelivery, lease: Lease, due: number): void {
    const { event, key, position, order, start } = delivery
    const running = start?.state === 'running' ? start : undefined
    const claimed = running === undefined ? 0 : 1
    if (running !== undefined) this.#fences.set(lease.seq, lease.fence)
    this.rows.set(lease.seq, {
      ...{ seq: lease.seq, receiver, receivedAt, event, key, position, order, due },
      ...{ state: start?.state ?? 'waiting', attempt: claimed, tries: claimed, lapses: 0, duplicates: 0 },
      ...{ worker: running?.worker, leaseUntil: running?.until, progress: running?.progress ?? '', history: '' },
      ...{ error: start?.state === 'dead' ? start.error : undefined, replay: undefined }
    })
  }

  addAgain(row: Row, due: number): void {
    row.duplicates++
    if (row.state === 'dead' || row.state === 'ignored') this.#backToWork(row, due)
  }

  /** That a claim took what it had to, and nothing else. */
  claim(query: ClaimQuery, claimed: readonly Claimed[]): void {
    const caps = new Map(query.receivers.map(({ name, limit }) => [name, limit]))
    const counts = (rows: readonly { receiver: string }[], name: string) =>
      rows.filter(({ receiver }) => receiver === name).length
    const free = this.#free().filter(row => this.#isDue(row, query) && caps.has(row.receiver))
    const taken = claimed.map(({ seq }) => {
      const row = free.find(one => one.seq === seq)
      assert.ok(row, `${seq} must not be taken: it is not due, held, paused or not asked for`)
      return row
    })
    assert.equal(new Set(taken).size, taken.length, 'none may be taken twice')
    const most = [...caps].map(([name, cap]) => Math.min(cap, counts(free, name)))
    const sum = most.reduce((total, count) => total + count, 0)
    assert.equal(taken.length, Math.min(query.limit, sum), 'as many as are due and allowed must be taken')
    for (const [name, cap] of caps) assert.ok(counts(taken, name) <= cap, `no more than ${cap} of ${name} may be taken`)
    for (const left of free.filter(row => row.state === 'waiting' && !taken.includes(row))) {
      const isFull = counts(taken, left.receiver) === caps.get(left.receiver)
      for (const row of taken.filter(
        ({ state, receiver }) => state === 'waiting' && (!isFull || receiver === left.receiver)
      ))
        assert.ok(row.due <= left.due, `${left.seq} was due before ${row.seq}, and must be taken first`)
    }
    for (const [index, row] of taken.entries()) {
      const { fence, request, ...delivery } = claimed[index]!
      assert.notEqual(fence, this.#fences.get(row.seq), 'a claim must get a new fence')
      this.#fences.set(row.seq, fence)
      if (row.state === 'running') row.lapses++
      row.attempt++
      row.tries++
      Object.assign(row, { state: 'running', worker: query.worker, leaseUntil: query.until })
      this.#compare(delivery, row)
    }
  }

  /** What a lease’s end, or more of its time, gives. */
  holds({ seq, fence }: Lease): boolean {
    return this.rows.get(seq)?.state === 'running' && this.#fences.get(seq) === fence
  }

  settle({ seq }: Lease, { state, due, now, ...written }: Settlement): void {
    const row = this.rows.get(seq)!
    Object.assign(row, written)
    if (state === 'running') return
    Object.assign(row, { state, leaseUntil: undefined, lapses: 0, due: due ?? now })
  }

  requeue(filter: Filter, { id, from, limit, now }: Replay): number {
    const open = this.all(filter).filter(({ state, replay }) => state !== 'running' && replay !== id)
    const chosen = open.toSorted((a, b) => a.seq - b.seq).slice(0, limit)
    for (const row of chosen) {
      this.#backToWork(row, now)
      row.replay = id
      if (from === 'start') row.progress = ''
    }
    return chosen.length
  }

  prune(before: number, limit: number): number {
    const old = this.all({ state: SETTLED }).filter(({ receivedAt }) => receivedAt < before)
    const chosen = old.toSorted((a, b) => a.seq - b.seq).slice(0, limit)
    for (const { seq } of chosen) this.rows.delete(seq)
    return chosen.length
  }

  /** When something can be taken next, of these receivers. */
  nextDue(receivers: readonly string[], alone: boolean): number | undefined {
    const rows = this.#free().filter(row => receivers.includes(row.receiver) && row.lapses >= 1 === alone)
    return ascending(rows.map(dueOf))[0]
  }

  compare(found: readonly StoredDelivery[], filter: Filter = {}): void {
    const expected = this.all(filter).toSorted((a, b) => b.seq - a.seq)
    assert.deepEqual(seqs(found), seqs(expected), `found by ${JSON.stringify(filter)}`)
    for (const [index, row] of expected.entries()) this.#compare(found[index]!, row)
  }

  /** Those that no other of their order holds: what runs goes before what waits. */
  #free(): Row[] {
    const active = this.all({ state: ['waiting', 'running'] }).filter(({ receiver }) => !this.paused.has(receiver))
    return active.filter(row => {
      const others = active.filter(({ order }) => order !== undefined && order === row.order)
      return others.every(other => (other.state === row.state ? row.seq <= other.seq : row.state === 'running'))
    })
  }

  #isDue(row: Row, { now, alone = false }: ClaimQuery): boolean {
    return dueOf(row) <= now && row.lapses >= 1 === alone
  }

  #backToWork(row: Row, due: number): void {
    Object.assign(row, { state: 'waiting', due, tries: 0, error: undefined })
  }

  #compare(found: StoredDelivery, { key, position, order, due, ...row }: Row): void {
    const expected = values(row.state === 'waiting' ? { ...row, due } : row)
    const actual = Object.fromEntries(Object.keys({ ...row, ...expected }).map(name => [name, found[name as 'seq']]))
    assert.deepEqual(values(actual), expected)
  }
}

function dueOf({ state, due, leaseUntil }: Row): number {
  return state === 'running' ? leaseUntil! : due
}
