import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Handlers } from '../chain.ts'
import { InvalidConfiguration, InvalidHandler, StoreUnavailable } from '../errors.ts'
import type { Logger } from '../handler.ts'
import type { AnyReceiver } from '../receiver.ts'
import type { Claimed, ClaimQuery, Store } from '../store/store.ts'
import { Bell } from './bell.ts'
import { Hands } from './hands.ts'
import { answerInTime, type Inline } from './inline.ts'
import { longer } from './patience.ts'
import type { RunParts } from './run.ts'

export interface WorkerOptions {
  /** Deliveries that are handled at the same time in this process. Default: 16. */
  readonly concurrency?: number
  /** Of them, for each receiver at most. Default: half of them, rounded up; all where there is one receiver. */
  readonly perReceiver?: number
  /**
   * Milliseconds after which others take over what this process has and no longer says it has. It must be longer than
   * every handler's time-out. Default: 60 000.
   */
  readonly lease?: number
}

export interface WorkerParts {
  /** When it is down, whoever gives it says so in the log: here it is only waited for. */
  readonly store: Store
  readonly receivers: ReadonlyMap<string, AnyReceiver>
  readonly handlers: Handlers
  readonly log: Logger
  readonly options?: WorkerOptions | undefined
  /** Between 0 and 1, for the jitter of retries. Default: `Math.random`. */
  readonly random?: (() => number) | undefined
}

/** Milliseconds that inline handlers have. */
const BUDGET = 2_500
/** Milliseconds that running handlers have when the worker closes. */
const DEADLINE = 10_000
const LONGEST_SLEEP = 30_000
const FIRST_BLOCKED = 50
const LONGEST_BLOCKED = 1_000

/** Works through the inbox: claims what is due and handles it. */
export class Worker {
  /** Shown to the operator: host, process, a random part. */
  readonly name = `${hostname()}:${process.pid}:${randomBytes(4).toString('hex')}`
  readonly #parts: RunParts
  readonly #receivers: readonly string[]
  readonly #lease: number
  readonly #hands: Hands
  readonly #bell = new Bell()
  readonly #stopping = new AbortController()
  readonly #end = new AbortController()
  readonly #settling = new Set<Promise<unknown>>()
  readonly #drains: PromiseWithResolvers<void>[] = []
  /** Receivers of which nothing is due. Until then, monotonic, or till somebody says otherwise, they are not asked for. */
  readonly #asleep = new Set<string>()
  /** Of which something may have become due since the claim that is under way began. */
  #awoken = { all: false, receivers: new Set<string>() }
  #until = 0
  /** How long not to ask for what is due, and yet could not be claimed. */
  #blocked = 0
  #lookedAt = 0
  #isStarted = false
  #isFailing = false
  #loop: Promise<void> | undefined

