import { StoreUnavailable } from '../../errors.ts'
import type {
  Added,
  Arrival,
  Claimed,
  ClaimQuery,
  Dumped,
  Filter,
  Lease,
  NewDelivery,
  NewRejected,
  Opened,
  Rejected,
  RejectedCount,
  RejectedFilter,
  Replay,
  Settlement,
  Stats,
  Store,
  StoredDelivery,
  StoredRequest
} from '../store.ts'
import { claimAll, nextDue } from './claim.ts'
import { Clock } from './clock.ts'
import { Database } from './database.ts'
import { describe } from './describe.ts'
import { dump, load } from './move.ts'
import { abandon, pause, paused, prune, requeue, stats, workers } from './operate.ts'
import * as refused from './rejected.ts'
import { countAll, findAll, requestOfDelivery } from './search.ts'
import { Session } from './session.ts'
import { extendAll } from './settle.ts'

type Page = { readonly before?: number | undefined; readonly limit: number }

export class Postgres implements Store {
  readonly name: string
  readonly #url: string
  readonly #schema: string
  readonly #clock = new Clock()
  readonly #watching = new Set<() => void>()
  #session: Session | undefined

  constructor(url: string, schema: string) {
    this.#url = url
    this.#schema = schema
    this.name = nameOf(url, schema)
  }

  async open(): Promise<Opened> {
    const database = await Database.load(this.name, this.#url, this.#schema)
    this.#session = await Session.open(database, this.#schema, this.#clock, () => {
      for (const callback of this.#watching) callback()
    })
    return { pepper: this.#session.pepper }
  }

  async close(): Promise<void> {
    const session = this.#session
    this.#session = undefined
    await session?.close()
  }

  now(): number {
    return this.#clock.now()
  }

  async add(arrival: Arrival): Promise<readonly Added[]> {
    const { adds } = this.#open
    return arrival.deliveries.length === 0 ? [] : adds.put(arrival)
  }

  async claim(query: ClaimQuery): Promise<readonly Claimed[]> {
    return claimAll(this.#open.database, query)
  }

  async request(seq: number): Promise<StoredRequest | undefined> {
    return requestOfDelivery(this.#open.database, seq)
  }

  async settle(lease: Lease, settlement: Settlement): Promise<boolean> {
    return this.#open.settlements.put({ lease, settlement })
  }

  async extend(leases: readonly Lease[], until: number): Promise<readonly Lease[]> {
    const { database } = this.#open
    return leases.length === 0 ? [] : extendAll(database, leases, until)
  }

  async nextDue(
    receivers: readonly string[]
  ): Promise<{ readonly due: number | undefined; readonly alone: number | undefined }> {
    return nextDue(this.#open.database, receivers)
  }

  watch(changed: () => void): () => void {
    const callback = () => changed()
    this.#watching.add(callback)
    return () => void this.#watching.delete(callback)
  }

  async find(filter: Filter, page: Page): Promise<readonly StoredDelivery[]> {
    return findAll(this.#open.database, filter, page)
  }

  async get(seq: number): Promise<StoredDelivery | undefined> {
    return (await this.find({ seq }, { limit: 1 }))[0]
  }

  async count(filter: Filter): Promise<number> {
    return countAll(this.#open.database, filter)
  }

  async requeue(filter: Filter, replay: Replay): Promise<number> {
    const { database, notifier } = this.#open
    const count = await requeue(database, filter, replay)
    notifier.tell()
    return count
  }

  async describe(seq: number, deliveries: readonly NewDelivery[]): Promise<void> {
    const { database, notifier } = this.#open
    await describe(database, seq, deliveries, this.now())
    notifier.tell()
  }

  async stats(): Promise<Stats> {
    return stats(this.#open.database, this.now())
  }

  async pause(receiver: string, isPaused: boolean): Promise<void> {
    const { database, notifier } = this.#open
    await pause(database, receiver, isPaused)
    notifier.tell()
  }

  async workers(): Promise<readonly string[]> {
    return workers(this.#open.database)
  }

  async abandon(worker: string): Promise<number> {
    return abandon(this.#open.database, worker)
  }

  async paused(): Promise<readonly string[]> {
    return paused(this.#open.database)
  }

  async prune(before: number, limit: number): Promise<number> {
    return prune(this.#open.database, before, limit)
  }

  async addRejected(rejected: NewRejected, most: number): Promise<number> {
    return refused.add(this.#open.database, rejected, most)
  }

  async findRejected(filter: RejectedFilter, page: Page): Promise<readonly Rejected[]> {
    return refused.find(this.#open.database, filter, page)
  }

  async getRejected(seq: number): Promise<Rejected | undefined> {
    return refused.get(this.#open.database, seq)
  }

  async removeRejected(seq: number): Promise<void> {
    return refused.remove(this.#open.database, seq)
  }

  async pruneRejected(before: number): Promise<number> {
    return refused.prune(this.#open.database, before)
  }

  async countRejected(counts: readonly RejectedCount[]): Promise<void> {
    return refused.count(this.#open.database, counts)
  }

  async dump(after: number, limit: number): Promise<readonly Dumped[]> {
    return dump(this.#open.database, after, limit)
  }

  async load(dumped: readonly Dumped[]): Promise<number> {
    const { database, notifier } = this.#open
    const count = await load(database, dumped)
    notifier.tell()
    return count
  }

  get #open(): Session {
    if (this.#session === undefined) throw new StoreUnavailable(this.name, 'it is not open')
    return this.#session
  }
}

/** Without user and password, and without parameters: a password may stand there, too. */
function nameOf(url: string, schema: string): string {
  if (!URL.canParse(url)) return 'postgres'
  const { host, pathname } = new URL(url)
  return `postgres://${host}${pathname} (${schema})`
}
