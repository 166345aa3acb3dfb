import { StoreUnavailable } from '../../../src/errors.ts'
import type { Opened } from '../../../src/store/store.ts'
import { MemoryState } from './state.ts'

export interface MemoryOptions {
  readonly now?: () => number
  /** Of another memory store: both are connected to the same data. */
  readonly state?: MemoryState
}

export class MemoryConnection {
  readonly name = 'memory'
  readonly now: () => number
  readonly state: MemoryState
  #isClosed = false

  constructor({ now = Date.now, state = new MemoryState() }: MemoryOptions) {
    this.now = now
    this.state = state
  }

  async open(): Promise<Opened> {
    this.#isClosed = false
    return { pepper: this.state.pepper }
  }

  async close(): Promise<void> {
    this.#isClosed = true
  }

  /** As long as it is open. */
  protected get data(): MemoryState {
    if (this.#isClosed) throw new StoreUnavailable('memory', 'it was closed')
    return this.state
  }
}
