/** What a server takes of memory that has a million deliveries: after it received, handled, listed and counted. */
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { payloads } from '../payloads.ts'
import type { Settings } from './contest.ts'
import { load } from './deliveries.ts'
import { atMost, type Goal, table } from './report.ts'
import { ALL_CORES, Served } from './served.ts'

const MEGABYTE = 1024 * 1024

export async function memory({ rows: count }: Settings): Promise<Goal[]> {
  const { sqlite } = await import('../../../src/store/sqlite.ts')
  const folder = mkdtempSync(join(tmpdir(), 'posthorn-bench-'))
  const rows: (string | number)[][] = []
  const row = (what: string, { rss, peak }: { rss: number; peak: number }): void => {
    rows.push([what, Math.round(rss / MEGABYTE), Math.round(peak / MEGABYTE)])
  }
  try {
    const bare = await Served.start({ variant: 'no inbox', payload: 'stripe', folder }, ALL_CORES)
    await bare.play(64, 5)
    row('no inbox, after 5 s of load', await bare.ask('report'))
    await bare.stop()

    const empty = mkdtempSync(join(folder, 'empty-'))
    const fresh = await Served.start({ variant: 'sqlite', payload: 'stripe', folder: empty, worker: true }, ALL_CORES)
    await fresh.play(64, 5)
    row('an inbox that was empty, after 5 s of load, with the worker', await fresh.ask('report'))
    await fresh.stop()

    const store = sqlite(join(folder, 'webhooks.db'))
    await store.open()
    await load(store, count, 'done')
    await store.close()
    const each = statSync(join(folder, 'webhooks.db')).size / count
    console.log(
      `\nOn the disk, a delivery takes ${Math.round(each)} bytes; its body has ${payloads().stripe.body.length}.`
    )
    const server = await Served.start({ variant: 'sqlite', payload: 'stripe', folder, worker: true }, ALL_CORES)
    row(`${count.toLocaleString('en')} deliveries, just started`, await server.ask('report'))
    await server.ask('look')
    const looked = await server.ask('report')
    row('after a list, a search and the statistics', looked)
    await server.play(64, 5)
    const loaded = await server.ask('report')
    row('after 5 s of load, with the worker', loaded)
    await server.stop()
    table('Memory of the server, in MB', ['when', 'resident', 'most ever'], rows)
    return [
      atMost(`memory with ${count.toLocaleString('en')} deliveries, looked through`, looked.peak / MEGABYTE, 200, 'MB'),
      atMost('the same under all the load that it takes', loaded.peak / MEGABYTE, 200, 'MB')
    ]
  } finally {
    rmSync(folder, { recursive: true })
  }
}
