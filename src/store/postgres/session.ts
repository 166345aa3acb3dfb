import { StoreRefused } from '../../errors.ts'
import type { Added, Arrival, Opened } from '../store.ts'
import { addAll } from './add.ts'
import type { Clock } from './clock.ts'
import type { Database } from './database.ts'
import { Group } from './group.ts'
import { migrate } from './migrations.ts'
import { Notifier } from './notify.ts'
import { type Settled, settleAll } from './settle.ts'

/** What an open store has. */
export class Session implements Opened {
  readonly pepper: Uint8Array
  readonly database: Database
  readonly clock: Clock
  readonly notifier: Notifier
  readonly adds: Group<Arrival, readonly Added[]>
  readonly settlements: Group<Settled, boolean>

  private constructor(pepper: Uint8Array, database: Database, clock: Clock, notifier: Notifier) {
    this.pepper = pepper
    this.database = database
    this.clock = clock
    this.notifier = notifier
    const isToSplit = (error: unknown) => error instanceof StoreRefused
    this.adds = new Group({
      flush: arrivals => this.#add(arrivals),
      bytesOf: ({ request, deliveries }) =>
        deliveries.reduce((bytes, { data }) => bytes + (data?.length ?? 0), request.body.length),
      keyOf: arrival => arrival,
      isToSplit
    })
    this.settlements = new Group({
      flush: settled => this.#settle(settled),
      bytesOf: ({ settlement }) => settlement.progress.length + settlement.history.length,
      keyOf: ({ lease }) => lease.seq,
      isToSplit
    })
  }

  static async open(database: Database, schema: string, clock: Clock, changed: () => void): Promise<Session> {
    const notifier = new Notifier(database, schema, changed)
    try {
      const pepper = await migrate(database, schema)
      await Promise.all([clock.start(database), notifier.open()])
      return new Session(pepper, database, clock, notifier)
    } catch (error) {
      clock.stop()
      await database.close()
      throw error
    }
  }

  async close(): Promise<void> {
    await Promise.all([this.adds.idle(), this.settlements.idle()])
    this.clock.stop()
    await this.notifier.close()
    await this.database.close()
  }

  async #add(arrivals: readonly Arrival[]): Promise<readonly (readonly Added[])[]> {
    const { added, isWork } = await addAll(this.database, arrivals, this.clock.now())
    if (isWork) this.notifier.tell()
    return added
  }

  async #settle(settled: readonly Settled[]): Promise<readonly boolean[]> {
    const { written, isWork } = await settleAll(this.database, settled)
    if (isWork) this.notifier.tell()
    return written
  }
}
