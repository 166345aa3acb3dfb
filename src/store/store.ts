/**
 * What an engine must keep, and promise. `posthorn/store/sqlite` and `posthorn/store/postgres` are two of them; a third
 * is held to `testStore` of `posthorn/testing`.
 *
 * Times are milliseconds since 1970, by the store's own clock (`now()`). A promise that has resolved is durable: nothing
 * of it is lost, whatever is killed. What fails because the engine is down, full or locked rejects with
 * `StoreUnavailable`, has changed nothing, and may be tried again. Writes that come together are committed together:
 * the engine groups them, so callers need not.
 */
import type { BodyKind, Headers } from '../receiver.ts'

export { SchemaTooNew, StoreUnavailable } from '../errors.ts'

export type State = 'waiting' | 'running' | 'done' | 'dead' | 'ignored'

export interface Store {
  /** For logs: the engine and where it is, without password. */
  readonly name: string
  /** Connects and migrates, under a lock. A schema that is newer than this code rejects with `SchemaTooNew`. */
  open(): Promise<Opened>
  /** Ends what is under way, then lets go. Once closed, everything rejects with `StoreUnavailable`. */
  close(): Promise<void>
  /** The clock of all who share the store. */
  now(): number

  /**
   * Stores a request and its deliveries, or finds that they are stored: one statement, never a look before. A delivery
   * whose (receiver, instance, key, position) is known is a duplicate: it is counted there, and put back to work where it
   * was dead or ignored (waiting, due now, no tries, no error, its progress kept); its `start` means nothing. A request all
   * of whose deliveries are duplicates is not kept again. `seq` ascends in the order of the calls. Resolves to one entry for
   * each delivery, in their order.
   */
  add(arrival: Arrival): Promise<readonly Added[]>

  /**
   * Takes what is due: waiting with `due <= now`, or running with a lease that has lapsed (or that ends later than any
   * lease taken now would, plus a minute: somebody's clock was set back). Takes the earliest due first, per receiver at
   * most its limit, nothing of a paused receiver. Each becomes running under `worker` until `until`; `fence` is a new
   * number, `attempt` and `tries` are one more, `lapses` is one more where a lease was taken over.
   *
   * Of those with the same `order`, only the one that arrived first may be taken, and none while another is running; one
   * whose lease has lapsed goes before those that wait.
   *
   * `alone`: only deliveries that have `lapses` already; otherwise none of these.
   */
  claim(query: ClaimQuery): Promise<readonly Claimed[]>
  /** The request of a delivery that was claimed without it, since it is large. */
  request(seq: number): Promise<StoredRequest | undefined>
  /**
   * Writes where a claimed delivery stands. `false`: the lease was lost, somebody else has it, nothing was written. A lease
   * that has lapsed counts until somebody takes it. `state: 'running'` keeps the lease, and `lapses`. Leaving `waiting` and
   * `running` lets the next of the same `order` go.
   */
  settle(lease: Lease, settlement: Settlement): Promise<boolean>
  /** Extends leases. Resolves to those that were lost. */
  extend(leases: readonly Lease[], until: number): Promise<readonly Lease[]>
  /**
   * When the next of these receivers' deliveries is due, or its lease lapses; `alone`: that time for those with
   * `lapses`. After a claim that found nothing, those that its order holds back are left out.
   */
  nextDue(
    receivers: readonly string[]
  ): Promise<{ readonly due: number | undefined; readonly alone: number | undefined }>
  /** Who holds leases. */
  workers(): Promise<readonly string[]>
  /** Lets the leases of a worker that is known to be dead lapse at once. Resolves to how many it were. */
  abandon(worker: string): Promise<number>
  /** Calls back when another process may have stored something: a hint, never a promise. Returns what ends it. */
  watch(changed: () => void): () => void

