import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { median, turned } from './report.ts'
import type { Ids, PayloadName } from './requests.ts'
import { ALL_CORES, type Round, Served } from './served.ts'
import type { Place, VariantName } from './variants.ts'

export interface Settings {
  readonly rounds: number
  readonly seconds: number
  /** V8 needs seconds under load until what is hot is compiled. */
  readonly warm: number
  readonly connections: readonly number[]
  readonly payloads: readonly PayloadName[]
  /** Of a large store. */
  readonly rows: number
}

export interface Entrant extends Omit<Place, 'folder'> {
  /** Its name in the tables. */
  readonly name: string
  readonly variant: VariantName
  readonly worker?: boolean
  readonly ids?: Ids
}

export interface Result extends Round {
  /** Requests a second where the server has all cores, the client's too. */
  readonly freeRate: number
}

/** Medians of the rounds, `stall` the longest of them all; `p99` and `stall` are of the rounds on all cores. */
export type Results = (name: string, connections: number) => Result

/** Servers side by side, in turns, under the same load. */
export async function contest(
  entrants: readonly Entrant[],
  payload: PayloadName,
  settings: Settings
): Promise<Results> {
  const { rounds, seconds, warm, connections } = settings
  const folder = mkdtempSync(join(tmpdir(), 'posthorn-bench-'))
  const pinned = new Map<string, Round[]>()
  const free = new Map<string, Round[]>()
  const servers = new Map<string, Served>()
  const play = async (into: Map<string, Round[]>, round: number, count: number): Promise<void> => {
    for (const { name } of turned(entrants, round)) {
      const key = `${name} ${count}`
      into.set(key, [...(into.get(key) ?? []), await servers.get(name)!.play(count, seconds)])
    }
    process.stderr.write('. ')
  }
  try {
    for (const { name, ...entrant } of entrants) {
      const own = mkdtempSync(join(folder, 'store-'))
      servers.set(name, await Served.start({ ...entrant, payload, folder: own }))
      await servers.get(name)!.play(64, warm)
    }
    process.stderr.write('warm ')
    for (let round = 0; round < rounds; round++) {
      for (const count of connections) await play(pinned, round, count)
    }
    for (const server of servers.values()) server.pin(ALL_CORES)
    for (let round = 0; round < Math.ceil(rounds / 3); round++) {
      for (const count of connections) await play(free, round, count)
    }
  } finally {
    for (const server of servers.values()) await server.stop()
    rmSync(folder, { recursive: true })
    process.stderr.write('\n')
  }
  return (name, count) => {
    const of = (from: Map<string, Round[]>, field: keyof Round): number[] =>
      from.get(`${name} ${count}`)!.map(round => round[field])
    return {
      rate: median(of(pinned, 'rate')),
      freeRate: median(of(free, 'rate')),
      cpu: median(of(pinned, 'cpu')),
      p99: median(of(free, 'p99')),
      stall: Math.max(...of(free, 'stall'))
    }
  }
}
