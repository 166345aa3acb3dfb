import { StoreUnavailable } from '../errors.ts'
import type { Logger } from '../handler.ts'
import type { Store } from '../store/store.ts'

export interface JanitorParts {
  /** When it is down, whoever gives it says so in the log. */
  readonly store: Store
  readonly log: Logger
  /** Milliseconds that settled deliveries are kept, and duplicates known. Default: 30 days. */
  readonly retention?: number | undefined
  /** Milliseconds that refused requests are kept. Default: 7 days. */
  readonly rejectedRetention?: number | undefined
}

const DAY = 86_400_000
const EVERY = 60_000
const STEP = 1_000

/** Deletes what has been kept long enough. Several processes may do so with the same store. */
export class Janitor {
  readonly #parts: JanitorParts
  #timer: NodeJS.Timeout | undefined
  #sweeping: Promise<void> | undefined
  #isStopped = false

  constructor(parts: JanitorParts) {
    this.#parts = parts
  }

  /** From now on, every minute. It keeps no process alive. */
  start(): void {
    this.#timer ??= setInterval(() => {
      this.#sweeping ??= this.#attempt().finally(() => {
        this.#sweeping = undefined
      })
    }, EVERY).unref()
  }

  /** Ends after the step that is under way. */
  async stop(): Promise<void> {
    this.#isStopped = true
    clearInterval(this.#timer)
    await this.#sweeping
  }

  /** Deletes all that is due, in steps that hold up nobody. Rejects with `StoreUnavailable`. */
  async sweep(): Promise<void> {
    const { store, retention = 30 * DAY, rejectedRetention = 7 * DAY } = this.#parts
    const before = store.now() - retention
    while (!this.#isStopped && (await store.prune(before, STEP)) > 0);
    if (!this.#isStopped) await store.pruneRejected(store.now() - rejectedRetention)
  }

  async #attempt(): Promise<void> {
    const { log, store } = this.#parts
    try {
      await this.sweep()
    } catch (err) {
      if (!(err instanceof StoreUnavailable)) log.error({ store: store.name, err }, 'the inbox could not be cleaned up')
    }
  }
}
