import assert, { AssertionError } from 'node:assert/strict'
import type { Filter, Lease, NewDelivery, State, Store } from '../../store/store.ts'
import { Random } from '../random.ts'
import type { StoreChecks } from './engine.ts'
import { arrival, delivery, RECEIVED, stored, times } from './given.ts'
import { Model } from './model.ts'

const RECEIVERS = ['acme', 'globex', 'initech']
const LEASE = 30_000

/** Operations as they come, and what a model makes of them: the same ones in every run. */
export function walking(iterations: number): StoreChecks {
  return {
    [`${iterations} random operations do what a model does`]: async store => {
      const walk = new Walk(store, new Random(1))
      for (const step of times(iterations)) await walk.step(step)
      await walk.compareAll()
    }
  }
}

class Walk {
  readonly #store: Store
  readonly #random: Random
  readonly #model = new Model()
  readonly #leases: Lease[] = []
  /** Of a clock that is well ahead of the store’s: what was just added is due. */
  #now: number
  #received = RECEIVED
  #replays = 0

  constructor(store: Store, random: Random) {
    this.#store = store
    this.#random = random
    this.#now = store.now() + 3_600_000
  }

  async step(step: number): Promise<void> {
    this.#now += this.#random.below(8_000)
    const often = ['add', 'add', 'add', 'claim', 'claim', 'claim', 'settle', 'settle', 'settle', 'settle'] as const
    const seldom = ['extend', 'requeue', 'pause', 'prune', 'find', 'sleep'] as const
    const name = this.#random.pick([...often, ...seldom])
    try {
      await this[name]()
      if (step % 10 === 9) await this.compareAll()
    } catch (error) {
      throw new AssertionError({ message: `operation ${step}, ${name}: ${(error as Error).message}` })
    }
  }

  async compareAll(): Promise<void> {
    this.#model.compare(await this.#store.find({}, { limit: 10_000 }))
  }

