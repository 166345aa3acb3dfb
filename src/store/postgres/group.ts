/** At most this much in one flush. */
const MOST_ITEMS = 256
const MOST_BYTES = 4 * 1024 * 1024

interface Waiting<Item, Result> {
  readonly item: Item
  readonly resolve: (result: Result) => void
  readonly reject: (error: unknown) => void
}

export interface GroupOptions<Item, Result> {
  readonly flush: (items: readonly Item[]) => Promise<readonly Result[]>
  readonly bytesOf: (item: Item) => number
  /** Of those that have the same one, only one goes at a time. */
  readonly keyOf: (item: Item) => unknown
  /** One of them is to blame: each is tried alone. */
  readonly isToSplit: (error: unknown) => boolean
  /** Flushes at a time. */
  readonly most: number
}

/** Group commit: what comes while a flush is under way goes into the next one. No timer: a lone one goes at once. */
export class Group<Item, Result> {
  readonly #options: GroupOptions<Item, Result>
  #waiting: Waiting<Item, Result>[] = []
  readonly #busy = new Set<unknown>()
  #flushes = 0
  #isScheduled = false
  #whenIdle: (() => void)[] = []

  constructor(options: GroupOptions<Item, Result>) {
    this.#options = options
  }

  put(item: Item): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject })
      this.#schedule()
    })
  }

  /** Once nothing is under way any more. */
  idle(): Promise<void> {
    if (this.#flushes === 0 && this.#waiting.length === 0) return Promise.resolve()
    return new Promise(resolve => this.#whenIdle.push(resolve))
  }

  /** Not at once: what the same turn of the event loop brings goes along. */
  #schedule(): void {
    if (this.#isScheduled || this.#flushes >= this.#options.most) return
    this.#isScheduled = true
    setImmediate(() => {
      this.#isScheduled = false
      void this.#next()
    })
  }

  async #next(): Promise<void> {
    const group = this.#take()
    if (group.length === 0) return
    this.#flushes++
    if (this.#waiting.length > 0) this.#schedule()
    await this.#flush(group)
    this.#flushes--
    for (const { item } of group) this.#busy.delete(this.#options.keyOf(item))
    if (this.#waiting.length > 0) return this.#schedule()
    if (this.#flushes === 0) for (const resolve of this.#whenIdle.splice(0)) resolve()
  }

  #take(): Waiting<Item, Result>[] {
    const { keyOf, bytesOf } = this.#options
    const group: Waiting<Item, Result>[] = []
    const rest: Waiting<Item, Result>[] = []
    let bytes = 0
    for (const one of this.#waiting) {
      const key = keyOf(one.item)
      const size = bytesOf(one.item)
      const fits = group.length === 0 || (group.length < MOST_ITEMS && bytes + size <= MOST_BYTES)
      if (!fits || this.#busy.has(key)) rest.push(one)
      else {
        this.#busy.add(key)
        bytes += size
        group.push(one)
      }
    }
    this.#waiting = rest
    return group
  }

  async #flush(group: readonly Waiting<Item, Result>[]): Promise<void> {
    try {
      const results = await this.#options.flush(group.map(({ item }) => item))
      for (const [n, { resolve }] of group.entries()) resolve(results[n]!)
    } catch (error) {
      if (group.length > 1 && this.#options.isToSplit(error)) for (const one of group) await this.#flush([one])
      else for (const { reject } of group) reject(error)
    }
  }
}
