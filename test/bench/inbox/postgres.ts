/** How fast a delivery is stored and acknowledged, on PostgreSQL and in the ways people do it today. */
import { contest, type Entrant, type Settings } from './contest.ts'
import { postgres as embedded, redis } from './databases.ts'
import { atLeast, type Goal, table } from './report.ts'

const OURS = 'postgres'
const EACH = 'one INSERT each'
const QUEUES = ['pg-boss send', 'graphile-worker add_job', 'BullMQ add'] as const
const NAMES = [OURS, EACH, ...QUEUES] as const
/** Rates as multiples of one INSERT for each request. */
const WANTED: Record<number, number> = { 64: 2, 256: 3 }

export async function postgres(settings: Settings): Promise<Goal[]> {
  const connections = settings.connections.filter(count => count >= 64)
  const database = await embedded()
  const queue = await redis()
  try {
    const entrants: Entrant[] = []
    for (const name of NAMES) {
      entrants.push({ name, variant: name, url: await database.create(), redis: queue.port })
    }
    const results = await contest(entrants, 'stripe', { ...settings, connections })
    table(
      'Stored and acknowledged, Stripe 1 KB, on PostgreSQL and beside queues',
      [
        'connections',
        'variant',
        'requests/s',
        'beside one INSERT each',
        'CPU µs/request',
        'p99 ms',
        'longest stall ms'
      ],
      connections.flatMap(count =>
        NAMES.map(name => {
          const { rate, cpu, p99, stall } = results(name, count)
          const ratio = rate / results(EACH, count).rate
          return [count, name, Math.round(rate), ratio.toFixed(2), cpu.toFixed(1), p99, stall.toFixed(1)]
        })
      )
    )
    return connections.flatMap(count => {
      const beside = (name: string): number => results(OURS, count).rate / results(name, count).rate
      return [
        ...(WANTED[count] === undefined
          ? []
          : [atLeast(`PostgreSQL beside one INSERT each, ${count} connections`, beside(EACH), WANTED[count])]),
        ...QUEUES.map(name => atLeast(`PostgreSQL beside ${name}, ${count} connections`, beside(name), 1))
      ]
    })
  } finally {
    await queue.stop()
    await database.stop()
  }
}