  async add(): Promise<void> {
    const receiver = this.#random.pick(RECEIVERS)
    const items = times(1 + this.#random.below(3)).map(() => this.#delivery(receiver))
    const arriving = arrival({ receiver, receivedAt: this.#received++ }, items)
    const added = await this.#store.add(arriving)
    for (const [index, item] of items.entries()) {
      const { seq, duplicate, fence } = added[index]!
      const twin = this.#model.twinOf(arriving, item)
      assert.deepEqual([duplicate, seq], [twin !== undefined, twin?.seq ?? seq])
      const { due } = await stored(this.#store, seq)
      if (twin === undefined) this.#model.add(arriving, item, { seq, fence }, due)
      else this.#model.addAgain(twin, due)
      if (twin === undefined && item.start?.state === 'running') this.#leases.push({ seq, fence })
    }
  }

  async claim(): Promise<void> {
    const receivers = RECEIVERS.filter(() => this.#random.below(4) > 0)
    const query = {
      ...{ worker: `worker-${this.#random.below(3)}`, now: this.#now, limit: 1 + this.#random.below(6) },
      until: this.#now + 1 + this.#random.below(LEASE),
      receivers: receivers.map(name => ({ name, limit: 1 + this.#random.below(4) })),
      alone: this.#random.below(5) === 0
    }
    const claimed = await this.#store.claim(query)
    this.#model.claim(query, claimed)
    this.#leases.push(...claimed.map(({ seq, fence }) => ({ seq, fence })))
  }

  async settle(): Promise<void> {
    const lease = this.#anyLease()
    if (lease === undefined) return
    const text = `{"n":${this.#random.below(1_000)}}`
    const settlement = {
      state: this.#random.pick<State>(['running', 'running', 'waiting', 'waiting', 'done', 'dead', 'ignored']),
      due: this.#now + this.#random.below(60_000),
      ...{
        attempt: this.#random.below(9),
        tries: this.#random.below(9),
        progress: text,
        history: text,
        now: this.#now
      },
      error: this.#random.pick([undefined, text])
    }
    const holds = this.#model.holds(lease)
    assert.equal(await this.#store.settle(lease, settlement), holds, 'a lease counts as long as nobody else has it')
    if (holds) this.#model.settle(lease, settlement)
  }

  async extend(): Promise<void> {
    const leases = [...new Set(times(4).flatMap(() => this.#anyLease() ?? []))]
    const until = this.#now + this.#random.below(LEASE)
    const lost = await this.#store.extend(leases, until)
    const kept = leases.filter(lease => this.#model.holds(lease))
    assert.equal(lost.length, leases.length - kept.length, 'exactly those that were lost must be told')
    for (const { seq } of kept) this.#model.rows.get(seq)!.leaseUntil = until
  }

  /** As far as three calls go: an engine may remember where a replay stands, so nothing else comes in between. */
  async requeue(): Promise<void> {
    const replay = {
      ...{ id: `r-${this.#replays++}`, limit: 1 + this.#random.below(5), now: this.#now },
      from: this.#random.pick(['start', 'failed'] as const)
    }
    const filter = this.#filter()
    for (const _ of times(3))
      assert.equal(await this.#store.requeue(filter, replay), this.#model.requeue(filter, replay))
  }

  async pause(): Promise<void> {
    const receiver = this.#random.pick(RECEIVERS)
    const isPaused = this.#model.paused.delete(receiver)
    if (!isPaused) this.#model.paused.add(receiver)
    await this.#store.pause(receiver, !isPaused)
    assert.deepEqual(new Set(await this.#store.paused()), this.#model.paused)
  }

  async prune(): Promise<void> {
    const [before, limit] = [this.#received - this.#random.below(60), 1 + this.#random.below(4)]
    assert.equal(await this.#store.prune(before, limit), this.#model.prune(before, limit))
  }

  async find(): Promise<void> {
    const filter = this.#filter()
    this.#model.compare(await this.#store.find(filter, { limit: 10_000 }), filter)
    assert.equal(await this.#store.count(filter), this.#model.all(filter).length)
  }

  /** As a worker does before it sleeps: when it wakes, there must be something, and not before. */
  async sleep(): Promise<void> {
    const names = RECEIVERS.filter(name => !this.#model.paused.has(name))
    const receivers = names.map(name => ({ name, limit: 1_000 }))
    for (const alone of [false, true]) {
      const query = { worker: 'worker-0', now: this.#now, until: this.#now + LEASE, limit: 1_000, receivers, alone }
      for (let claimed = await this.#store.claim(query); ; claimed = await this.#store.claim(query)) {
        this.#model.claim(query, claimed)
        this.#leases.push(...claimed.map(({ seq, fence }) => ({ seq, fence })))
        if (claimed.length === 0) break
      }
    }
    const { due, alone } = await this.#store.nextDue(names)
    assert.deepEqual([due, alone], [this.#model.nextDue(names, false), this.#model.nextDue(names, true)])
  }

  #delivery(receiver: string): NewDelivery {
    const order = this.#random.pick([undefined, `${receiver}-1`, `${receiver}-2`])
    const until = this.#now + 1 + this.#random.below(LEASE)
    const running = { state: 'running', worker: 'web', until, progress: '{"begun":[]}' } as const
    const dead = { state: 'dead', error: 'unreadable' } as const
    return delivery({
      event: this.#random.pick(['a', 'b', 'c']),
      key: this.#random.pick([undefined, ...times(9).map(String)]),
      position: this.#random.below(2),
      order,
      // Of one order several could run at birth: another check’s matter.
      start: this.#random.pick([undefined, undefined, undefined, dead, order === undefined ? running : undefined])
    })
  }

  #filter(): Filter {
    return {
      receiver: this.#random.pick([undefined, ...RECEIVERS]),
      event: this.#random.pick([undefined, 'a', 'b']),
      state: this.#random.pick<Filter['state']>([undefined, 'waiting', 'running', 'done', ['dead', 'ignored']]),
      since: this.#random.pick([undefined, this.#received - 20])
    }
  }

  /** Rather a young one; at times one that was lost long ago. */
  #anyLease(): Lease | undefined {
    const count = this.#leases.length
    return count === 0 ? undefined : this.#leases[count - 1 - this.#random.below(Math.min(count, 12))]
  }
}
