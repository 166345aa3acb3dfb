import { setTimeout as sleep } from 'node:timers/promises'
import { StoreUnavailable } from '../../errors.ts'
import type { Logger } from '../../handler.ts'
import type { Claimed, ClaimQuery, Store } from '../../store/store.ts'
import { Bell } from './bell.ts'
import type { Hands } from './hands.ts'
import { longer } from './patience.ts'

export interface ClaimsParts {
  readonly store: Store
  readonly log: Logger
  readonly hands: Hands
  readonly receivers: readonly string[]
  readonly worker: string
  /** Milliseconds. */
  readonly lease: number
}

const LONGEST_SLEEP = 30_000
const FIRST_BLOCKED = 50
const LONGEST_BLOCKED = 1_000

/** Claims what is due, as fast as hands want it, and sleeps until something is. */
export class Claims {
  readonly #parts: ClaimsParts
  readonly #bell = new Bell()
  readonly #stopping = new AbortController()
  readonly #drains: PromiseWithResolvers<void>[] = []
  /** Receivers of which nothing is due: not asked for until that time, monotonic, or till somebody says otherwise. */
  readonly #asleep = new Set<string>()
  #until = 0
  /** Of which something may have become due since the claim that is under way began. */
  #awoken = { all: false, receivers: new Set<string>() }
  /** How long not to ask for what is due, and yet could not be claimed. */
  #blocked = 0
  #lookedAt = 0
  #claimedAt = 0
  #isStarted = false
  #isFailing = false
  #loop: Promise<void> | undefined

  constructor(parts: ClaimsParts) {
    this.#parts = parts
  }

  start(): void {
    this.#isStarted = true
    this.#loop ??= this.#work()
  }

  stop(): void {
    this.#stopping.abort()
    this.#bell.ring()
  }

  /** Until the last claim is over. */
  async ended(): Promise<void> {
    await this.#loop
  }

  /** Until nothing is due and nothing is held. Rejects with what is wrong with the store. */
  async drained(): Promise<void> {
    if (this.#stopping.signal.aborted) return
    const drained = Promise.withResolvers<void>()
    this.#drains.push(drained)
    this.wake()
    this.#loop ??= this.#work()
    await drained.promise
  }

  /** Something may be due. */
  wake(): void {
    this.#asleep.clear()
    this.#awoken.all = true
    this.#bell.ring()
  }

  /** One of its deliveries has ended: the next of its order may go. */
  wakeFor(receiver: string): void {
    this.#asleep.delete(receiver)
    this.#awoken.receivers.add(receiver)
    this.#bell.ring()
  }

  /** More can be handled of what is due anyway. */
  roomMade(): void {
    this.#bell.ring()
  }

  get #isWanted(): boolean {
    return !this.#stopping.signal.aborted && (this.#isStarted || this.#drains.length > 0)
  }

  async #work(): Promise<void> {
    const unwatch = this.#parts.store.watch(() => this.wake())
    for (let delay = 0; this.#isWanted; ) {
      try {
        await this.#round()
        delay = 0
      } catch (error) {
        this.#failed(error)
        delay = longer(delay)
        if (this.#isWanted) await sleep(delay, undefined, { signal: this.#stopping.signal }).catch(() => {})
      }
    }
    unwatch()
    // In the same breath: who asks for a drain from now on needs a new one.
    this.#loop = undefined
    this.#resolveDrains()
  }

