import { setTimeout as sleep } from 'node:timers/promises'
import type { Handlers } from '../../chain.ts'
import { InvalidConfiguration, InvalidHandler } from '../../errors.ts'
import type { Logger } from '../../handler.ts'
import type { AnyReceiver, Reply } from '../../receiver.ts'
import type { Store } from '../../store/store.ts'
import { Claims } from './claims.ts'
import { Hands } from './hands.ts'
import { hasDied, newName } from './identity.ts'
import { answerInTime, type Inline } from './inline.ts'
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

/** Milliseconds that inline handlers have: Slack, Discord and Telegram want their answer within three seconds. */
export const INLINE_BUDGET = 2_500
/** Milliseconds that running handlers have when the worker closes. */
const DEADLINE = 10_000

/** Works through the inbox: claims what is due and handles it. */
export class Worker {
  /** Shown to the operator. */
  readonly name = newName()
  readonly #parts: RunParts
  readonly #lease: number
  readonly #hands: Hands
  readonly #claims: Claims
  readonly #end = new AbortController()
  /** How inline handlers ended, on its way to the store. */
  readonly #settling = new Set<Promise<void>>()

  constructor({ store, receivers, handlers, log, options = {}, random = Math.random }: WorkerParts) {
    const { concurrency = 16, lease = 60_000 } = options
    const { perReceiver = receivers.size === 1 ? concurrency : Math.ceil(concurrency / 2) } = options
    assertCounts({ concurrency, perReceiver, lease })
    this.#parts = { store, handlers, log, random }
    this.#lease = lease
    this.#hands = new Hands(this.#parts, {
      concurrency,
      perReceiver,
      lease,
      roomMade: () => this.#claims.roomMade(),
      settled: receiver => this.#claims.wakeFor(receiver)
    })
    const names = [...receivers.keys()]
    this.#claims = new Claims({ store, log, hands: this.#hands, receivers: names, worker: this.name, lease })
  }

  /** Throws where a handler may run longer than the lease. */
  check(): void {
    for (const { name, timeout } of this.#parts.handlers.all) {
      if (timeout < this.#lease) continue
      const problem = `its \`timeout\` of ${timeout} ms is not shorter than the worker's \`lease\` of ${this.#lease} ms`
      throw new InvalidHandler(name, `${problem}; make one shorter, or the other longer`)
    }
  }

  /** Takes from processes that died here what they had: a restart need not wait for leases. */
  async recover(): Promise<void> {
    const { store, log } = this.#parts
    for (const worker of await store.workers()) {
      if (!hasDied(worker)) continue
      const deliveries = await store.abandon(worker)
      log.warn({ worker, deliveries }, 'a process died with deliveries; they go on')
    }
  }

  start(): void {
    this.#claims.start()
  }

  /** Something may be due. */
  wake(): void {
    this.#claims.wake()
  }

  /** No new claims; what runs, runs on. */
  stop(): void {
    this.#claims.stop()
  }

  /**
   * Stops, and gives running handlers so many milliseconds to end (default 10 000). Then it aborts them and hands their
   * deliveries back, with what is done; those that had not begun are handed back at once.
   */
  async close(deadline: number = DEADLINE): Promise<void> {
    this.stop()
    const timer = new AbortController()
    await Promise.race([this.#ended(), sleep(deadline, undefined, { signal: timer.signal }).catch(() => {})])
    timer.abort()
    this.#end.abort()
    await this.#hands.releaseAll(new Error('The worker is closing.'))
  }

  /**
   * Works off all that is due now, whether it was started or not, then resolves: for cron, for tests. Rejects with what
   * is wrong with the store.
   */
  async drain(): Promise<void> {
    await Promise.all(this.#settling)
    await this.#claims.drained()
  }

  /**
   * Runs the inline handlers of deliveries that were just stored as running under this worker's name, within so many
   * milliseconds (default 2 500). What they left is the inbox's.
   */
  async runInline(
    entries: readonly Inline[],
    log: Logger = this.#parts.log,
    budget: number = INLINE_BUDGET
  ): Promise<{ readonly reply: Reply | undefined }> {
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

  async #ended(): Promise<void> {
    await this.#hands.releaseWaiting()
    await this.#claims.ended()
    await Promise.all([this.#hands.ended(), ...this.#settling])
  }
}

function assertCounts(options: Required<WorkerOptions>): void {
  const problems = Object.entries(options)
    .filter(([, value]) => !Number.isSafeInteger(value) || value < 1)
    .map(([name, value]) => `The option worker.${name} must be a whole number above 0, not ${value}.`)
  if (problems.length > 0) throw new InvalidConfiguration(problems.join('\n'))
}
