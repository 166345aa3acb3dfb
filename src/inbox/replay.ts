import { randomBytes } from 'node:crypto'
import type { Filter, State, Store } from '../store/store.ts'

export interface ReplayOptions {
  /**
   * `failed`: goes on at the handler that had not finished. `start`: all handlers run again, and their steps too.
   * Default: `failed`.
   */
  readonly from?: 'start' | 'failed'
  /** Only counts. Default: false. */
  readonly dryRun?: boolean
  /** Of a replay that was interrupted: it goes on where it stopped. Default: a new one. */
  readonly id?: string
}

export interface Replayed {
  /** Marks the deliveries it put back to work, as `delivery.replay`. */
  readonly id: string
  /** How many were put back to work by this call; would be, for a dry run. */
  readonly count: number
}

const STEP = 500
/** One that is running is at work already. */
const REPLAYABLE: readonly State[] = ['waiting', 'done', 'dead', 'ignored']

/** Puts deliveries back to work, step by step, so that it holds up nobody. */
export async function replay(
  store: Store,
  filter: Filter,
  { from = 'failed', dryRun = false, id = newId(store.now()) }: ReplayOptions
): Promise<Replayed> {
  const chosen = replayable(filter, store.now())
  if (dryRun) return { id, count: await store.count(chosen) }
  let count = 0
  for (;;) {
    const more = await store.requeue(chosen, { id, from, limit: STEP, now: store.now() })
    if (more === 0) return { id, count }
    count += more
  }
}

/** What arrives from now on is not meant: a replay of a busy receiver would never end. */
function replayable(filter: Filter, now: number): Filter {
  const states = filter.state === undefined ? REPLAYABLE : [filter.state].flat().filter(state => state !== 'running')
  return { ...filter, state: states, until: Math.min(filter.until ?? Number.POSITIVE_INFINITY, now + 1) }
}

function newId(now: number): string {
  const time = new Date(now).toISOString().replace(/[-:]|\..*/g, '')
  return `r-${time}-${randomBytes(4).toString('hex')}`
}
