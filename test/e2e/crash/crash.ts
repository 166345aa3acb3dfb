/** Kills, cycle after cycle, while a provider sends; then lets everything come to its end, and judges. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { Random } from '../../../src/testing/random.ts'
import { effectsIn, HANDLERS, STEP } from './effects.ts'
import { Load } from './load.ts'
import { Notes } from './notes.ts'
import { freePort } from './ports.ts'
import type { Database } from './postgres.ts'
import type { ServerOptions } from './server.ts'
import { Server } from './servers.ts'
import { type Address, allIn, looking } from './stores.ts'
import { judge, repeated } from './verdict.ts'
import { drained, patiently } from './waiting.ts'

export interface CrashOptions {
  readonly cycles: number
  readonly seed: number
  /** What is killed: the process that receives and handles, or the database under it. */
  readonly victim: 'server' | 'database'
  /** Left out: SQLite. */
  readonly database?: Database
  /** Told after each cycle. */
  readonly onCycle?: (cycle: number) => void
  /** Asked before each cycle: whether it was enough. Default: never before the last. */
  readonly isOver?: () => boolean
}

export interface Report {
  readonly kills: number
  /** Of the kills, those before the server listened. */
  readonly early: number
  readonly requests: number
  readonly acknowledged: number
  readonly unanswered: number
  readonly refused: number
  readonly stored: number
  readonly duplicates: number
  readonly effects: number
  /** Effects that happened again, by handler. */
  readonly repeated: Readonly<Record<string, number>>
  /** The most claims that one delivery took. */
  readonly mostAttempts: number
}

const CONCURRENCY = 8
const LEASE = 2_000
/** How much comes in before a kill, and milliseconds behind that, at most: it may hit anything. */
const MOST_REQUESTS = 100
const MOST_PAUSE = 100
/** A start takes some three times as long. */
const MOST_OF_A_START = 300

/** Rejects with the promise that was broken; what was written stays then, and the error says where. */
export async function crash(options: CrashOptions): Promise<Report> {
  const folder = mkdtempSync(join(tmpdir(), 'posthorn-crash-'))
  try {
    const report = await crashIn(folder, options)
    rmSync(folder, { recursive: true, force: true })
    return report
  } catch (error) {
    throw new Error(`seed ${options.seed}, kept in ${folder}: ${(error as Error).message}`, { cause: error })
  }
}

async function crashIn(folder: string, how: CrashOptions): Promise<Report> {
  const { cycles, seed, victim, database, onCycle, isOver = () => false } = how
  const random = new Random(seed)
  const port = await freePort()
  const effects = join(folder, 'effects')
  const store: Address =
    database === undefined
      ? { engine: 'sqlite', path: join(folder, 'webhooks.db') }
      : { engine: 'postgres', url: database.url, schema: `crash_${seed}_${victim}` }
  const options: ServerOptions = {
    ...{ store, effects, log: join(folder, 'log'), port, order: 'subject' },
    worker: { concurrency: CONCURRENCY, lease: LEASE }
  }
  const notes = new Notes(port)
  const load = new Load(notes, random)
  let server = new Server(options)
  await server.ready
  load.start()

  let kills = 0
  let early = 0
  while (kills < cycles && !isOver()) {
    if (victim === 'database') {
      await load.more(random.below(MOST_REQUESTS))
      await pause(random.below(MOST_PAUSE))
      await database!.kill()
      await database!.start()
      if (server.hasEnded) throw new Error(`the server ended (${server.end}) with its database`)
    } else {
      // One in eight does not live to listen: it dies while it opens what the last one left.
      if (random.below(8) === 0) {
        early++
        await pause(random.below(MOST_OF_A_START))
      } else {
        await server.ready
        await load.more(random.below(MOST_REQUESTS))
        await pause(random.below(MOST_PAUSE))
      }
      await server.kill()
      server = new Server(options)
    }
    kills++
    onCycle?.(kills)
  }

  await server.ready
  await load.stop()
  const stored = await looking(store, async looked => {
    await patiently(() => drained(looked))
    return allIn(looked)
  })
  await server.stop()
  const all = effectsIn(effects)
  assert.equal(notes.turnedAway, 0, 'a 503 says when to come again')
  judge({ notes, stored, effects: all, kills, concurrency: CONCURRENCY })

  const again = repeated(all)
  return {
    kills,
    early,
    requests: notes.sent.reduce((sum, { copies }) => sum + copies, 0),
    acknowledged: notes.acknowledged.flatMap(({ request }) => request.ids).length,
    unanswered: notes.unanswered,
    refused: notes.refused,
    stored: stored.length,
    duplicates: stored.reduce((sum, one) => sum + one.duplicates, 0),
    effects: all.length,
    repeated: Object.fromEntries([...HANDLERS, STEP].map(handler => [handler, again.get(handler) ?? 0])),
    mostAttempts: stored.reduce((most, { attempt }) => Math.max(most, attempt), 0)
  }
}
