import type {
  ClaimQuery,
  Filter,
  Lease,
  NewDelivery,
  RejectedCount,
  RejectedFilter,
  Replay,
  Settlement
} from '../store.ts'
import { add, type PackedArrival } from './add.ts'
import { abandon, claim, extend, nextDue, requestOf, settle, workers } from './claim.ts'
import type { Connection } from './connection.ts'
import { dump, load, type PackedDump } from './move.ts'
import {
  addRejected,
  countRejected,
  findRejected,
  getRejected,
  type PackedRejected,
  pruneRejected,
  removeRejected
} from './rejected.ts'
import { describe, requeue } from './replay.ts'
import { prune } from './retention.ts'
import { count, find, replayable } from './search.ts'
import { DELIVERY } from './shape.ts'
import { stats } from './stats.ts'

type Page = { readonly before?: number | undefined; readonly limit: number }

/**
 * What a thread does when it is called. `given` are the bytes that came with the call; what is put into `bodies` goes back
 * with the result.
 */
interface Bytes {
  readonly given: readonly Uint8Array[]
  readonly bodies: Uint8Array[]
}

export type Call = (db: Connection, bytes: Bytes, ...args: any[]) => unknown

/** Run by the writer, several in one transaction. */
export const writes = {
  open: (db: Connection, { bodies }: Bytes) => {
    bodies.push(db.one(`SELECT value FROM store WHERE name = 'pepper'`)![0] as Uint8Array)
  },
  add: (db: Connection, { given }: Bytes, arrival: PackedArrival) => add(db, arrival, given[0]!),
  claim: (db: Connection, { bodies }: Bytes, query: ClaimQuery) => claim(db, query, bodies),
  settle: (db: Connection, _: Bytes, lease: Lease, settlement: Settlement) => settle(db, lease, settlement),
  extend: (db: Connection, _: Bytes, leases: readonly Lease[], until: number) => extend(db, leases, until),
  workers: (db: Connection) => workers(db),
  abandon: (db: Connection, _: Bytes, worker: string) => abandon(db, worker),
  nextDue: (db: Connection, _: Bytes, receivers: readonly string[]) => nextDue(db, receivers),
  requeue: (db: Connection, _: Bytes, seqs: readonly number[], replay: Omit<Replay, 'limit'>) =>
    requeue(db, seqs, replay),
  describe: (db: Connection, _: Bytes, seq: number, to: readonly NewDelivery[]) => describe(db, seq, to),
  pause: (db: Connection, _: Bytes, receiver: string, paused: boolean) => {
    if (paused) db.run('INSERT INTO paused VALUES (?) ON CONFLICT DO NOTHING', receiver)
    else db.run('DELETE FROM paused WHERE receiver = ?', receiver)
  },
  prune: (db: Connection, _: Bytes, before: number, limit: number) => prune(db, before, limit),
  addRejected: (db: Connection, { given }: Bytes, rejected: PackedRejected, most: number) =>
    addRejected(db, rejected, most, given[0]!),
  removeRejected: (db: Connection, _: Bytes, seq: number) => removeRejected(db, seq),
  pruneRejected: (db: Connection, _: Bytes, before: number) => pruneRejected(db, before),
  countRejected: (db: Connection, _: Bytes, counts: readonly RejectedCount[]) => countRejected(db, counts),
  load: (db: Connection, { given }: Bytes, dumped: readonly PackedDump[]) => load(db, dumped, given)
}

/** Run by the reader, one after the other. */
export const reads = {
  request: (db: Connection, { bodies }: Bytes, seq: number) => {
    const found = db.one('SELECT request FROM deliveries WHERE seq = ?', seq)
    return found && requestOf(db, found[0] as number, bodies)
  },
  find: (db: Connection, _: Bytes, filter: Filter, page: Page) => find(db, filter, page),
  get: (db: Connection, _: Bytes, seq: number) => db.one(`SELECT ${DELIVERY} FROM deliveries WHERE seq = ?`, seq),
  count: (db: Connection, _: Bytes, filter: Filter) => count(db, filter),
  replayable: (db: Connection, _: Bytes, filter: Filter, replay: Replay) => replayable(db, filter, replay),
  stats: (db: Connection) => stats(db),
  paused: (db: Connection) =>
    db.all('SELECT receiver FROM paused ORDER BY receiver').map(([receiver]) => receiver as string),
  findRejected: (db: Connection, _: Bytes, filter: RejectedFilter, page: Page) => findRejected(db, filter, page),
  getRejected: (db: Connection, { bodies }: Bytes, seq: number) => getRejected(db, seq, bodies),
  dump: (db: Connection, { bodies }: Bytes, after: number, limit: number) => dump(db, after, limit, bodies)
}
