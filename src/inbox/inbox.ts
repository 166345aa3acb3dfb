import { InvalidInboxCall } from '../errors.ts'
import type { Logger } from '../handler.ts'
import { describeAnew } from '../receive.ts'
import type { AnyReceiver, Credentials } from '../receiver.ts'
import type { RejectedFilter, Store } from '../store/store.ts'
import { newDeliveriesOf, type Order } from './arrival.ts'
import { type Page, pageOf } from './page.ts'
import { Hints } from './rejected/hints.ts'
import { RejectedRequests } from './rejected/rejected.ts'
import { type Reverified, Reverifier } from './rejected/reverify.ts'
import { type Replayed, type ReplayOptions, replay } from './replay.ts'
import { type InboxStats, statsOf } from './stats.ts'
import { deliveryOf, entryOf, filterOf, type InboxDelivery, type InboxEntry, type InboxFilter } from './view.ts'

/** The credentials of today. Undefined: there is no such instance. */
export type CredentialsFor = (receiver: AnyReceiver, instance: string) => Promise<Credentials | undefined>

export interface InboxParts {
  readonly store: Store
  /** Left out: whoever looks on knows none. Then nothing is described or verified anew. */
  readonly receivers?: ReadonlyMap<string, AnyReceiver>
  readonly credentialsFor?: CredentialsFor
  /** The configured ones, for hints. */
  readonly instances?: readonly { readonly receiver: string; readonly instance: string }[]
  readonly order?: Order | undefined
  /** Whoever handles deliveries in this process. */
  readonly worker?: { drain(): Promise<void>; wake(): void } | undefined
  /** The store's, once it is open. */
  readonly pepper: () => Uint8Array
  readonly keepRejected?: boolean | undefined
  readonly log: Logger
}

/** What is stored: to find it, replay it and explain it. Everything here rejects with `StoreUnavailable` while the store is down. */
export class Inbox {
  /** The requests that failed their proof, kept apart. */
  readonly rejected: RejectedRequests
  readonly #parts: InboxParts
  readonly #receivers: ReadonlyMap<string, AnyReceiver>
  readonly #credentialsFor: CredentialsFor
  readonly #reverifier: Reverifier

  constructor(parts: InboxParts) {
    const { store, receivers = new Map(), credentialsFor = async () => undefined } = parts
    const { instances = [], order, pepper, keepRejected, log } = parts
    this.#parts = parts
    this.#receivers = receivers
    this.#credentialsFor = credentialsFor
    const hints = new Hints({ receivers, credentialsFor, instances })
    this.rejected = new RejectedRequests({ store, receivers, hints, pepper, keepRejected, log })
    this.#reverifier = new Reverifier({ store, receivers, credentialsFor, order, pepper, log })
  }

  /** Deliveries, newest first. `next` is the `before` of the page behind it; undefined on the last one. */
  async list(
    query: InboxFilter & Page = {}
  ): Promise<{ readonly deliveries: readonly InboxDelivery[]; readonly next: number | undefined }> {
    const { before, limit, ...filter } = query
    const page = pageOf({ before, limit })
    const found = await this.#parts.store.find(filterOf(filter), page)
    return { deliveries: found.map(deliveryOf), next: found.length < page.limit ? undefined : found.at(-1)!.seq }
  }

  /** A delivery with its progress, its tries and its request. */
  async get(seq: number): Promise<InboxEntry | undefined> {
    const { store } = this.#parts
    const [stored, request] = await Promise.all([store.get(seq), store.request(seq)])
    return stored && request && entryOf(stored, request)
  }

  /**
   * Puts a delivery, or all that match, back to work; those that run are passed over, and so is what arrives meanwhile. A
   * replay that was killed half way goes on where it stopped when it is called with its `id` again.
   */
  async replay(which: InboxFilter | number, options: ReplayOptions = {}): Promise<Replayed> {
    const filter = filterOf(typeof which === 'number' ? { seq: which } : which)
    const replayed = await replay(this.#parts.store, filter, options)
    this.#parts.worker?.wake()
    return replayed
  }

  /**
   * Describes the request of a delivery with what its receiver's code says today, and puts it back to work. All
   * deliveries of the same request are described anew with it. Its handlers start over.
   */
  async describe(seq: number): Promise<void> {
    const { store, order, worker } = this.#parts
    const [stored, request] = await Promise.all([store.get(seq), store.request(seq)])
    if (stored === undefined || request === undefined) throw new InvalidInboxCall(`there is no delivery ${seq}`)
    const { instance } = stored
    const receiver = this.#receiverOf(stored.receiver)
    const credentials = await this.#credentialsFor(receiver, instance)
    if (credentials === undefined) {
      throw new InvalidInboxCall(`${receiver.name} has no instance ${JSON.stringify(instance)} any more`)
    }
    const outcome = describeAnew(receiver, instance, request, credentials, new Date(stored.receivedAt))
    const described =
      outcome.kind === 'accepted'
        ? newDeliveriesOf(receiver, instance, request, outcome.descriptions, order)
        : outcome.kind === 'rejected'
          ? outcome.reason
          : outcome.kind
    if (typeof described === 'string') {
      throw new InvalidInboxCall(`${receiver.name} can’t describe the delivery ${seq}: ${described}`)
    }
    await store.describe(seq, described)
    worker?.wake()
  }

  /** How many deliveries there are, by receiver and state, and how far behind the work is. */
  async stats(): Promise<InboxStats> {
    const { store } = this.#parts
    return statsOf(await store.stats(), store.now())
  }

  /** Nothing more of this receiver is handled, in any process, until `resume`. It is still received and stored. */
  async pause(receiver: string): Promise<void> {
    await this.#parts.store.pause(this.#nameOf(receiver), true)
  }

  async resume(receiver: string): Promise<void> {
    await this.#parts.store.pause(this.#nameOf(receiver), false)
    this.#parts.worker?.wake()
  }

  /** The paused receivers. */
  async paused(): Promise<readonly string[]> {
    return this.#parts.store.paused()
  }

  /** Handles all that is due, then resolves: for a cron job, a function in a cloud, a test. */
  async drain(): Promise<void> {
    if (this.#parts.worker === undefined) throw new InvalidInboxCall('there is no worker in this process')
    await this.#parts.worker.drain()
  }

  /**
   * Takes in the refused requests that prove themselves now, after a secret was corrected: as if they had just come when
   * they came. Duplicates are found as always. One by its number, or all that match, the oldest first.
   */
  async reverify(which: RejectedFilter | number): Promise<readonly Reverified[]> {
    const results = await this.#reverifier.reverify(which)
    this.#parts.worker?.wake()
    return results
  }

  /** Whoever knows no receivers, as the command line, may pause any. */
  #nameOf(receiver: string): string {
    return this.#parts.receivers === undefined ? receiver : this.#receiverOf(receiver).name
  }

  #receiverOf(name: string): AnyReceiver {
    const receiver = this.#receivers.get(name)
    if (receiver !== undefined) return receiver
    throw new InvalidInboxCall(
      `the receiver ${JSON.stringify(name)} is not registered; there are ${[...this.#receivers.keys()].join(', ') || 'none'}`
    )
  }
}
