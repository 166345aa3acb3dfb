import type { Handlers } from '../chain.ts'
import type { Logger } from '../handler.ts'
import type { Outcome, Proven } from '../receive.ts'
import type { AnyReceiver, Delivery, Reply } from '../receiver.ts'
import type { Added, NewDelivery, Store } from '../store/store.ts'
import { arrivalOf, newDeliveriesOf, type Order, unreadable } from './arrival.ts'
import { inlineOf, progressBegun } from './worker/run.ts'
import { INLINE_BUDGET, type Worker } from './worker/worker.ts'

/** After that nobody comes back for the delivery. */
const INLINE_LEASE = INLINE_BUDGET + 30_000
/** Bytes that may wait for a commit. */
const MOST_WAITING = 64 * 1024 * 1024

type Accepted = Extract<Outcome, { kind: 'accepted' }>

export interface IntakeParts {
  readonly store: Store
  readonly handlers: Handlers
  readonly worker: Worker
  readonly order: Order | undefined
}

export interface Taken {
  readonly reply: Reply
  /** Those that were not known before. */
  readonly fresh: readonly Delivery[]
}

/** Stores what requests said, before they are acknowledged. */
export class Intake {
  readonly #parts: IntakeParts
  #waiting = 0

  constructor(parts: IntakeParts) {
    this.#parts = parts
  }

  /** Whether so much waits for its commit that no more should be read. Only what has proved itself counts. */
  get isFull(): boolean {
    return this.#waiting >= MOST_WAITING
  }

  /** Stores an accepted request, runs its inline handlers and gives the answer. Rejects with `StoreUnavailable`. */
  async take(receiver: AnyReceiver, instance: string, outcome: Accepted, log: Logger): Promise<Taken> {
    const { deliveries, descriptions, proven, reply } = outcome
    if (deliveries.length === 0) return { reply, fresh: [] }
    const { worker, order } = this.#parts
    const described = newDeliveriesOf(receiver, instance, proven.request, descriptions, order)
    if (typeof described === 'string') {
      await this.keepDead(receiver, instance, proven, described)
      return { reply, fresh: [] }
    }
    const arriving = described.map((one, index) => this.#begun(one, deliveries[index]!))
    const added = await this.#store(receiver, instance, proven, arriving)

    const isFresh = (_: unknown, index: number) => !added[index]!.duplicate
    const inline = deliveries
      .map((delivery, index) => ({ delivery, lease: added[index]! }))
      .filter((entry, index) => isFresh(entry, index) && arriving[index]!.start !== undefined)
    const answer = inline.length === 0 ? undefined : await worker.runInline(inline, log)
    worker.wake()
    return { reply: answer?.reply ?? reply, fresh: deliveries.filter(isFresh) }
  }

  /** Keeps a request that proved itself, though there is nothing to handle: an operator may look at it. */
  async keepDead(receiver: AnyReceiver, instance: string, proven: Proven, error: string): Promise<void> {
    await this.#store(receiver, instance, proven, [unreadable(error)])
  }

  #begun(described: NewDelivery, delivery: Delivery): NewDelivery {
    const { handlers, store, worker } = this.#parts
    const inline = inlineOf(handlers, delivery)
    if (inline.length === 0) return described
    const progress = progressBegun(inline.map(({ name }) => name))
    return {
      ...described,
      start: { state: 'running', worker: worker.name, until: store.now() + INLINE_LEASE, progress }
    }
  }

  async #store(
    receiver: AnyReceiver,
    instance: string,
    proven: Proven,
    deliveries: readonly NewDelivery[]
  ): Promise<readonly Added[]> {
    // By the clock that all who share the store go by: it decides when the delivery is due.
    const receivedAt = new Date(this.#parts.store.now())
    const arrival = arrivalOf(receiver, instance, proven, receivedAt, deliveries)
    this.#waiting += arrival.request.body.length
    try {
      return await this.#parts.store.add(arrival)
    } finally {
      this.#waiting -= arrival.request.body.length
    }
  }
}
