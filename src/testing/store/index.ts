import { after, describe, test } from 'node:test'
import type { Check } from '../index.ts'
import { adding } from './add.ts'
import { counting, pausing, pruning } from './care.ts'
import { claiming } from './claim.ts'
import { content } from './content.ts'
import { dueNext } from './due.ts'
import { type StoreChecks, type StoreEngine, Stores } from './engine.ts'
import { finding } from './find.ts'
import { keys } from './keys.ts'
import { moving } from './move.ts'
import { orderAcross, ordering } from './order.ts'
import { rejecting } from './rejected.ts'
import { describing, requeueing } from './replay.ts'
import { abandoning, extending, settling } from './settle.ts'
import { across, closing, lasting } from './shared.ts'
import { Spare } from './spare.ts'
import { walking } from './walk.ts'

export type { StoreEngine } from './engine.ts'

/** Sections of checks that close stores, or count what never gets less. */
const UNSHARED = ['stats', 'close', 'restart', 'shared', 'model']

export interface StoreSettings {
  /** Random operations that are compared with a model. Default: 400. */
  readonly iterations?: number
}

/**
 * Holds an engine to the contract of `Store`, sentence by sentence. Registers its tests with `node:test`.
 *
 * ```ts
 * testStore('mine', {
 *   open: () => opened(mine(newPlace())),
 *   reopen: closed => opened(mine(placeOf(closed))),
 *   second: store => opened(mine(placeOf(store)))
 * })
 * ```
 */
export function testStore(name: string, engine: StoreEngine, settings: StoreSettings = {}): void {
  describe(`store ${name}`, () => {
    const spare = new Spare(engine)
    after(() => spare.close())
    for (const { name, run } of checksOn(engine, settings, spare)) test(name, run)
  })
}

/** What `testStore` registers, to be run by anything else: each check with a store of its own. */
export function storeChecksOf(engine: StoreEngine, settings: StoreSettings = {}): Check[] {
  return checksOn(engine, settings, undefined)
}

function checksOn(engine: StoreEngine, { iterations = 400 }: StoreSettings, spare: Spare | undefined): Check[] {
  const sections: Record<string, StoreChecks> = {
    add: adding,
    keys,
    content,
    claim: claiming,
    order: { ...ordering, ...(engine.second && orderAcross) },
    settle: settling,
    extend: extending,
    abandon: abandoning,
    nextDue: dueNext,
    find: finding,
    requeue: requeueing,
    describe: describing,
    stats: counting,
    pause: pausing,
    prune: pruning,
    rejected: rejecting,
    move: moving,
    close: closing,
    restart: engine.reopen ? lasting : {},
    shared: engine.second ? across : {},
    model: walking(iterations)
  }
  return Object.entries(sections).flatMap(([section, checks]) =>
    Object.entries(checks).map(([sentence, check]) => ({
      name: `${section}: ${sentence}`,
      run: () => run(check, engine, UNSHARED.includes(section) ? undefined : spare)
    }))
  )
}

async function run(check: StoreChecks[string], engine: StoreEngine, spare: Spare | undefined): Promise<void> {
  const stores = new Stores(engine)
  const store = stores.track(await (spare ?? engine).open())
  try {
    await check(store, stores)
    spare?.leave(stores.release(store))
  } finally {
    await stores.closeAll()
  }
}
