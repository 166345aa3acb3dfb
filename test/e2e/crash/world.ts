/** What a test of these needs: a folder, an empty store, servers on it, and an end to all of it. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Effect, effectsIn } from './effects.ts'
import type { Database } from './postgres.ts'
import type { ServerOptions } from './server.ts'
import { Server } from './servers.ts'
import { type Address, looking } from './stores.ts'
import { drained, until } from './waiting.ts'

export class World {
  readonly folder: string
  readonly store: Address
  readonly #servers: Server[] = []

  constructor(database?: Database) {
    this.folder = mkdtempSync(join(tmpdir(), 'posthorn-e2e-'))
    this.store =
      database === undefined
        ? { engine: 'sqlite', path: join(this.folder, 'webhooks.db') }
        : { engine: 'postgres', url: database.url, schema: `test_${++schemas}` }
  }

  path(name: string): string {
    return join(this.folder, name)
  }

  server(options: Partial<ServerOptions> = {}): Server {
    const all = { store: this.store, effects: this.path('effects'), log: this.path('log'), worker: QUICK, ...options }
    const server = new Server(all)
    this.#servers.push(server)
    return server
  }

  effects(): Effect[] {
    return effectsIn(this.path('effects'))
  }

  /** The processes that left this effect, in its order. */
  pidsOf(handler: string, id?: string): number[] {
    return this.effects()
      .filter(effect => effect.handler === handler && (id === undefined || effect.id === id))
      .map(({ pid }) => pid)
  }

  /** Until a handler was reached. */
  untilEffect(handler: string, id: string): Promise<void> {
    return until(`${handler} has had its effect for ${id}`, () => this.pidsOf(handler, id).length > 0)
  }

  /** Until all that is stored has come to its end. */
  drained(): Promise<void> {
    return looking(this.store, drained)
  }

  async stopServers(): Promise<void> {
    await Promise.all(this.#servers.filter(({ hasEnded }) => !hasEnded).map(server => server.kill()))
  }

  async end(): Promise<void> {
    await this.stopServers()
    rmSync(this.folder, { recursive: true, force: true })
  }
}

/** Taken for dead after a moment without a word: for tests that wait for that. */
export const QUICK = { concurrency: 8, lease: 1_500 }
/** Never taken for dead, however slow the machine is: for tests in which nobody dies. */
export const PATIENT = { timeout: 100_000, worker: { concurrency: 8, lease: 120_000 } }

let schemas = 0
