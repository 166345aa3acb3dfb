import { LeaseLost } from '../../errors.ts'
import type { Claimed, ClaimQuery, Lease } from '../../store/store.ts'
import { Run, type RunParts } from './run.ts'
import { Shelf } from './shelf.ts'

export interface HandsOptions {
  readonly concurrency: number
  readonly perReceiver: number
  /** Milliseconds. */
  readonly lease: number
  /** More can be handled. */
  readonly roomMade: () => void
  /** Nothing is held any more of one of its deliveries; another may be due for that. */
  readonly settled: (receiver: string) => void
}

/** A claim of this process: waiting for its turn, running, or being settled. */
interface Held extends Lease {
  readonly receiver: string
  readonly abort: AbortController
  readonly run: Run
  until: number
}

/** What is handled within so many milliseconds may be claimed ahead, */
const AHEAD = 100
/** but not more than so many, nor while so many are being settled. */
const MOST_AHEAD = 256
const MOST_SETTLING = 512
/** Milliseconds after which handlers that never wait let everything else in the process have its turn. */
const LONGEST_TURN = 5

/** What this process has claimed: so much is handled at a time, the rest waits for its turn, and all leases are kept. */
export class Hands {
  readonly #parts: RunParts
  readonly #options: HandsOptions
  readonly #held = new Set<Held>()
  readonly #shelf = new Shelf<Held>()
  readonly #running = new Map<string, number>()
  readonly #runs = new Set<Promise<void>>()
  #isClosing = false
  #busy = 0
  #duration = 1_000
  #heartbeat: NodeJS.Timeout | undefined
  #turnAt = 0
  #nextTurn: NodeJS.Immediate | undefined

  constructor(parts: RunParts, options: HandsOptions) {
    this.#parts = parts
    this.#options = options
  }

  get isEmpty(): boolean {
    return this.#held.size === 0
  }

  /** How many more to claim of these receivers. A flood of one is no reason not to have the next of another at hand. */
  wanted(receivers: readonly string[]): ClaimQuery['receivers'] {
    const { concurrency, perReceiver } = this.#options
    if (this.#held.size - this.#busy - this.#shelf.size > MOST_SETTLING) return []
    const free = Math.max(concurrency - this.#busy, 1)
    const ahead = this.#aheadOfEach(receivers.length)
    return receivers.flatMap(name => {
      const waiting = this.#shelf.sizeOf(name)
      const limit = Math.min(perReceiver - this.#runningOf(name), free) + ahead - waiting
      return limit > 0 && waiting <= ahead / 2 ? [{ name, limit }] : []
    })
  }

  take(claimed: readonly Claimed[], until: number): void {
    for (const one of claimed) {
      const { seq, fence, receiver } = one
      const abort = new AbortController()
      const held = { seq, fence, receiver, abort, until, run: new Run(this.#parts, one, abort) }
      this.#held.add(held)
      this.#shelf.put(held)
    }
    if (!this.isEmpty) this.#heartbeat ??= setInterval(() => this.extend(), this.#options.lease / 3)
    if (this.#nextTurn === undefined) this.#turnAt = performance.now()
    this.#startAll()
  }

  /** Hands back what waits for its turn. From now on nothing begins. */
  async releaseWaiting(): Promise<void> {
    this.#isClosing = true
    await this.#release(this.#shelf.clear())
  }

  /** Aborts what runs, and hands back all. */
  async releaseAll(reason: Error): Promise<void> {
    for (const { abort } of this.#held) abort.abort(reason)
    this.#shelf.clear()
    await this.#release([...this.#held])
  }

  /** Until what runs now is settled. */
  async ended(): Promise<void> {
    await Promise.all(this.#runs)
  }

  async #release(helds: readonly Held[]): Promise<void> {
    // Where the store is down, the leases lapse.
    await Promise.allSettled(helds.map(({ run }) => run.release()))
    for (const held of helds) this.#drop(held)
  }

  #startAll(): void {
    const { concurrency, perReceiver } = this.#options
    const may = (receiver: string) => this.#runningOf(receiver) < perReceiver
    while (this.#busy < concurrency && !this.#isClosing) {
      if (performance.now() - this.#turnAt > LONGEST_TURN) {
        this.#startLater()
        return
      }
      const held = this.#shelf.take(may)
      if (held === undefined) return
      // The process was stopped for a while: somebody else may have it by now.
      if (held.until <= this.#parts.store.now()) {
        this.#drop(held)
        continue
      }
      const run = this.#run(held)
      this.#runs.add(run)
      run.finally(() => this.#runs.delete(run))
    }
  }

  #startLater(): void {
    this.#nextTurn ??= setImmediate(() => {
      this.#nextTurn = undefined
      this.#turnAt = performance.now()
      this.#startAll()
    })
  }

  async #run(held: Held): Promise<void> {
    const { receiver, run } = held
    try {
      this.#count(receiver, 1)
      const startedAt = performance.now()
      const conclusion = await run.handle().finally(() => this.#count(receiver, -1))
      this.#duration += (performance.now() - startedAt - this.#duration) / 8
      this.#startAll()
      this.#options.roomMade()
      await run.conclude(conclusion)
    } catch (err) {
      // Its lease lapses.
      this.#parts.log.error({ receiver, seq: held.seq, err }, 'the store did not take how a delivery ended')
    } finally {
      this.#drop(held)
    }
  }

  /** Keeps the leases of all that is held. */
  async extend(): Promise<void> {
    const { store } = this.#parts
    const helds = [...this.#held]
    try {
      const until = store.now() + this.#options.lease
      const lost = await store.extend(
        helds.map(({ seq, fence }) => ({ seq, fence })),
        until
      )
      for (const held of helds) {
        if (lost.some(({ seq, fence }) => seq === held.seq && fence === held.fence)) this.#lose(held)
        else held.until = until
      }
    } catch {
      // Down: whoever watches the store says so, and the next beat tries again.
    }
  }

  #lose(held: Held): void {
    held.abort.abort(new LeaseLost())
    if (this.#shelf.remove(held)) this.#drop(held)
  }

  #drop(held: Held): void {
    if (!this.#held.delete(held)) return
    if (this.isEmpty) {
      clearInterval(this.#heartbeat)
      this.#heartbeat = undefined
    }
    this.#options.settled(held.receiver)
  }

  #aheadOfEach(receivers: number): number {
    const { concurrency, perReceiver } = this.#options
    const soonDone = Math.floor((concurrency * AHEAD) / this.#duration)
    return Math.min(soonDone, Math.max(2 * perReceiver, Math.ceil(MOST_AHEAD / receivers)), MOST_AHEAD)
  }

  #runningOf(receiver: string): number {
    return this.#running.get(receiver) ?? 0
  }

  #count(receiver: string, by: 1 | -1): void {
    this.#busy += by
    this.#running.set(receiver, this.#runningOf(receiver) + by)
  }
}
