import assert from 'node:assert/strict'
import type { Dumped, Store } from '../../store/store.ts'
import type { StoreChecks } from './engine.ts'
import {
  arrival,
  assertRequest,
  bring,
  claim,
  delivery,
  put,
  putEach,
  RECEIVED,
  seqs,
  settle,
  stored,
  times,
  values
} from './given.ts'

export const moving: StoreChecks = {
  'everything is dumped in its order, in steps': async store => {
    const numbers = await putEach(
      store,
      times(7).map(index => ({ key: `e${index}`, order: `o${index}` }))
    )
    const dumped: Dumped[] = []
    const steps: number[] = []
    for (const _ of times(4)) {
      const step = await store.dump(dumped.at(-1)?.delivery.seq ?? 0, 3)
      steps.push(step.length)
      dumped.push(...step)
    }
    assert.deepEqual(steps, [3, 3, 1, 0])
    assert.deepEqual(
      dumped.map(({ delivery, key, position, order }) => [delivery.seq, key, position, order]),
      numbers.map((seq, index) => [seq, `e${index}`, 0, `o${index}`])
    )
  },

  'what is loaded is what was dumped, under new numbers': async (store, stores) => {
    await fill(store)
    const other = await stores.open()
    // So that the numbers differ.
    await putEach(
      other,
      times(20).map(() => ({}))
    )
    const dumped = await store.dump(0, 1_000)
    const last = (await other.find({}, { limit: 1 }))[0]!.seq
    assert.equal(await other.load(dumped), dumped.length)
    const loaded = await other.dump(last, 1_000)
    assert.equal(loaded.length, dumped.length)
    for (const [index, { delivery, request, key, position, order }] of loaded.entries()) {
      const from = dumped[index]!
      assert.deepEqual(values({ ...delivery, seq: 0 }), values({ ...from.delivery, seq: 0 }))
      assert.deepEqual([key, position, order], [from.key, from.position, from.order])
      assertRequest(request, from.request)
      assertRequest(await other.request(delivery.seq), from.request)
      assert.deepEqual(values(await stored(other, delivery.seq)), values(delivery))
    }
  },

  'requests that were shared are shared again': async (store, stores) => {
    await store.add(
      arrival(
        { body: 'shared' },
        times(3).map(index => delivery({ key: `s${index}` }))
      )
    )
    await put(store, { key: 'own' })
    const dumped = await store.dump(0, 10)
    const shared = (list: readonly Dumped[]) =>
      list.map(({ requestSeq }) => list.findIndex(one => one.requestSeq === requestSeq))
    assert.deepEqual(shared(dumped), [0, 0, 0, 3])
    const other = await stores.open()
    await other.load(dumped)
    assert.deepEqual(shared(await other.dump(0, 10)), [0, 0, 0, 3])
  },

  'what is known already is passed over': async (store, stores) => {
    await putEach(
      store,
      times(5).map(index => ({ key: `e${index}`, event: 'dumped' }))
    )
    const dumped = await store.dump(0, 10)
    const other = await stores.open()
    const known = await put(other, { key: 'e2', event: 'known' })
    assert.equal(await other.load(dumped), 4)
    assert.equal(await other.load(dumped), 0)
    assert.equal(await store.load(dumped), 0)
    assert.equal(await other.count({}), 5)
    const { event, duplicates } = await stored(other, known.seq)
    assert.deepEqual([event, duplicates], ['known', 0])
  },

  'keys and orders count where they were loaded': async (store, stores) => {
    await putEach(store, [{ key: 'a', order: 'o' }, { key: 'b', order: 'o' }, { key: 'c' }])
    const other = await stores.open()
    await other.load(await store.dump(0, 10))
    assert.equal((await put(other, { key: 'b' })).duplicate, true)
    const first = await claim(other)
    assert.equal(first.length, 2, 'the second of the order must be held')
    for (const lease of first) await settle(other, lease)
    assert.equal((await claim(other)).length, 1)
  },

  'one that ran is taken over where it was loaded, once its lease has lapsed': async (store, stores) => {
    const running = await bring(store, 'running', { key: 'a' })
    const { leaseUntil } = await stored(store, running.seq)
    const other = await stores.open()
    await other.load(await store.dump(0, 10))
    assert.deepEqual(await claim(other, { now: leaseUntil! - 1 }), [])
    const [taken] = await claim(other, { now: leaseUntil! + 1 })
    assert.deepEqual([taken?.lapses, taken?.attempt], [1, 2])
    assert.equal(await settle(other, taken!), true)
  },

  'nothing is dumped of nothing, and nothing loaded': async store => {
    assert.deepEqual(await store.dump(0, 10), [])
    assert.equal(await store.load([]), 0)
  }
}

/** A delivery of every state, and of every trait. */
async function fill(store: Store): Promise<void> {
  const texts = { event: 'é 😀', id: 'i"1', subject: "s'1", account: 'a\\1', data: '{"a":"\\u0000"}' }
  await put(store, { ...texts, key: 'full', position: 3, order: 'o', instance: 'shop', secret: 1, kind: 'form' })
  await put(store, { occurredAt: -5, body: Buffer.from(times(256)), receivedAt: RECEIVED + 5 })
  await bring(store, 'running', { key: 'running' })
  const written = { attempt: 7, tries: 3, progress: '{"done":["😀"]}', history: '[7]', error: 'no route' }
  for (const state of ['done', 'ignored'] as const) await bring(store, state, { key: state }, written)
  await bring(store, 'waiting', { key: 'retry' }, { ...written, due: store.now() + 3_600_000 })
  const dead = await bring(store, 'dead', { key: 'dead', body: Buffer.alloc(200_000, 'x') }, written)
  await put(store, { key: 'done' })
  await store.requeue({ seq: dead.seq }, { id: 'r-1', from: 'failed', limit: 1, now: store.now() })
  const items = ['a', 'b'].map(key => delivery({ key, order: 'o' }))
  assert.equal(seqs(await store.add(arrival({ body: 'shared' }, items))).length, 2)
}