  constructor({ store, receivers, handlers, log, options = {}, random = Math.random }: WorkerParts) {
    const { concurrency = 16, lease = 60_000 } = options
    const { perReceiver = receivers.size === 1 ? concurrency : Math.ceil(concurrency / 2) } = options
    assertCounts({ concurrency, perReceiver, lease })
    this.#parts = { store, handlers, log, random }
    this.#receivers = [...receivers.keys()]
    this.#lease = lease
    this.#hands = new Hands(this.#parts, {
      concurrency,
      perReceiver,
      lease,
      roomMade: () => this.#bell.ring(),
      settled: receiver => this.#wakeFor(receiver)
    })
  }

  /** Throws where a handler may run longer than the lease. */
  check(): void {
    for (const { name, timeout } of this.#parts.handlers.all) {
      if (timeout < this.#lease) continue
      const problem = `its \`timeout\` of ${timeout} ms is not shorter than the worker's \`lease\` of ${this.#lease} ms`
      throw new InvalidHandler(name, `${problem}; make one shorter, or the other longer`)
    }
  }

  start(): void {
    this.#isStarted = true
    this.#goOn()
  }

  /** Something may be due. */
  wake(): void {
    this.#asleep.clear()
    this.#awoken.all = true
    this.#bell.ring()
  }

  /** No new claims; what runs, runs on. */
  stop(): void {
    this.#stopping.abort()
    this.#bell.ring()
  }

  /**
   * Stops, and gives running handlers so many milliseconds to end (default 10 000). Then it aborts them and hands their
   * deliveries back, with what is done; those that had not begun are handed back at once.
   */
  async close(deadline: number = DEADLINE): Promise<void> {
    this.stop()
    const timer = new AbortController()
    const ended = this.#hands
      .releaseWaiting()
      .then(() => Promise.allSettled([this.#loop, this.#hands.ended(), ...this.#settling]))
    await Promise.race([ended, sleep(deadline, undefined, { signal: timer.signal }).catch(() => {})])
    timer.abort()
    this.#end.abort()
    await this.#hands.releaseAll(new Error('The worker is closing.'))
  }

  /**
   * Works off all that is due now, whether it was started or not, then resolves: for cron, for tests. Rejects with what
   * is wrong with the store.
   */
  async drain(): Promise<void> {
    await Promise.allSettled(this.#settling)
    if (this.#stopping.signal.aborted) return
    const drained = Promise.withResolvers<void>()
    this.#drains.push(drained)
    this.wake()
    this.#goOn()
    await drained.promise
  }

  /**
   * Runs the inline handlers of deliveries that were just stored as running under this worker's name, within so many
   * milliseconds (default 2 500). What they left is the inbox's.
   */
  async runInline(entries: readonly Inline[], budget: number = BUDGET, log: Logger = this.#parts.log) {
    const parts = { ...this.#parts, log, worker: this.name, signal: this.#end.signal }
    const { reply, settled } = await answerInTime(entries, budget, parts)
    const ended = settled
      .catch(err => log.error({ err }, 'the store did not take how inline handlers ended'))
      .then(() => {
        this.#settling.delete(ended)
        this.wake()
      })
    this.#settling.add(ended)
    return { reply }
  }

  #goOn(): void {
    this.#loop ??= this.#work()
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
        this.#isFailing = false
      } catch (error) {
        this.#failed(error)
        delay = longer(delay)
        if (this.#isWanted) await sleep(delay, undefined, { signal: this.#stopping.signal }).catch(() => {})
      }
    }
    unwatch()
    // In the same breath: who asks for a drain from now on needs a new one.
    this.#loop = undefined
    this.#drained()
  }

  /** Claims once, or waits for a reason to. */
  async #round(): Promise<void> {
    if (performance.now() >= this.#until) this.#asleep.clear()
    const wanted = this.#hands.wanted(this.#receivers.filter(name => !this.#asleep.has(name)))
    if (wanted.length === 0) return this.#bell.wait(Math.max(this.#until - performance.now(), 0))

    this.#awoken = { all: false, receivers: new Set() }
    const claimed = await this.#claim(wanted)
    if (claimed.length > 0) this.#blocked = 0
    const exhausted = this.#exhausted(wanted, claimed)
    for (const { name } of exhausted) this.#asleep.add(name)
    if (exhausted.length > 0) await this.#look(this.#asleep)
    else if (performance.now() - this.#lookedAt > this.#lease / 3) await this.#look(this.#receivers)
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
    const { store } = this.#parts
    this.#lookedAt = performance.now()
    const paused = await store.paused()
    const { due, alone } = await store.nextDue([...receivers].filter(name => !paused.includes(name)))
    const now = store.now()
    if (alone !== undefined && alone <= now) {
      const isFound = await this.#runAlone()
      return this.#sleep(isFound ? 0 : this.#longerBlocked())
    }
    const next = Math.min(due ?? Number.POSITIVE_INFINITY, alone ?? Number.POSITIVE_INFINITY)
    if (next > now && this.#hands.isEmpty && this.#asleep.size === this.#receivers.length) this.#drained()
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
    const claimed = await this.#claim(
      this.#receivers.map(name => ({ name, limit: 1 })),
      true
    )
    await this.#emptyHands()
    return claimed.length > 0
  }

  async #emptyHands(): Promise<void> {
    while (!this.#hands.isEmpty && !this.#stopping.signal.aborted) await this.#bell.wait()
  }

  async #claim(receivers: ClaimQuery['receivers'], alone = false): Promise<readonly Claimed[]> {
    const { store } = this.#parts
    const now = store.now()
    const until = now + this.#lease
    const limit = receivers.reduce((sum, receiver) => sum + receiver.limit, 0)
    const claimed = await store.claim({ worker: this.name, now, until, limit: alone ? 1 : limit, receivers, alone })
    this.#hands.take(claimed, until)
    if (this.#stopping.signal.aborted) await this.#hands.releaseWaiting()
    return claimed
  }

  /** One of its deliveries has ended: the next of its order may go. */
  #wakeFor(receiver: string): void {
    this.#asleep.delete(receiver)
    this.#awoken.receivers.add(receiver)
    this.#bell.ring()
  }

  #drained(): void {
    for (const { resolve } of this.#drains.splice(0)) resolve()
  }

  #failed(error: unknown): void {
    for (const { reject } of this.#drains.splice(0)) reject(error)
    if (error instanceof StoreUnavailable || this.#isFailing) return
    this.#isFailing = true
    this.#parts.log.error({ err: error }, 'the worker cannot claim; it goes on trying')
  }
}

function assertCounts(options: Required<WorkerOptions>): void {
  const problems = Object.entries(options)
    .filter(([, value]) => !Number.isSafeInteger(value) || value < 1)
    .map(([name, value]) => `The option worker.${name} must be a whole number above 0, not ${value}.`)
  if (problems.length > 0) throw new InvalidConfiguration(problems.join('\n'))
}