  /** Newest first, `limit` of them from below `before`. */
  find(
    filter: Filter,
    page: { readonly before?: number | undefined; readonly limit: number }
  ): Promise<readonly StoredDelivery[]>
  get(seq: number): Promise<StoredDelivery | undefined>
  count(filter: Filter): Promise<number>
  /**
   * Puts at most `limit` deliveries back to work, oldest first, and marks them with `replay.id`; those that carry it
   * already, and those that are running, are passed over. Waiting ones become due. Resolves to how many it were.
   */
  requeue(filter: Filter, replay: Replay): Promise<number>
  /**
   * Puts new descriptions in the place of a delivery's, all of its request; the first takes its number. Their leases end.
   * What another request has stored already is passed over; where nothing is left, the delivery is ignored.
   */
  describe(seq: number, deliveries: readonly NewDelivery[]): Promise<void>
  stats(): Promise<Stats>
  /** Stops claims of a receiver, or lets them go on. Holds for all who share the store. */
  pause(receiver: string, paused: boolean): Promise<void>
  paused(): Promise<readonly string[]>
  /** Deletes at most `limit` done, dead and ignored deliveries that arrived before, and requests that nothing points at. */
  prune(before: number, limit: number): Promise<number>

  /** Keeps a refused request; of all kept ones only the newest `most` stay. Resolves to its number. */
  addRejected(rejected: NewRejected, most: number): Promise<number>
  /** Newest first. Without bodies. */
  findRejected(
    filter: RejectedFilter,
    page: { readonly before?: number | undefined; readonly limit: number }
  ): Promise<readonly Rejected[]>
  getRejected(seq: number): Promise<Rejected | undefined>
  removeRejected(seq: number): Promise<void>
  pruneRejected(before: number): Promise<number>
  /** Adds to the counters of refused requests. */
  countRejected(counts: readonly RejectedCount[]): Promise<void>

  /** Everything of deliveries behind `after`, in their order: for moving to another store. */
  dump(after: number, limit: number): Promise<readonly Dumped[]>
  /** Takes in what another store dumped, under new numbers. What is known already is passed over. Resolves to how many were new. */
  load(dumped: readonly Dumped[]): Promise<number>
}

export interface Opened {
  /** 32 random bytes, made once for the store: the key of hashes that must not be guessed from outside. */
  readonly pepper: Uint8Array
}

/** A request without its secrets, as it is kept. */
export interface StoredRequest {
  readonly method: string
  readonly url: string
  readonly headers: Headers
  readonly body: Uint8Array
}

export interface Arrival {
  readonly receiver: string
  readonly instance: string
  readonly receivedAt: number
  /** Which of the instance's secrets proved it. */
  readonly secret: number
  /** How its body is read. */
  readonly kind: BodyKind
  readonly request: StoredRequest
  readonly deliveries: readonly NewDelivery[]
}

/** Texts have no NUL and no lone surrogates; `key` has at most 256 characters. */
export interface NewDelivery {
  readonly event: string
  /** As the provider gave it. */
  readonly id?: string | undefined
  /** What makes a duplicate. Undefined: never one. */
  readonly key?: string | undefined
  /** Tells deliveries of one request apart that have the same key. 0 for the first. */
  readonly position: number
  readonly occurredAt?: number | undefined
  readonly subject?: string | undefined
  readonly account?: string | undefined
  /** JSON. Undefined: the body. */
  readonly data?: string | undefined
  /** Deliveries with the same one are handled one after the other. Undefined: in any order. */
  readonly order?: string | undefined
  /** Default: waiting, due at once. */
  readonly start?: Running | Dead | undefined
}

/** Claimed at birth: by the process that received it, for its inline handlers. Its attempt and tries are 1. */
export interface Running {
  readonly state: 'running'
  readonly worker: string
  readonly until: number
  readonly progress: string
}

export interface Dead {
  readonly state: 'dead'
  readonly error: string
}

export interface Added {
  readonly seq: number
  readonly duplicate: boolean
  /** Of a delivery that starts running and is no duplicate: the lease to settle it with. */
  readonly fence: number
}

export interface ClaimQuery {
  /** Shown to the operator: host, process, a random part. */
  readonly worker: string
  readonly now: number
  readonly until: number
  readonly limit: number
  readonly receivers: readonly { readonly name: string; readonly limit: number }[]
  readonly alone?: boolean
}

/** What proves that a claim still counts. */
export interface Lease {
  readonly seq: number
  readonly fence: number
}

