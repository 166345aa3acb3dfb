import { setTimeout as sleep } from 'node:timers/promises'
import { StoreUnavailable } from '../../errors.ts'

const FIRST_DELAY = 50
const LONGEST_DELAY = 5_000

/** Asks a store that may be down until it answers. Undefined: told to stop before. */
export async function patiently<T>(ask: () => Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  for (let delay = FIRST_DELAY; !signal.aborted; delay = longer(delay)) {
    try {
      return await ask()
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error
    }
    await sleep(delay, undefined, { signal }).catch(() => {})
  }
  return undefined
}

/** The delay after this one. */
export function longer(delay: number): number {
  return Math.min(Math.max(2 * delay, FIRST_DELAY), LONGEST_DELAY)
}
