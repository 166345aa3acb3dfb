/** How fast what is stored is handled, beside the barest queue on the same engine. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { BareOnPostgres, BareOnSqlite } from './bare-loops.ts'
import type { Settings } from './contest.ts'
import { postgres as embedded } from './databases.ts'
import { BATCH, ClaimAndSettle, Handled, type Loop } from './loops.ts'
import { atLeast, type Goal, median, table, turned } from './report.ts'

/** Deliveries of each round. */
const COUNT = 10_000
/** As many as the worker handles at a time. */
const FEW = 16
const [OURS, STORE, BARE, LARGE] = [
  'chain of three empty handlers',
  `the store's claim and settle alone, ${BATCH} at a time`,
  `bare loop, ${FEW} at a time`,
  `bare loop, ${BATCH} at a time`
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
      [BARE]: new BareOnSqlite(join(folder, 'bare.db'), FEW),
      [LARGE]: new BareOnSqlite(join(folder, 'large.db'), BATCH)
    }
    const onPostgres = {
      [OURS]: await Handled.open(postgres(await database.create())),
      [STORE]: await ClaimAndSettle.open(postgres(await database.create())),
      [BARE]: await BareOnPostgres.open(await database.create(), FEW),
      [LARGE]: await BareOnPostgres.open(await database.create(), BATCH)
    }
    return [...(await compare('SQLite', onSqlite, rounds)), ...(await compare('PostgreSQL', onPostgres, rounds))]
  } finally {
    await database.stop()
    rmSync(folder, { recursive: true })
  }
}

async function compare(engine: string, loops: Record<string, Loop>, rounds: number): Promise<Goal[]> {
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
    ['loop', 'deliveries/s', BARE, LARGE],
    Object.keys(loops).map(name => [
      name,
      Math.round(rate(name)),
      ...[BARE, LARGE].map(bare => (rate(name) / rate(bare)).toFixed(2))
    ])
  )
  return [BARE, LARGE].map(bare =>
    atLeast(`${engine}, three empty handlers beside a ${bare}`, rate(OURS) / rate(bare), 0.5)
  )
}
