import { setImmediate } from 'node:timers/promises'

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
}

/**
 * Group commit: what comes while a flush is under way goes into the next one. No timer: a lone one goes at once. One flush
 * at a time: two make the groups smaller, and nothing faster.
 */
export class Group<Item, Result> {
  readonly #options: GroupOptions<Item, Result>
  #waiting: Waiting<Item, Result>[] = []
  #isBusy = false
  #whenIdle: (() => void)[] = []

  constructor(options: GroupOptions<Item, Result>) {
    this.#options = options
  }

  put(item: Item): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject })
      if (this.#isBusy) return
      this.#isBusy = true
      void this.#work()
    })
  }

  /** Once nothing is under way any more. */
  idle(): Promise<void> {
    return this.#isBusy ? new Promise(resolve => this.#whenIdle.push(resolve)) : Promise.resolve()
  }

  async #work(): Promise<void> {
    while (this.#waiting.length > 0) {
      // Not at once: what the same turn of the event loop brings goes along.
      await setImmediate()
      await this.#flush(this.#take())
    }
    this.#isBusy = false
    for (const resolve of this.#whenIdle.splice(0)) resolve()
  }

  #take(): Waiting<Item, Result>[] {
    const { keyOf, bytesOf } = this.#options
    const group: Waiting<Item, Result>[] = []
    const later: Waiting<Item, Result>[] = []
    const keys = new Set<unknown>()
    let bytes = 0
    for (const [n, one] of this.#waiting.entries()) {
      const key = keyOf(one.item)
      bytes += bytesOf(one.item)
      if (group.length === MOST_ITEMS || (group.length > 0 && bytes > MOST_BYTES)) {
        later.push(...this.#waiting.slice(n))
        break
      }
      if (keys.has(key)) later.push(one)
      else group.push(one)
      keys.add(key)
    }
    this.#waiting = later
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
