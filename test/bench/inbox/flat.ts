/** Whether anything gets dearer as the store fills: the same steps at a thousand rows and at a million. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import type { Store } from '../../../src/store/store.ts'
import type { Settings } from './contest.ts'
import { postgres as embedded } from './databases.ts'
import { add, arrival, load } from './deliveries.ts'
import { LEASE } from './loops.ts'
import { atMost, type Goal, median, table } from './report.ts'

const SMALL = 1_000
/** More than noise, and far from the thousandfold. */
const FLAT = 1.5
const TIMES = 60
const BATCH = 50

type Costs = Record<string, number>

export async function flat({ rows }: Settings): Promise<Goal[]> {
  const sizes = [SMALL, rows]
  const { sqlite } = await import('../../../src/store/sqlite.ts')
  const { postgres } = await import('../../../src/store/postgres.ts')
  const folder = mkdtempSync(join(tmpdir(), 'posthorn-bench-'))
  const database = await embedded()
  try {
    const onSqlite = await measured(sizes, size => sqlite(join(folder, `${size}.db`)))
    const urls = new Map<number, string>()
    for (const size of sizes) urls.set(size, await database.create())
    const onPostgres = await measured(sizes, size => postgres(urls.get(size)!))
    return [...compared('SQLite', sizes, onSqlite), ...compared('PostgreSQL', sizes, onPostgres)]
  } finally {
    await database.stop()
    rmSync(folder, { recursive: true })
  }
}

/** Both filled first, then measured in turns. */
async function measured(sizes: readonly number[], storeOf: (size: number) => Store): Promise<Costs[]> {
  const stores = sizes.map(storeOf)
  const taken = sizes.map(() => new Map<string, number[]>())
  for (const [index, store] of stores.entries()) {
    await store.open()
    await load(store, sizes[index]! / 2, 'done')
    await load(store, sizes[index]! / 2, 'waiting')
    process.stderr.write('filled ')
  }
  for (let time = -TIMES / 4; time < TIMES; time++) {
    for (const [index, store] of stores.entries()) {
      for (const [step, milliseconds] of Object.entries(await steps(store))) {
        if (time >= 0) taken[index]!.set(step, [...(taken[index]!.get(step) ?? []), milliseconds])
      }
    }
  }
  for (const store of stores) await store.close()
  process.stderr.write('\n')
  return taken.map(of => Object.fromEntries([...of].map(([step, times]) => [step, median(times)])))
}

/** Each step once, in milliseconds. Leaves as many waiting as there were. */
async function steps(store: Store): Promise<Costs> {
  const costs: Costs = {}
  const timed = async <Result>(step: string, work: () => Promise<Result>): Promise<Result> => {
    const start = performance.now()
    const result = await work()
    costs[step] = performance.now() - start
    return result
  }
  const receivers = [{ name: 'stripe', limit: BATCH }]
  const now = store.now()
  const one = arrival()
  await timed('insert one', () => store.add(one))
  await timed('insert 50 together', () => add(store, BATCH))
  const claimed = await timed('claim 50', () =>
    store.claim({ worker: 'bench', now, until: now + LEASE, limit: BATCH, receivers })
  )
  if (claimed.length !== BATCH) throw new Error(`claimed ${claimed.length}`)
  await timed('settle 50 together', () =>
    Promise.all(
      claimed.map(({ seq, fence, attempt, tries }) =>
        store.settle(
          { seq, fence },
          { state: 'done', attempt, tries, progress: '', history: '', error: undefined, now }
        )
      )
    )
  )
  await timed('next due', () => store.nextDue(['stripe']))
  const newest = await timed('list, newest 50', () => store.find({}, { limit: BATCH }))
  if (newest.length !== BATCH) throw new Error(`listed ${newest.length}`)
  await timed('list dead', () => store.find({ state: 'dead' }, { limit: BATCH }))
  await timed('list by receiver and state', () => store.find({ receiver: 'stripe', state: 'done' }, { limit: BATCH }))
  await timed('list by event', () => store.find({ event: 'invoice.*' }, { limit: BATCH }))
  const { id, subject } = one.deliveries[0]!
  const found = [
    ...(await timed('list by id', () => store.find({ id }, { limit: BATCH }))),
    ...(await timed('list by subject', () => store.find({ subject }, { limit: BATCH })))
  ]
  if (found.length !== 2) throw new Error(`found ${found.length}`)
  return costs
}

function compared(engine: string, sizes: readonly number[], [small, large]: Costs[]): Goal[] {
  const names = Object.keys(small!)
  const ratio = (step: string): number => large![step]! / small![step]!
  table(
    `Cost of a step by stored rows, on ${engine}`,
    ['step', ...sizes.map(size => `ms at ${size.toLocaleString('en')}`), 'ratio'],
    names.map(step => [step, small![step]!.toFixed(3), large![step]!.toFixed(3), ratio(step).toFixed(2)])
  )
  const worst = (what: string, kind: RegExp): Goal => {
    const [step] = names.filter(name => kind.test(name)).sort((a, b) => ratio(b) - ratio(a))
    return atMost(`${engine}, ${what} as the store fills; worst: ${step}`, ratio(step!), FLAT, '×')
  }
  return [worst('claim and settle', /^(?:claim|settle|next)/), worst('insert', /^insert/), worst('list', /^list/)]
}
