/**
 * Kills for as long as you like: `npm run crash -- --cycles 1000 [--engine sqlite|postgres] [--victim server|database]
 * [--seed 1] [--minutes 8]`. Or `--due 100000`: so many deliveries at once. Ends with 1 where a promise was broken.
 */
import { parseArgs } from 'node:util'
import { type CrashOptions, crash } from './crash/crash.ts'
import { handleMany } from './crash/many.ts'
import { startPostgres } from './crash/postgres.ts'
import { World } from './crash/world.ts'

const { values } = parseArgs({
  options: {
    cycles: { type: 'string', default: '1000' },
    engine: { type: 'string' },
    victim: { type: 'string' },
    seed: { type: 'string', default: '1' },
    /** No more cycles after so many, for each line of the table. */
    minutes: { type: 'string', default: 'Infinity' },
    due: { type: 'string' }
  }
})

const runs = [
  { engine: 'sqlite', victim: 'server' },
  { engine: 'postgres', victim: 'server' },
  { engine: 'postgres', victim: 'database' }
] as const
const chosen = runs.filter(
  ({ engine, victim }) => engine === (values.engine ?? engine) && victim === (values.victim ?? victim)
)
if (chosen.length === 0) throw new Error('there is no such run: sqlite has no server of its own to kill')

console.log(`Node ${process.version}, ${new Date().toISOString().slice(0, 10)}, seed ${values.seed}`)
if (values.due === undefined) for (const { engine, victim } of chosen) await run(engine, victim)
else for (const engine of new Set(chosen.map(({ engine }) => engine))) await handle(engine, Number(values.due))

async function handle(engine: 'sqlite' | 'postgres', count: number): Promise<void> {
  const database = engine === 'postgres' ? await startPostgres() : undefined
  const world = new World(database)
  try {
    const { megabytes } = await handleMany(world, count)
    console.log(`\nok    ${engine}, ${count} due at once, at most ${megabytes} MB above an idle server`)
  } catch (error) {
    process.exitCode = 1
    console.log(`\nMISS  ${engine}, ${count} due at once: ${(error as Error).message}`)
  } finally {
    await world.end()
    await database?.stop()
  }
}

async function run(engine: 'sqlite' | 'postgres', victim: CrashOptions['victim']): Promise<void> {
  const database = engine === 'postgres' ? await startPostgres() : undefined
  const began = performance.now()
  const isOver = (): boolean => performance.now() - began > Number(values.minutes) * 60_000
  const progress = process.stderr.isTTY
  const onCycle = (cycle: number): void => void (progress && process.stderr.write(`\r${engine}, ${victim}: ${cycle} `))
  try {
    const options = { cycles: Number(values.cycles), seed: Number(values.seed), victim, onCycle, isOver }
    const report = await crash(database === undefined ? options : { ...options, database })
    const minutes = ((performance.now() - began) / 60_000).toFixed(1)
    if (progress) process.stderr.write('\r')
    console.log(`\nok    ${engine}, the ${victim} killed, ${minutes} minutes`)
    for (const [what, value] of Object.entries(report)) {
      console.log(`      ${what.padEnd(14)}${typeof value === 'number' ? value : JSON.stringify(value)}`)
    }
  } catch (error) {
    process.exitCode = 1
    console.log(`\nLOST  ${engine}, the ${victim} killed: ${(error as Error).message}`)
  } finally {
    await database?.stop()
  }
}
