/** How fast a delivery is stored and acknowledged, on SQLite: beside no inbox at all, and beside a plain file. */
import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { payloads } from '../payloads.ts'
import { contest, type Entrant, type Settings } from './contest.ts'
import { atLeast, atMost, type Goal, table } from './report.ts'
import type { PayloadName } from './requests.ts'
import { Served } from './served.ts'

const ENTRANTS: readonly Entrant[] = [
  { name: 'no inbox', variant: 'no inbox' },
  { name: 'sqlite', variant: 'sqlite' },
  { name: 'sqlite, random ids', variant: 'sqlite', ids: 'random' },
  { name: 'plain file', variant: 'plain file' },
  { name: 'sqlite, worker beside', variant: 'sqlite', worker: true }
]
const SIZES: Record<PayloadName, string> = { stripe: '1 KB', github: '7.7 KB' }
/** Rates as parts of the rate without an inbox. */
const WANTED: Record<PayloadName, Record<number, number>> = {
  stripe: { 64: 0.6, 256: 0.75 },
  github: { 64: 0.5, 256: 0.6 }
}
const LONE = 20

export async function accept(settings: Settings): Promise<Goal[]> {
  const goals: Goal[] = []
  for (const payload of settings.payloads) {
    const results = await contest(ENTRANTS, payload, settings)
    const size = SIZES[payload]
    table(
      `Stored and acknowledged, ${payload} ${size}`,
      ['connections', 'variant', 'requests/s', 'of no inbox', 'on all cores', 'CPU µs', 'p99 ms', 'stall ms'],
      settings.connections.flatMap(count =>
        ENTRANTS.map(({ name }) => {
          const { rate, freeRate, cpu, p99, stall } = results(name, count)
          const none = results('no inbox', count)
          const ratios = [rate / none.rate, freeRate / none.freeRate].map(ratio => ratio.toFixed(2))
          return [count, name, Math.round(rate), ...ratios, cpu.toFixed(1), p99, stall.toFixed(1)]
        })
      )
    )
    for (const count of settings.connections) {
      const rate = (name: string): number => results(name, count).rate
      const wanted = WANTED[payload][count]
      const where = `${size}, ${count} connections`
      if (wanted !== undefined) {
        goals.push(atLeast(`SQLite beside no inbox, ${where}`, rate('sqlite') / rate('no inbox'), wanted))
        goals.push(atLeast(`SQLite beside a plain file, ${where}`, rate('sqlite') / rate('plain file'), 0.9))
      }
      if (count === 64) {
        goals.push(
          atLeast(`SQLite while the worker runs, ${where}`, rate('sqlite, worker beside') / rate('sqlite'), 0.7)
        )
      }
      goals.push(atMost(`SQLite, longest stall of the event loop, ${where}`, results('sqlite', count).stall, 15, 'ms'))
    }
  }
  return [...goals, await fsyncs()]
}

/** What a lone event costs: counted by strace, for events that come one at a time, checkpoints included. */
async function fsyncs(): Promise<Goal> {
  const folder = mkdtempSync(join(tmpdir(), 'posthorn-bench-'))
  const server = await Served.start({ variant: 'sqlite', payload: 'github', folder })
  try {
    await server.play(1, 1)
    await sleep(1000)
    const log = join(folder, 'strace')
    const options = ['-f', '-e', 'trace=fsync,fdatasync,sync_file_range', '-o', log, '-p', String(server.pid)]
    const strace = spawn('strace', options, { stdio: 'ignore' })
    await sleep(1000)
    for (let sent = 0; sent < LONE; sent++) {
      await send(server.port)
      await sleep(300)
    }
    strace.kill('SIGINT')
    await once(strace, 'exit')
    const calls = readFileSync(log, 'utf8').match(/(?:fsync|fdatasync)\(/g)?.length ?? 0
    if (calls === 0) throw new Error('strace saw no fsync at all')
    return atMost('SQLite, fsyncs of a lone event', calls / LONE, 2, '')
  } finally {
    await server.stop()
    rmSync(folder, { recursive: true })
  }
}

async function send(port: number): Promise<void> {
  const { path, headers, body } = payloads().github
  const own = { ...headers, 'x-github-delivery': randomUUID() }
  const { status } = await fetch(`http://127.0.0.1:${port}${path}`, { method: 'POST', headers: own, body })
  if (status !== 200) throw new Error(`answered with ${status}`)
}