export interface Settlement {
  readonly state: State
  /** When it is due again; for `waiting`. Default: now. */
  readonly due?: number | undefined
  readonly attempt: number
  readonly tries: number
  /** The inbox's own JSON: which handlers are done, the results of steps. `''` at first, and after a replay from the start. */
  readonly progress: string
  /** The inbox's own JSON: what was tried, and how it went. `''` at first. */
  readonly history: string
  /** Why it is dead, or waits for another try. Nothing secret. */
  readonly error: string | undefined
  readonly now: number
}

export interface StoredDelivery {
  /** The number of the delivery: unique in the store, ascending by arrival. */
  readonly seq: number
  readonly receiver: string
  readonly instance: string
  readonly event: string
  readonly id: string | undefined
  readonly occurredAt: number | undefined
  readonly receivedAt: number
  readonly subject: string | undefined
  readonly account: string | undefined
  readonly data: string | undefined
  readonly kind: BodyKind
  readonly secret: number
  readonly state: State
  /** For waiting ones. */
  readonly due: number
  /** How often it was claimed. */
  readonly attempt: number
  /** How often it was claimed since a handler was last done. */
  readonly tries: number
  /** How often in a row nobody said how a claim ended: the process died, or hung. */
  readonly lapses: number
  /** Whoever has it, or had it last. */
  readonly worker: string | undefined
  readonly leaseUntil: number | undefined
  readonly progress: string
  readonly history: string
  readonly error: string | undefined
  readonly duplicates: number
  /** The replay that put it back to work last. */
  readonly replay: string | undefined
  /** When it was settled last. */
  readonly settledAt: number | undefined
  /** Bytes of the request's body. */
  readonly size: number
}

export interface Claimed extends StoredDelivery {
  readonly fence: number
  /** Undefined where the body has more than 64 KiB: ask for it when its turn comes. */
  readonly request: StoredRequest | undefined
}

/** All that is given must hold. */
export interface Filter {
  readonly seq?: number | undefined
  readonly receiver?: string | undefined
  /** `''` is the unnamed one. */
  readonly instance?: string | undefined
  /** A pattern, as of handlers: `issues.*`, `invoice.**`. */
  readonly event?: string | undefined
  readonly state?: State | readonly State[] | undefined
  readonly subject?: string | undefined
  readonly account?: string | undefined
  /** The provider's id of the delivery. */
  readonly id?: string | undefined
  /** Arrived at or after. */
  readonly since?: number | undefined
  /** Arrived before. */
  readonly until?: number | undefined
  /** Stands in event, id, subject, account or error (in any case), or in the body (in this case). */
  readonly text?: string | undefined
}

export interface Replay {
  readonly id: string
  /** `start`: every handler runs again. `failed`: progress is kept. */
  readonly from: 'start' | 'failed'
  readonly limit: number
  readonly now: number
}

export interface Stats {
  readonly states: readonly { readonly receiver: string; readonly state: State; readonly count: number }[]
  /** When the oldest that is due now, was due. */
  readonly oldestDue: number | undefined
  readonly duplicates: number
  readonly rejected: readonly RejectedCount[]
}

export interface RejectedCount {
  readonly receiver: string
  readonly reason: string
  readonly count: number
}

/** A request that failed its proof, without its secrets. */
export interface NewRejected {
  readonly at: number
  readonly receiver: string
  readonly instance: string
  readonly stage: string
  readonly reason: string
  /** In words, for the operator. */
  readonly hint: string | undefined
  /** The body is cut where it is longer than is kept. */
  readonly request: StoredRequest
  /** Bytes of the whole body. */
  readonly size: number
  /** A keyed hash of the secret that travelled in the request, if one did. */
  readonly secretHash: string | undefined
}

export interface Rejected extends NewRejected {
  readonly seq: number
}

export interface RejectedFilter {
  readonly receiver?: string | undefined
  readonly instance?: string | undefined
  readonly reason?: string | undefined
}

/** A delivery with all that belongs to it. */
export interface Dumped {
  /** Of its request in the store it comes from: those with the same one share it. */
  readonly requestSeq: number
  readonly request: StoredRequest
  readonly delivery: StoredDelivery
  readonly key: string | undefined
  readonly position: number
  readonly order: string | undefined
}
