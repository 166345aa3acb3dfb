import type { Journal } from '../../chain.ts'
import { LeaseLost } from '../../errors.ts'
import type { AnyHandler } from '../../handler.ts'
import type { Lease, Settlement, Store } from '../../store/store.ts'
import { patiently } from './patience.ts'
import {
  errorText,
  type HandlerTry,
  type Progress,
  parseHistory,
  parseProgress,
  type Try,
  writeHistory,
  writeProgress
} from './progress.ts'

/** A claim, as far as it is written about. */
export interface Claim extends Lease {
  readonly worker: string | undefined
  readonly attempt: number
  readonly tries: number
  readonly lapses: number
  readonly progress: string
  readonly history: string
  readonly error: string | undefined
  readonly inline?: true
}

export interface LedgerOptions {
  readonly store: Store
  /** Until it aborts, a store that is down is waited for. */
  readonly signal: AbortSignal
  /** Called when somebody else has the delivery. */
  readonly lost: () => void
}

export interface Ending {
  readonly state: Settlement['state']
  readonly outcome: Try['outcome']
  readonly due?: number
  /** In words. */
  readonly error?: string
  /** Default: as they were counted at the claim. */
  readonly attempt?: number
  readonly tries?: number
}

/** All that is written about one claim of a delivery: where it stands, and in the end how it went. */
export class Ledger implements Journal {
  readonly #claim: Claim
  readonly #lease: Lease
  readonly #options: LedgerOptions
  readonly #startedAt: number
  readonly #history: readonly Try[]
  readonly #turns: HandlerTry[] = []
  readonly #steps = new Map<string, Promise<unknown>>()
  #rest: readonly AnyHandler[] = []
  #progress: Progress
  #tries: number
  #turnAt = 0
  #isOver = false
  #soon: NodeJS.Immediate | undefined
  #queued: Promise<boolean> | undefined
  /** One write at a time: a store that was down for a moment must not turn their order round. */
  #writing: Promise<unknown> = Promise.resolve()

  constructor(claim: Claim, options: LedgerOptions) {
    this.#claim = claim
    // Nothing but that: it goes to another thread.
    this.#lease = { seq: claim.seq, fence: claim.fence }
    this.#options = options
    this.#startedAt = options.store.now()
    this.#history = [...parseHistory(claim.history), ...lapsed(claim)]
    this.#progress = parseProgress(claim.progress)
    this.#tries = claim.tries
  }

  get progress(): Progress {
    return this.#progress
  }

  /** How often the handler was tried that is next, this time included. */
  get tries(): number {
    return this.#tries
  }

  /** These handlers are going to run. */
  begin(rest: readonly AnyHandler[]): void {
    this.#rest = rest
    this.#turnAt = performance.now()
  }

