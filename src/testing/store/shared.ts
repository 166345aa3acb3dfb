import assert from 'node:assert/strict'
import { setTimeout } from 'node:timers/promises'
import type { Store } from '../../store/store.ts'
import type { StoreChecks } from './engine.ts'
import {
  arrival,
  ascending,
  assertRequest,
  assertSame,
  bring,
  claim,
  delivery,
  lapse,
  put,
  putEach,
  seqs,
  settle,
  soon,
  stored,
  times
} from './given.ts'
import { refused } from './rejected.ts'

const UNAVAILABLE = { code: 'WEBHOOKS_STORE_UNAVAILABLE' }

export const closing: StoreChecks = {
  'once closed, everything rejects with StoreUnavailable': async (store, stores) => {
    const { seq, fence } = await bring(store, 'running')
    const dumped = await store.dump(0, 10)
    await stores.close(store)
    const calls: Record<string, () => Promise<unknown>> = {
      add: () => put(store),
      claim: () => claim(store),
      request: () => store.request(seq),
      settle: () => settle(store, { seq, fence }),
      extend: () => store.extend([{ seq, fence }], 0),
      nextDue: () => store.nextDue(['acme']),
      find: () => store.find({}, { limit: 1 }),
      get: () => store.get(seq),
      count: () => store.count({}),
      requeue: () => store.requeue({}, { id: 'r', from: 'start', limit: 1, now: 0 }),
      describe: () => store.describe(seq, [delivery()]),
      stats: () => store.stats(),
      pause: () => store.pause('acme', true),
      paused: () => store.paused(),
      prune: () => store.prune(0, 1),
      addRejected: () => store.addRejected(refused(), 1),
      findRejected: () => store.findRejected({}, { limit: 1 }),
      getRejected: () => store.getRejected(1),
      removeRejected: () => store.removeRejected(1),
      pruneRejected: () => store.pruneRejected(0),
      countRejected: () => store.countRejected([{ receiver: 'acme', reason: 'a', count: 1 }]),
      dump: () => store.dump(0, 1),
      load: () => store.load(dumped)
    }
    for (const [name, call] of Object.entries(calls)) await assert.rejects(call, UNAVAILABLE, name)
  },

  'what is under way is ended': async (store, stores) => {
    const pending = times(50).map(() => put(store))
    await stores.close(store)
    const ended = await Promise.all(pending)
    assert.equal(new Set(seqs(ended)).size, 50)
  }
}

export const lasting: StoreChecks = {
  'what has resolved is there after a restart': async (store, stores) => {
    const waiting = await bring(
      store,
      'waiting',
      { id: 'a', key: 'a' },
      { due: store.now() + 3_600_000, error: 'later' }
    )
    const running = await bring(store, 'running', { key: 'b', body: Buffer.from(times(256)) })
    const dead = await bring(store, 'dead', { key: 'c', order: 'o' }, { error: 'no route' })
    await put(store, { key: 'c', order: 'o' })
    const all = seqs([waiting, running, dead])
    const before = await Promise.all(all.map(seq => stored(store, seq)))
    const again = await stores.restart(store)
    for (const [index, seq] of all.entries()) assertSame(await again.get(seq), before[index]!)
    assertRequest(await again.request(running.seq), arrival({ body: Buffer.from(times(256)) }).request)
    for (const key of ['a', 'b', 'c']) assert.equal((await put(again, { key })).duplicate, true)
    assert.equal(await settle(again, running), true, 'a lease outlives a restart')
  },

  'pauses, refused requests and counters are there after a restart': async (store, stores) => {
    await store.pause('globex', true)
    await store.countRejected([{ receiver: 'acme', reason: 'a', count: 5 }])
    for (const _ of times(3)) await put(store, { key: 'a' })
    const seq = await store.addRejected(refused({ hint: 'h' }), 10)
    const again = await stores.restart(store)
    assert.deepEqual(await again.paused(), ['globex'])
    assert.equal((await again.getRejected(seq))?.hint, 'h')
    const { rejected, duplicates } = await again.stats()
    assert.deepEqual([rejected.map(({ count }) => count), duplicates], [[5], 2])
  },

  'numbers and fences go on after a restart: none comes twice': async (store, stores) => {
    const first = await bring(store, 'done')
    await store.prune(Number.MAX_SAFE_INTEGER, 10)
    const { seq } = await put(store)
    const [lease] = await claim(store)
    await settle(store, lease!, { state: 'waiting' })
    const again = await stores.restart(store)
    const [other] = await claim(again)
    assert.deepEqual([other?.seq, other?.fence === lease!.fence], [seq, false])
    await settle(again, other!)
    await again.prune(Number.MAX_SAFE_INTEGER, 10)
    const next = await put(again)
    assert.ok(next.seq > seq && seq > first.seq, 'a number must not come again')
  }
}

