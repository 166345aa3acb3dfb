import type { Store } from '../../store/store.ts'
import type { StoreEngine } from './engine.ts'

/** Beyond that a new one is opened sooner than this one is emptied. */
const MOST = 50

/** A store that one check leaves behind for the next, emptied: to open one takes an engine longer than most checks. */
export class Spare {
  readonly #engine: StoreEngine
  #store: Store | undefined

  constructor(engine: StoreEngine) {
    this.#engine = engine
  }

  async open(): Promise<Store> {
    const store = this.#store
    this.#store = undefined
    return store !== undefined && (await isEmptied(store)) ? store : await this.#anew(store)
  }

  leave(store: Store): void {
    this.#store = store
  }

  async close(): Promise<void> {
    await this.#store?.close()
    this.#store = undefined
  }

  async #anew(old: Store | undefined): Promise<Store> {
    await old?.close()
    return this.#engine.open()
  }
}

/** With what the contract offers. An engine that can't do that has a new store for every check. */
async function isEmptied(store: Store): Promise<boolean> {
  try {
    const found = await store.find({}, { limit: MOST + 1 })
    if (found.length > MOST) return false
    await Promise.all(found.map(({ seq }) => store.describe(seq, [])))
    await store.prune(Number.MAX_SAFE_INTEGER, MOST)
    await store.pruneRejected(Number.MAX_SAFE_INTEGER)
    for (const receiver of await store.paused()) await store.pause(receiver, false)
    return (await store.count({})) === 0 && (await store.paused()).length === 0
  } catch {
    return false
  }
}
