import type { Store } from '../../store/store.ts'

/** How the suite gets at an engine. It closes what it was given. */
export interface StoreEngine {
  /** A store that shares nothing with any other: empty, and opened. */
  open(): Promise<Store>
  /** The data of a store that was closed, opened again as after a restart. Leave it out where nothing outlives a store. */
  reopen?(closed: Store): Promise<Store>
  /** One more connection to the data of an open store, as another process has it. Leave it out where there is none. */
  second?(store: Store): Promise<Store>
}

/** What must hold, as a sentence, and what shows it. */
export type StoreChecks = Readonly<Record<string, (store: Store, stores: Stores) => Promise<void>>>

/** The stores of one check: none stays open behind it. */
export class Stores {
  readonly #engine: StoreEngine
  readonly #open = new Set<Store>()

  constructor(engine: StoreEngine) {
    this.#engine = engine
  }

  async open(): Promise<Store> {
    return this.track(await this.#engine.open())
  }

  async restart(store: Store): Promise<Store> {
    await this.close(store)
    return this.track(await this.#engine.reopen!(store))
  }

  async second(store: Store): Promise<Store> {
    return this.track(await this.#engine.second!(store))
  }

  async close(store: Store): Promise<void> {
    this.#open.delete(store)
    await store.close()
  }

  async closeAll(): Promise<void> {
    for (const store of this.#open) await this.close(store)
  }

  /** Sees to it that the store is closed. */
  track(store: Store): Store {
    this.#open.add(store)
    return store
  }

  release(store: Store): Store {
    this.#open.delete(store)
    return store
  }
}
