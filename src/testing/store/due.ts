import assert from 'node:assert/strict'
import type { StoreChecks } from './engine.ts'
import { bring, claim, lapse, put, putEach, SETTLED, seqs, settle, soon, stored } from './given.ts'

const BOTH = ['acme', 'globex']

export const dueNext: StoreChecks = {
  'nothing is next where nothing waits or runs': async store => {
    assert.deepEqual({ ...(await store.nextDue(BOTH)) }, { due: undefined, alone: undefined })
    for (const state of SETTLED) await bring(store, state)
    assert.deepEqual({ ...(await store.nextDue(BOTH)) }, { due: undefined, alone: undefined })
  },

  'the earliest that waits is next': async store => {
    const now = store.now()
    for (const later of [9_000, 4_000, 7_000]) await bring(store, 'waiting', {}, { due: now + later })
    assert.deepEqual({ ...(await store.nextDue(BOTH)) }, { due: now + 4_000, alone: undefined })
    const { seq } = await put(store)
    assert.equal((await store.nextDue(BOTH)).due, (await stored(store, seq)).due)
  },

  'the end of a lease is next where it comes earlier': async store => {
    const now = soon(store)
    await bring(store, 'waiting', {}, { due: now + 50_000 })
    await put(store)
    await claim(store, { now, until: now + 20_000 })
    assert.equal((await store.nextDue(BOTH)).due, now + 20_000)
  },

  'only the given receivers count': async store => {
    const now = store.now()
    await bring(store, 'waiting', {}, { due: now + 1_000 })
    await bring(store, 'waiting', { receiver: 'globex' }, { due: now + 2_000 })
    const next = async (receivers: readonly string[]) => (await store.nextDue(receivers)).due
    assert.deepEqual(
      [await next(['globex']), await next(BOTH), await next(['initech']), await next([])],
      [now + 2_000, now + 1_000, undefined, undefined]
    )
  },

  'what was taken over is next alone, and not otherwise': async store => {
    const { seq } = await put(store)
    const [first] = await claim(store)
    assert.deepEqual({ ...(await store.nextDue(BOTH)) }, { due: first!.leaseUntil, alone: undefined })
    const again = await lapse(store, seq, 1)
    assert.deepEqual({ ...(await store.nextDue(BOTH)) }, { due: undefined, alone: again.leaseUntil })
    assert.equal((await store.nextDue(['globex'])).alone, undefined)
    await settle(store, again, { state: 'waiting', due: 5_000 })
    assert.deepEqual({ ...(await store.nextDue(BOTH)) }, { due: 5_000, alone: undefined })
  },

  'after a claim that found nothing, what is held by its order is not next': async store => {
    const [, second] = await putEach(store, [{ order: 'o' }, { order: 'o' }])
    const now = soon(store)
    const [running] = await claim(store, { now })
    assert.deepEqual(await claim(store, { now }), [])
    assert.equal((await store.nextDue(BOTH)).due, running!.leaseUntil)
    const due = now + 30_000
    await settle(store, running!, { state: 'waiting', due })
    assert.deepEqual(await claim(store, { now }), [])
    assert.equal((await store.nextDue(BOTH)).due, due)
    const [retried] = await claim(store, { now: due })
    await settle(store, retried!)
    const next = (await store.nextDue(BOTH)).due
    assert.ok(next !== undefined && next <= now, 'released, it must be next')
    assert.deepEqual(seqs(await claim(store, { now })), [second])
  }
}
