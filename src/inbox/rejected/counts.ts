import type { Logger } from '../../handler.ts'
import type { RejectedCount, Store } from '../../store/store.ts'

const FLUSH_AFTER = 1_000

/** Counts refused requests in memory, and writes the sums to the store once a second at most. */
export class RejectedCounts {
  readonly #store: Store
  readonly #log: Logger
  #counts = new Map<string, RejectedCount>()
  #timer: NodeJS.Timeout | undefined
  #flushing: Promise<void> = Promise.resolve()
  #isClosed = false

  constructor(store: Store, log: Logger) {
    this.#store = store
    this.#log = log
  }

  add(receiver: string, reason: string, count = 1): void {
    const key = `${receiver} ${reason}`
    this.#counts.set(key, { receiver, reason, count: (this.#counts.get(key)?.count ?? 0) + count })
    if (this.#isClosed) return
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      this.#flushing = this.#flush()
    }, FLUSH_AFTER).unref()
  }

  async close(): Promise<void> {
    this.#isClosed = true
    clearTimeout(this.#timer)
    await this.#flushing
    await this.#flush()
  }

  async #flush(): Promise<void> {
    const counts = [...this.#counts.values()]
    this.#counts = new Map()
    if (counts.length === 0) return
    try {
      await this.#store.countRejected(counts)
    } catch (err) {
      this.#log.debug({ err }, 'refused requests are counted later')
      for (const { receiver, reason, count } of counts) this.add(receiver, reason, count)
    }
  }
}
