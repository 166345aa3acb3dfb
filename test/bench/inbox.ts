/**
 * `npm run bench:inbox`: what the inbox costs, beside no inbox, beside the physical limit, and beside what people use
 * today. Variants take turns in many short rounds, and medians are compared: a ratio means something, a single rate does
 * not. Fails where something that was answered is not stored, or was not handled. Needs `wrk`, `taskset`, `strace` and
 * `redis-server` (Debian: `apt-get install wrk util-linux strace redis-server`).
 *
 * Options: --part accept,postgres,background,flat,memory --rounds 5 --seconds 2 --warm 8 --connections 1,8,64,256
 * --payload stripe,github --rows 1000000
 */
import { cpus, tmpdir } from 'node:os'
import { parseArgs } from 'node:util'
import { accept } from './inbox/accept.ts'
import { background } from './inbox/background.ts'
import type { Settings } from './inbox/contest.ts'
import { flat } from './inbox/flat.ts'
import { memory } from './inbox/memory.ts'
import { postgres } from './inbox/postgres.ts'
import { type Goal, goals } from './inbox/report.ts'
import type { PayloadName } from './inbox/requests.ts'
import { syncTime } from './inbox/sync-time.ts'

const parts: Record<string, (settings: Settings) => Promise<Goal[]>> = { accept, postgres, background, flat, memory }

const { values } = parseArgs({
  options: {
    part: { type: 'string', default: Object.keys(parts).join() },
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '2' },
    warm: { type: 'string', default: '8' },
    connections: { type: 'string', default: '1,8,64,256' },
    payload: { type: 'string', default: 'stripe,github' },
    rows: { type: 'string', default: '1000000' }
  }
})
const settings: Settings = {
  rounds: Number(values.rounds),
  seconds: Number(values.seconds),
  warm: Number(values.warm),
  connections: values.connections.split(',').map(Number),
  payloads: values.payload.split(',') as PayloadName[],
  rows: Number(values.rows)
}

const { model } = cpus()[0]!
console.log(`${model}, ${cpus().length} cores, Node ${process.version}, ${new Date().toISOString().slice(0, 10)}`)
console.log(`One fdatasync of 1 KB in ${tmpdir()}: ${syncTime().toFixed(0)} µs (median)`)
console.log(`${settings.rounds} rounds of ${settings.seconds} s; medians, and for stalls the longest of all`)
const found: Goal[] = []
for (const part of values.part.split(',')) found.push(...(await parts[part]!(settings)))
goals(found)
