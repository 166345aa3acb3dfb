/** How fast what is stored is handled, beside the barest queue on the same engine. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { BareOnPostgres, BareOnSqlite } from './bare-loops.ts'
import type { Settings } from './contest.ts'
import { postgres as embedded } from './databases.ts'
import { ClaimAndSettle, Handled, type Loop } from './loops.ts'
import { atLeast, type Goal, median, table, turned } from './report.ts'

/** Deliveries of each round. */
const COUNT = 10_000
const [OURS, STORE, BARE] = [
  'chain of three empty handlers',
  "the store's claim and settle alone",
  'bare loop'
] as const

export async function background({ rounds }: Settings): Promise<Goal[]> {
  const { sqlite } = await import('../../../src/store/sqlite.ts')
  const { postgres } = await import('../../../src/store/postgres.ts')
  const folder = mkdtempSync(join(tmpdir(), 'posthorn-bench-'))
  const database = await embedded()
  try {
    const onSqlite = {
      [OURS]: await Handled.open(sqlite(join(folder, 'ours.db'))),
      [STORE]: await ClaimAndSettle.open(sqlite(join(folder, 'store.db'))),
      [BARE]: new BareOnSqlite(join(folder, 'bare.db'))
    }
    const onPostgres = {
      [OURS]: await Handled.open(postgres(await database.create())),
      [STORE]: await ClaimAndSettle.open(postgres(await database.create())),
      [BARE]: await BareOnPostgres.open(await database.create())
    }
    return [await compare('SQLite', onSqlite, rounds), await compare('PostgreSQL', onPostgres, rounds)]
  } finally {
    await database.stop()
    rmSync(folder, { recursive: true })
  }
}

async function compare(engine: string, loops: Record<string, Loop>, rounds: number): Promise<Goal> {
  const rates = new Map<string, number[]>(Object.keys(loops).map(name => [name, []]))
  // The first round is for V8 to compile.
  for (let round = -1; round < rounds; round++) {
    for (const [name, loop] of turned(Object.entries(loops), round)) {
      await loop.fill(COUNT)
      const start = performance.now()
      const done = await loop.work()
      const rate = (COUNT / (performance.now() - start)) * 1000
      if (done !== COUNT) throw new Error(`${engine}, ${name}: ${done} of ${COUNT} were done`)
      if (round >= 0) rates.get(name)!.push(rate)
    }
  }
  for (const loop of Object.values(loops)) await loop.close()
  const rate = (name: string): number => median(rates.get(name)!)
  table(
    `In the background, on ${engine}`,
    ['loop', 'deliveries/s', 'of the bare loop'],
    Object.keys(loops).map(name => [name, Math.round(rate(name)), (rate(name) / rate(BARE)).toFixed(2)])
  )
  return atLeast(`${engine}, three empty handlers beside a bare loop`, rate(OURS) / rate(BARE), 0.5)
}