  /** Claims once, or waits for a reason to. */
  async #round(): Promise<void> {
    const { hands, receivers, lease } = this.#parts
    if (performance.now() >= this.#until) this.#asleep.clear()
    const wanted = hands.wanted(receivers.filter(name => !this.#asleep.has(name)))
    if (wanted.length === 0) return this.#bell.wait(Math.max(this.#until - performance.now(), 0))

    this.#awoken = { all: false, receivers: new Set() }
    const claimed = await this.#claim(wanted)
    this.#isFailing = false
    if (claimed.length > 0) this.#blocked = 0
    const exhausted = this.#exhausted(wanted, claimed)
    for (const { name } of exhausted) this.#asleep.add(name)
    if (exhausted.length > 0) await this.#look(this.#asleep)
    // Under a flood nobody sleeps, and what must run alone would wait for ever.
    else if (performance.now() - this.#lookedAt > lease / 3) await this.#look(receivers)
  }

  /** Those that had no more, as far as is known. */
  #exhausted(wanted: ClaimQuery['receivers'], claimed: readonly Claimed[]): ClaimQuery['receivers'] {
    if (this.#awoken.all) return []
    const counts = new Map<string, number>()
    for (const { receiver } of claimed) counts.set(receiver, (counts.get(receiver) ?? 0) + 1)
    return wanted.filter(({ name, limit }) => (counts.get(name) ?? 0) < limit && !this.#awoken.receivers.has(name))
  }

  /** When to ask again for the receivers that sleep. */
  async #look(receivers: Iterable<string>): Promise<void> {
    const { store, hands } = this.#parts
    this.#lookedAt = performance.now()
    const paused = await store.paused()
    const names = [...receivers].filter(name => !paused.includes(name))
    const { due, alone } = names.length === 0 ? NOTHING : await store.nextDue(names)
    const now = store.now()
    if (alone !== undefined && alone <= now) {
      const isFound = await this.#runAlone()
      return this.#sleep(isFound ? 0 : this.#longerBlocked())
    }
    const next = Math.min(due ?? Number.POSITIVE_INFINITY, alone ?? Number.POSITIVE_INFINITY)
    if (next > now && hands.isEmpty && this.#asleep.size === this.#parts.receivers.length) this.#resolveDrains()
    this.#sleep(next > now ? Math.min(next - now, LONGEST_SLEEP) : this.#longerBlocked())
  }

  #sleep(ms: number): void {
    this.#until = performance.now() + ms
  }

  /** At first it may have come in between. Then an earlier one of its order runs elsewhere. */
  #longerBlocked(): number {
    const ms = this.#blocked
    this.#blocked = Math.min(Math.max(2 * ms, FIRST_BLOCKED), LONGEST_BLOCKED)
    return ms
  }

  /** A delivery that may have killed its process twice runs with nothing beside it. Whether there was one. */
  async #runAlone(): Promise<boolean> {
    await this.#emptyHands()
    if (this.#stopping.signal.aborted) return false
    const one = this.#parts.receivers.map(name => ({ name, limit: 1 }))
    const claimed = await this.#claim(one, { alone: true })
    await this.#emptyHands()
    return claimed.length > 0
  }

  async #emptyHands(): Promise<void> {
    while (!this.#parts.hands.isEmpty && !this.#stopping.signal.aborted) await this.#bell.wait()
  }

  async #claim(receivers: ClaimQuery['receivers'], { alone = false } = {}): Promise<readonly Claimed[]> {
    const { store, hands, worker, lease } = this.#parts
    const now = store.now()
    // A clock that was set back: what is held here has leases of another time, which anybody may take, this process too.
    if (now < this.#claimedAt) await hands.extend()
    this.#claimedAt = now
    const until = now + lease
    const limit = alone ? 1 : receivers.reduce((sum, receiver) => sum + receiver.limit, 0)
    const claimed = await store.claim({ worker, now, until, limit, receivers, alone })
    hands.take(claimed, until)
    if (this.#stopping.signal.aborted) await hands.releaseWaiting()
    return claimed
  }

  #resolveDrains(): void {
    for (const { resolve } of this.#drains.splice(0)) resolve()
  }

  #failed(error: unknown): void {
    for (const { reject } of this.#drains.splice(0)) reject(error)
    if (error instanceof StoreUnavailable || this.#isFailing) return
    this.#isFailing = true
    this.#parts.log.error({ err: error }, 'the worker cannot claim; it goes on trying')
  }
}

const NOTHING = { due: undefined, alone: undefined }
