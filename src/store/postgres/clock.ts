import type { Database, Statement } from './database.ts'

const INTERVAL = 60_000
const READ: Statement = {
  name: 'clock',
  text: 'select extract(epoch from clock_timestamp())::float8 * 1000 as now'
}

/** The server's clock, so that all processes have the same. Counted on by a clock that nobody sets. */
export class Clock {
  #ahead = Date.now() - performance.now()
  #timer: NodeJS.Timeout | undefined

  now(): number {
    return Math.floor(performance.now() + this.#ahead)
  }

  async start(database: Database): Promise<void> {
    await this.#read(database)
    this.#timer = setInterval(() => this.#read(database).catch(() => undefined), INTERVAL).unref()
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  async #read(database: Database): Promise<void> {
    // Once more where the first had to connect, or to be prepared.
    await database.run(READ, [])
    const before = performance.now()
    const [row] = await database.run(READ, [])
    // It was read half way through the round trip.
    this.#ahead = row!.now - (before + performance.now()) / 2
  }
}
