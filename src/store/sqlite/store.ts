import { existsSync } from 'node:fs'
import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
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
import type { reads, writes } from './calls.ts'
import { type Answer, type Args, Line, type Value } from './line.ts'
import { claimedOf, deliveryOf, dumpedOf, type RequestRow, rejectedOf, requestOf } from './shape.ts'
import { endPause, NUMBERS, type Setting } from './shared.ts'

type Writes = typeof writes
type Reads = typeof reads
type Page = { readonly before?: number | undefined; readonly limit: number }

/** So many are deleted, or loaded, in one transaction: what arrives meanwhile doesn't wait for all of them. */
const STEP = 200
const NOTHING = new Uint8Array()
const THREAD = new URL(`./thread${extname(import.meta.url)}`, import.meta.url)

/** The contract, spoken over two lines: to the thread that writes, and to the one that reads. */
export class SqliteStore implements Store {
  readonly name: string
  readonly #path: string
  readonly #writer: Line<Writes>
  readonly #reader: Line<Reads>
  readonly #watching = new Set<() => void>()
  /** Whether the writer, a new one after an accident, was told to watch. */
  #isWatching = false
  #isOpen = false

  constructor(path: string) {
    this.name = `sqlite:${path}`
    this.#path = path
    const shared = new SharedArrayBuffer(NUMBERS * Int32Array.BYTES_PER_ELEMENT)
    const start = (role: Setting['role']) => () => new Worker(THREAD, { workerData: { role, path, shared } })
    this.#reader = new Line(this.name, start('reader'), {
      notice() {},
      end: () => endPause(new Int32Array(shared))
    })
    this.#writer = new Line(this.name, start('writer'), {
      notice: notice => (notice === 'logged' ? this.#reader.tell('checkpoint') : this.#changed()),
      end: () => {
        this.#isWatching = false
      }
    })
  }

  async open(): Promise<Opened> {
    this.#isOpen = true
    // A process that was killed leaves its log: without a checkpoint, it would grow from one kill to the next.
    const isLeft = existsSync(`${this.#path}-wal`)
    try {
      const { bytes } = await this.#write('open', [])
      if (isLeft) this.#reader.tell('checkpoint')
      return { pepper: bytes[0]! }
    } catch (error) {
      await this.close()
      throw error
    }
  }

  async close(): Promise<void> {
    this.#isOpen = false
    await this.#writer.close()
    await this.#reader.close()
  }

  now(): number {
    return Date.now()
  }

  async add({ request, ...arrival }: Arrival): Promise<readonly Added[]> {
    const { value } = await this.#write('add', [{ ...arrival, request: rowOf(request) }], [request.body])
    return value
  }

  async claim(query: ClaimQuery): Promise<readonly Claimed[]> {
    const { value, bytes } = await this.#write('claim', [query])
    let at = 0
    return value.map(({ row, request }) => claimedOf(row, request && requestOf(request, bytes[at++]!)))
  }

  async request(seq: number): Promise<StoredRequest | undefined> {
    const { value, bytes } = await this.#read('request', [seq])
    return value && requestOf(value, bytes[0]!)
  }

  async settle(lease: Lease, settlement: Settlement): Promise<boolean> {
    return (await this.#write('settle', [leaseOf(lease), settlement])).value
  }

  async extend(leases: readonly Lease[], until: number): Promise<readonly Lease[]> {
    return (await this.#write('extend', [leases.map(leaseOf), until])).value
  }

  async nextDue(receivers: readonly string[]) {
    const { due, alone } = (await this.#write('nextDue', [receivers])).value
    return { due, alone }
  }

  async workers(): Promise<readonly string[]> {
    return (await this.#write('workers', [])).value
  }

  async abandon(worker: string): Promise<number> {
    return (await this.#write('abandon', [worker])).value
  }

  watch(changed: () => void): () => void {
    const callback = () => changed()
    this.#watching.add(callback)
    this.#watchOthers()
    return () => {
      this.#watching.delete(callback)
    }
  }

  async find(filter: Filter, page: Page): Promise<readonly StoredDelivery[]> {
    return (await this.#read('find', [filter, page])).value.map(deliveryOf)
  }

  async get(seq: number): Promise<StoredDelivery | undefined> {
    const { value } = await this.#read('get', [seq])
    return value && deliveryOf(value)
  }

  async count(filter: Filter): Promise<number> {
    return (await this.#read('count', [filter])).value
  }

  async requeue(filter: Filter, replay: Replay): Promise<number> {
    for (;;) {
      const { value: seqs } = await this.#read('replayable', [filter, replay])
      if (seqs.length === 0) return 0
      const { value: count } = await this.#write('requeue', [seqs, replay])
      // Zero: all of them were taken meanwhile. There may be more.
      if (count > 0) return count
    }
  }

  async describe(seq: number, deliveries: readonly NewDelivery[]): Promise<void> {
    await this.#write('describe', [seq, deliveries])
  }

  async stats(): Promise<Stats> {
    const { value } = await this.#read('stats', [])
    return { ...value, oldestDue: value.oldestDue }
  }

  async pause(receiver: string, paused: boolean): Promise<void> {
    await this.#write('pause', [receiver, paused])
  }

  async paused(): Promise<readonly string[]> {
    return (await this.#read('paused', [])).value
  }

  async prune(before: number, limit: number): Promise<number> {
    let count = 0
    while (count < limit) {
      const step = Math.min(STEP, limit - count)
      const { value } = await this.#write('prune', [before, step])
      count += value
      if (value < step) break
    }
    return count
  }

  async addRejected({ request, ...rejected }: NewRejected, most: number): Promise<number> {
    return (await this.#write('addRejected', [{ ...rejected, request: rowOf(request) }, most], [request.body])).value
  }

  async findRejected(filter: RejectedFilter, page: Page): Promise<readonly Rejected[]> {
    const { value } = await this.#read('findRejected', [filter, page])
    return value.map(({ row, request }) => rejectedOf(row, request, NOTHING))
  }

  async getRejected(seq: number): Promise<Rejected | undefined> {
    const { value, bytes } = await this.#read('getRejected', [seq])
    return value && rejectedOf(value.row, value.request, bytes[0]!)
  }

  async removeRejected(seq: number): Promise<void> {
    await this.#write('removeRejected', [seq])
  }

  async pruneRejected(before: number): Promise<number> {
    return (await this.#write('pruneRejected', [before])).value
  }

  async countRejected(counts: readonly RejectedCount[]): Promise<void> {
    await this.#write('countRejected', [counts])
  }

  async dump(after: number, limit: number): Promise<readonly Dumped[]> {
    const { value, bytes } = await this.#read('dump', [after, limit])
    return value.map(({ row, request }, index) => dumpedOf(row, requestOf(request, bytes[index]!)))
  }

  async load(dumped: readonly Dumped[]): Promise<number> {
    const packed = dumped.map(({ request, ...one }) => ({ ...one, request: rowOf(request) }))
    const { value } = await this.#write(
      'load',
      [packed],
      dumped.map(({ request }) => request.body)
    )
    return value
  }

  async #write<Name extends keyof Writes>(
    name: Name,
    args: Args<Writes[Name]>,
    bytes?: readonly Uint8Array[]
  ): Promise<Answer<Value<Writes[Name]>>> {
    this.#checkOpen()
    this.#watchOthers()
    return this.#writer.call(name, args, bytes)
  }

  async #read<Name extends keyof Reads>(name: Name, args: Args<Reads[Name]>): Promise<Answer<Value<Reads[Name]>>> {
    this.#checkOpen()
    return this.#reader.call(name, args)
  }

  #checkOpen(): void {
    if (!this.#isOpen) throw new StoreUnavailable(this.name, 'it is not open')
  }

  #watchOthers(): void {
    if (this.#isWatching || this.#watching.size === 0 || !this.#isOpen) return
    this.#isWatching = true
    this.#writer.tell('watch')
  }

  #changed(): void {
    for (const callback of this.#watching) callback()
  }
}

function rowOf({ method, url, headers }: StoredRequest): RequestRow {
  return [method, url, JSON.stringify(headers)]
}

/** Whoever claims may hand back all they were given: the body must not travel again. */
function leaseOf({ seq, fence }: Lease): Lease {
  return { seq, fence }
}
