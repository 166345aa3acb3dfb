/** Waiting with a bound, for what another process does. */
import { setTimeout as pause } from 'node:timers/promises'
import type { Store } from '../../../src/store/store.ts'

const BOUND = 60_000
const EVERY = 20

/** Until it is so. Gives up after a minute. */
export async function until(what: string, check: () => unknown | Promise<unknown>, bound = BOUND): Promise<void> {
  const end = performance.now() + bound
  while (!(await check())) {
    if (performance.now() > end) throw new Error(`waited in vain until ${what}`)
    await pause(EVERY)
  }
}

/** Until nothing is left to do. Gives up when nothing came of a minute. */
export async function drained(store: Store): Promise<void> {
  const count = () => store.count(OPEN)
  for (let left = await count(); left > 0; ) {
    const before = left
    const isLess = async (): Promise<boolean> => {
      left = await count()
      return left < before
    }
    await until(`fewer than ${before} deliveries are open`, isLess).catch(async error => {
      throw Object.assign(error as Error, { open: await store.find(OPEN, { limit: 3 }) })
    })
  }
}

const OPEN = { state: ['waiting', 'running'] } as const

/** Where a store may be asked before its database is there again. */
export async function patiently<T>(ask: () => Promise<T>): Promise<T> {
  let result: { readonly value: T } | undefined
  await until('the store answers', async () => {
    result = await ask().then(
      value => ({ value }),
      () => undefined
    )
    return result !== undefined
  })
  return result!.value
}