export const across: StoreChecks = {
  'what one has stored, others find at once': async (store, stores) => {
    const second = await stores.second(store)
    const { seq } = await put(store, { key: 'a', body: 'x' })
    assertSame(await second.get(seq), await stored(store, seq))
    assertRequest(await second.request(seq), arrival({ body: 'x' }).request)
    const [lease] = await claim(second)
    assert.equal(await settle(store, lease!, { error: 'told' }), true)
    assert.equal((await stored(second, seq)).error, 'told')
  },

  'the same delivery to two of them at the same time is new in exactly one': async (store, stores) => {
    const both = [store, await stores.second(store)]
    const keys = times(60).map(index => `e${index % 20}`)
    const added = await Promise.all(keys.map((key, index) => put(both[Math.floor(index / 20) % 2]!, { key })))
    assert.equal(added.filter(({ duplicate }) => !duplicate).length, 20)
    assert.equal(new Set(seqs(added)).size, 20)
    for (const delivery of await both[1]!.find({}, { limit: 100 })) assert.equal(delivery.duplicates, 2)
  },

  'crossed arrivals of many deliveries do not block each other': async (store, stores) => {
    const both = [store, await stores.second(store)]
    const items = times(10).map(index => delivery({ key: `e${index}` }))
    const calls = times(20).map(index => both[index % 2]!.add(arrival({}, index % 4 < 2 ? items : items.toReversed())))
    const added = (await Promise.all(calls)).flat()
    assert.deepEqual([added.length, added.filter(({ duplicate }) => !duplicate).length], [200, 10])
  },

  'claims of two of them at the same time never take the same delivery': async (store, stores) => {
    const both = [store, await stores.second(store)]
    const numbers = seqs(await Promise.all(times(60).map(() => put(store))))
    const now = soon(store)
    const taken: number[] = []
    for (const _ of times(20)) {
      const claims = times(4).map(index => claim(both[index % 2]!, { now, limit: 5, worker: `worker-${index}` }))
      taken.push(...seqs((await Promise.all(claims)).flat()))
      if (taken.length >= numbers.length) break
    }
    assert.deepEqual(ascending(taken), ascending(numbers))
  },

  'a process that wakes up after its lease was taken can write no more': async (store, stores) => {
    const second = await stores.second(store)
    const { seq } = await put(store)
    const [stale] = await claim(store)
    const taken = await lapse(second, seq, 1)
    assert.equal(await settle(store, stale!, { progress: 'stale' }), false)
    assert.deepEqual(seqs(await store.extend([stale!], soon(store))), [seq])
    assert.equal(await settle(second, taken), true)
    assert.equal((await stored(store, seq)).progress, '{"done":["a"]}')
  },

  'a pause holds for all, and an order too': async (store, stores) => {
    const second = await stores.second(store)
    await putEach(store, [{ order: 'o' }, { receiver: 'globex' }, { order: 'o' }])
    await second.pause('globex', true)
    assert.deepEqual(await store.paused(), ['globex'])
    assert.equal((await claim(store)).length, 1)
    assert.deepEqual(await claim(second), [])
  },

  'clocks agree': async (store, stores) => {
    const second = await stores.second(store)
    assert.ok(Math.abs(store.now() - second.now()) < 60_000, 'all who share the store must have one clock')
  },

  'what another has stored is hinted at, until the watch is ended': async (store, stores) => {
    const second = await stores.second(store)
    let hints = 0
    const end = second.watch(() => hints++)
    await nudge(store, () => hints > 0)
    end()
    const before = hints
    const witness = { hints: 0 }
    const endWitness = second.watch(() => witness.hints++)
    await nudge(store, () => witness.hints > 0)
    endWitness()
    assert.equal(hints, before, 'an ended watch must not call back')
  }
}

/** Stores something every now and then, until it was noticed. */
async function nudge(store: Store, noticed: () => boolean): Promise<void> {
  for (const _ of times(100)) {
    await put(store)
    for (const _ of times(10)) if (!noticed()) await setTimeout(20)
    if (noticed()) return
  }
  assert.fail('what another stored must be hinted at')
}
