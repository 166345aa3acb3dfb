import { createHash, randomUUID } from 'node:crypto'
import type { Client } from 'pg'
import type { Database } from './database.ts'

/** Milliseconds. A NOTIFY takes a lock of the whole server: not one for each group under load. */
const LEAST_APART = 20
const RECONNECT = 500

/**
 * Tells other processes that there is something new, and is told. On a connection of its own, in statements of their own
 * after the commit: a NOTIFY inside would let commits take turns. Only hints: what goes wrong here is nobody's problem.
 */
export class Notifier {
  readonly #database: Database
  readonly #channel: string
  readonly #self = randomUUID()
  readonly #changed: () => void
  #client: Client | undefined
  #timer: NodeJS.Timeout | undefined
  #toldAt = 0
  #isClosed = false

  constructor(database: Database, schema: string, changed: () => void) {
    this.#database = database
    this.#changed = changed
    this.#channel = `posthorn_${createHash('sha256').update(schema).digest('hex').slice(0, 32)}`
  }

  async open(): Promise<void> {
    const client = this.#database.client()
    client.on('error', () => undefined)
    client.on('end', () => this.#reopen(client))
    client.on('notification', ({ payload }) => {
      if (payload !== this.#self) this.#changed()
    })
    this.#client = client
    try {
      await client.connect()
      // No commit on it has anything to lose.
      await client.query(`set synchronous_commit to off; listen ${this.#channel}`)
    } catch {
      this.#reopen(client)
    }
  }

  /** At once, or as soon as the last time is long enough ago. */
  tell(): void {
    if (this.#timer !== undefined || this.#isClosed) return
    const wait = this.#toldAt + LEAST_APART - performance.now()
    if (wait <= 0) this.#notify()
    else {
      this.#timer = setTimeout(() => {
        this.#timer = undefined
        this.#notify()
      }, wait)
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true
    if (this.#timer !== undefined) {
      clearTimeout(this.#timer)
      this.#notify()
    }
    await this.#client?.end().catch(() => undefined)
  }

  #notify(): void {
    this.#toldAt = performance.now()
    this.#client?.query('select pg_notify($1, $2)', [this.#channel, this.#self]).catch(() => undefined)
  }

  #reopen(client: Client): void {
    if (this.#client !== client || this.#isClosed) return
    this.#client = undefined
    client.end().catch(() => undefined)
    setTimeout(async () => {
      if (this.#isClosed) return
      await this.open()
      // Something may have been told meanwhile.
      if (this.#client !== undefined) this.#changed()
    }, RECONNECT).unref()
  }
}