  ended({ name }: AnyHandler, outcome: HandlerTry['outcome'], error?: unknown): void {
    if (this.#isOver) return
    const now = performance.now()
    const ms = Math.round(now - this.#turnAt)
    this.#turnAt = now
    this.#turns.push(outcome === 'failed' ? { name, ms, outcome, error: errorText(error) } : { name, ms, outcome })
    if (outcome === 'failed') return
    this.#progress = {
      ...this.#progress,
      done: [...this.#progress.done, name],
      ...(outcome === 'stopped' && { stopped: true })
    }
    // This claim is the next handler's first try.
    this.#tries = 1
    // Inline handlers stand in `begun` already.
    if (this.#rest.length > this.#turns.length && outcome === 'done' && !this.#claim.inline) this.#saveSoon()
  }

  async once<T>(handler: AnyHandler, key: string, step: () => T | Promise<T>): Promise<T> {
    const id = JSON.stringify([handler.name, key])
    // Asked for twice at the same time, it runs once all the same.
    let running = this.#steps.get(id) as Promise<T> | undefined
    if (running === undefined) {
      running = this.#step(handler, key, step)
      this.#steps.set(id, running)
      running.catch(() => this.#steps.delete(id))
    }
    return running
  }

  async #step<T>(handler: AnyHandler, key: string, step: () => T | Promise<T>): Promise<T> {
    this.#assertRunning(handler)
    const known = this.#progress.steps?.[handler.name]
    if (known !== undefined && Object.hasOwn(known, key)) return known[key] as T
    // Another try would get what was written down, so this one does, too.
    const value: T = JSON.parse(JSON.stringify(await step()) ?? 'null')
    this.#assertRunning(handler)
    const { steps } = this.#progress
    this.#progress = {
      ...this.#progress,
      steps: { ...steps, [handler.name]: { ...steps?.[handler.name], [key]: value } }
    }
    if (!(await this.#save())) throw new LeaseLost()
    return value
  }

  #assertRunning(handler: AnyHandler): void {
    if (this.#isOver || this.#rest[this.#turns.length] !== handler) throw new LeaseLost()
  }

  /** How the claim ends. `false`: it was over before, and nothing was written. */
  async settle(ending: Ending): Promise<boolean> {
    if (this.#isOver) return false
    this.#close()
    await (this.#queued?.catch(() => {}) ?? this.#writing)
    return this.#write(this.#settlement(ending))
  }

  /** Hands the delivery back, as if it had not been claimed; what is done stays done. A store that is down lets it lapse. */
  async release(): Promise<void> {
    if (this.#isOver) return
    this.#close()
    const { attempt } = this.#claim
    const ending = { state: 'waiting', outcome: 'released', attempt: attempt - 1, tries: this.#tries - 1 } as const
    await this.#options.store.settle(this.#lease, this.#settlement(ending))
  }

  /** No inline handler has begun any more: those that are not done are the inbox's. */
  forgetBegun(): void {
    const { begun: _, ...rest } = this.#progress
    this.#progress = rest
  }

  #close(): void {
    this.#isOver = true
    clearImmediate(this.#soon)
    this.#soon = undefined
  }

  /** Not before the next handler, and not at all where that is done in no time: the end of the claim says it, too. */
  #saveSoon(): void {
    this.#soon ??= setImmediate(() => {
      this.#soon = undefined
      // What is wrong here is wrong when the claim ends, and said there.
      this.#save().catch(() => {})
    })
  }

  /** Writes where the delivery stands when its turn comes. */
  #save(): Promise<boolean> {
    this.#queued ??= this.#writing.then(() => {
      this.#queued = undefined
      const written = this.#write(this.#settlement())
      this.#writing = written.catch(() => {})
      return written
    })
    return this.#queued
  }

  async #write(settlement: Settlement): Promise<boolean> {
    const { store, signal, lost } = this.#options
    const written = await patiently(() => store.settle(this.#lease, { ...settlement, now: store.now() }), signal)
    if (written === false) lost()
    return written === true
  }

  #settlement(ending?: Ending): Settlement {
    const { attempt, error } = this.#claim
    const now = this.#options.store.now()
    const isReleased = ending?.outcome === 'released'
    const isTold = ending !== undefined && !(isReleased && this.#rest.length === 0)
    const history = isTold ? [...this.#history, this.#tryOf(ending.outcome, now)] : this.#history
    return {
      state: ending?.state ?? 'running',
      due: ending?.due ?? now,
      attempt: ending?.attempt ?? attempt,
      tries: Math.max(ending?.tries ?? this.#tries, 0),
      progress: writeProgress(this.#progress),
      history: writeHistory(history),
      error: ending === undefined || isReleased ? error : ending.error,
      now
    }
  }

  #tryOf(outcome: Try['outcome'], endedAt: number): Try {
    const { attempt, worker, inline } = this.#claim
    return {
      attempt,
      ...(worker !== undefined && { worker }),
      startedAt: this.#startedAt,
      endedAt,
      ...(inline && { inline }),
      outcome,
      handlers: this.#turns
    }
  }
}

/** The tries before this one that nobody said anything about. */
function lapsed({ attempt, lapses, history }: Claim): Try[] {
  if (lapses === 0) return []
  const known = parseHistory(history).filter(({ outcome }) => outcome === 'lapsed')
  return Array.from({ length: lapses }, (_, index) => attempt - lapses + index)
    .filter(number => !known.some(one => one.attempt === number))
    .map(number => ({ attempt: number, outcome: 'lapsed', handlers: [] }))
}
