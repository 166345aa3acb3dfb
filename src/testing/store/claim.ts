import assert from 'node:assert/strict'
import type { StoreChecks } from './engine.ts'
import {
  arrival,
  ascending,
  assertRequest,
  assertSame,
  bring,
  claim,
  lapse,
  put,
  putEach,
  SETTLED,
  seqs,
  settle,
  soon,
  states,
  stored,
  times
} from './given.ts'

export const claiming: StoreChecks = {
  'what waits and is due becomes running, under the worker, until its lease ends': async store => {
    const { seq } = await put(store, { id: 'e1' })
    const now = soon(store)
    const [claimed] = await claim(store, { worker: 'host-7', now, until: now + 5_000 })
    assert.ok(claimed, 'it must be taken')
    const { fence, request, ...delivery } = claimed
    assert.equal(typeof fence, 'number')
    assertRequest(request, arrival().request)
    const { state, worker, leaseUntil, attempt, tries, lapses } = delivery
    assert.deepEqual([state, worker, leaseUntil], ['running', 'host-7', now + 5_000])
    assert.deepEqual([attempt, tries, lapses], [1, 1, 0])
    assertSame(await stored(store, seq), delivery, 'what claim tells must be what is stored')
  },

  'every claim counts: attempt and tries are one more': async store => {
    const { seq } = await bring(store, 'waiting', {}, { attempt: 5, tries: 2, due: store.now() })
    const [claimed] = await claim(store)
    assert.deepEqual([claimed!.seq, claimed!.attempt, claimed!.tries, claimed!.lapses], [seq, 6, 3, 0])
  },

  'nothing is taken where nothing is due': async store => {
    assert.deepEqual(await claim(store), [])
    for (const state of SETTLED) await bring(store, state)
    assert.deepEqual(await claim(store), [])
  },

  'nothing is taken before it is due, and at that time it is': async store => {
    const due = store.now() + 3_600_000
    const { seq } = await bring(store, 'waiting', {}, { due })
    assert.deepEqual(await claim(store, { now: due - 1 }), [])
    assert.deepEqual(seqs(await claim(store, { now: due })), [seq])
  },

  'the earliest due is taken first, and comes first in the result': async store => {
    const base = store.now()
    const late: { seq: number; due: number }[] = []
    for (const due of [500, 100, 400, 200, 300, 0].map(later => base + later))
      late.push({ seq: (await bring(store, 'waiting', { receiver: due % 200 ? 'acme' : 'globex' }, { due })).seq, due })
    const expected = seqs(late.toSorted((a, b) => a.due - b.due))
    const first = await claim(store, { limit: 4 })
    assert.deepEqual(ascending(seqs(first)), ascending(expected.slice(0, 4)), 'the earliest four must be taken')
    const all = [...first, ...(await claim(store))]
    assert.deepEqual(seqs(all), expected)
  },

  'a lapsed lease does not wait behind everything that is due': async store => {
    const until = store.now() + 1_000
    const added = await put(store, { start: { state: 'running', worker: 'w', until, progress: '' } })
    for (const _ of times(5)) await bring(store, 'waiting', {}, { due: until + 1_000 })
    assert.deepEqual(seqs(await claim(store, { now: until + 2_000, limit: 1 })), [added.seq])
  },

  'no more are taken than the limit': async store => {
    const numbers = await putEach(
      store,
      times(10).map(() => ({}))
    )
    const first = await claim(store, { limit: 3 })
    const second = await claim(store, { limit: 100 })
    assert.deepEqual([first.length, second.length], [3, 7])
    assert.deepEqual(ascending(seqs([...first, ...second])), numbers)
  },

  'of a receiver no more are taken than its limit': async store => {
    await putEach(
      store,
      times(6).map(() => ({}))
    )
    await putEach(
      store,
      times(6).map(() => ({ receiver: 'globex' }))
    )
    const receivers = [
      { name: 'acme', limit: 2 },
      { name: 'globex', limit: 3 }
    ]
    const counts = (list: readonly { receiver: string }[]) =>
      receivers.map(({ name }) => list.filter(({ receiver }) => receiver === name).length)
    assert.deepEqual(counts(await claim(store, { receivers })), [2, 3])
    assert.deepEqual(counts(await claim(store, { receivers: [{ name: 'acme', limit: 0 }, receivers[1]!] })), [0, 3])
  },

  'a flood of one receiver does not keep others from being taken': async store => {
    await putEach(
      store,
      times(80).map(() => ({}))
    )
    const others = await putEach(
      store,
      times(2).map(() => ({ receiver: 'globex' }))
    )
    const receivers = ['acme', 'globex'].map(name => ({ name, limit: 3 }))
    const taken = await claim(store, { limit: 6, receivers })
    assert.equal(taken.length, 5)
    assert.deepEqual(ascending(seqs(taken.filter(({ receiver }) => receiver === 'globex'))), others)
  },

  'of receivers that were not asked for nothing is taken': async store => {
    const [acme, globex] = await putEach(store, [{}, { receiver: 'globex' }])
    await put(store, { receiver: 'initech' })
    await put(store, { receiver: 'ACME' })
    assert.deepEqual(seqs(await claim(store, { receivers: [{ name: 'globex', limit: 10 }] })), [globex])
    assert.deepEqual(await claim(store, { receivers: [] }), [])
    assert.deepEqual(seqs(await claim(store)), [acme])
  },

  'of a paused receiver nothing is taken, until it goes on': async store => {
    const { seq } = await put(store)
    const until = store.now() + 1_000
    const lapsed = await put(store, { start: { state: 'running', worker: 'w', until, progress: '' } })
    const other = await put(store, { receiver: 'globex' })
    await store.pause('acme', true)
    assert.deepEqual(seqs(await claim(store, { now: until + 1 })), [other.seq])
    assert.deepEqual(await states(store, [seq, lapsed.seq]), ['waiting', 'running'])
    await store.pause('acme', false)
    assert.deepEqual(ascending(seqs(await claim(store, { now: until + 1 }))), [seq, lapsed.seq])
  },

  'a lease that goes on is not taken': async store => {
    const now = soon(store)
    await put(store)
    await claim(store, { now, until: now + 10_000 })
    assert.deepEqual(await claim(store, { now: now + 9_999, worker: 'worker-2' }), [])
  },

  'a lapsed lease is taken over with a new fence, and the lapse is counted': async store => {
    const { seq } = await put(store)
    const now = soon(store)
    const [first] = await claim(store, { now, until: now + 10_000 })
    const second = await claim(store, { now: now + 10_001, worker: 'worker-2' })
    assert.deepEqual(seqs(second), [seq])
    const { fence, attempt, tries, lapses, worker, leaseUntil } = second[0]!
    assert.notEqual(fence, first!.fence)
    assert.deepEqual([attempt, tries, lapses, worker, leaseUntil], [2, 2, 1, 'worker-2', now + 70_001])
  },

  'a lease that ends implausibly late is taken over too: a clock was set back': async store => {
    const now = soon(store)
    const { seq } = await put(store)
    await claim(store, { now, until: now + 3_600_000 })
    const until = now + 3_600_000 - 60_000
    assert.deepEqual(await claim(store, { now, until: until + 1 }), [], 'a minute is allowed')
    const [taken] = await claim(store, { now, until: until - 1, worker: 'worker-2' })
    assert.ok(taken, 'it must be taken')
    assert.deepEqual([taken.seq, taken.leaseUntil, taken.lapses], [seq, until - 1, 1])
  },

  'no two claims have the same fence': async store => {
    const { seq } = await put(store)
    const fences = new Set<number>()
    for (const _ of times(10)) {
      const [claimed] = await claim(store)
      fences.add(claimed!.fence)
      await settle(store, { seq, fence: claimed!.fence }, { state: 'waiting', due: store.now() })
    }
    assert.equal(fences.size, 10)
  },

  'the request comes along, unless its body has more than 64 KiB': async store => {
    const sizes = [0, 1, 64 * 1024, 64 * 1024 + 1, 300 * 1024]
    const bodies = sizes.map(size => Buffer.alloc(size, Buffer.from(times(253))))
    const numbers = await putEach(
      store,
      bodies.map(body => ({ body }))
    )
    const claimed = await claim(store)
    for (const [index, body] of bodies.entries()) {
      const one = claimed.find(({ seq }) => seq === numbers[index])
      assert.equal(one?.size, body.length)
      if (body.length <= 64 * 1024) assertRequest(one!.request, arrival({ body }).request)
      else assert.ok(one!.request === undefined, 'a large one must not come along')
      assertRequest(await store.request(numbers[index]!), arrival({ body }).request)
    }
  },

  'what was taken over once is taken alone only, and alone takes nothing else': async store => {
    const { seq } = await put(store)
    const again = await lapse(store, await claim(store).then(([claimed]) => claimed!.seq), 1)
    assert.deepEqual([again.seq, again.lapses, again.attempt], [seq, 1, 2])
    const now = again.leaseUntil! + 1
    const other = await put(store)
    assert.deepEqual(seqs(await claim(store, { now })), [other.seq])
    const [alone] = await claim(store, { now, alone: true })
    assert.deepEqual([alone?.seq, alone?.lapses], [seq, 2])
    assert.deepEqual(await claim(store, { now, alone: true }), [])
    await settle(store, alone!, { state: 'waiting', due: now })
    assert.deepEqual(await claim(store, { now, alone: true }), [])
    assert.deepEqual(seqs(await claim(store, { now })), [seq])
  },

  'alone heeds limits, receivers and pauses as well': async store => {
    const numbers = await putEach(store, [{}, {}, { receiver: 'globex' }])
    const until = (await claim(store))[0]!.leaseUntil!
    await claim(store, { now: until + 100_000 })
    const query = { now: until + 1_000_000, alone: true, limit: 1 } as const
    assert.equal((await claim(store, { ...query, limit: 0 })).length, 0)
    await store.pause('acme', true)
    assert.deepEqual(seqs(await claim(store, query)), [numbers[2]])
    await store.pause('acme', false)
    assert.equal((await claim(store, { ...query, receivers: [{ name: 'globex', limit: 1 }] })).length, 0)
    assert.equal((await claim(store, query)).length, 1)
    assert.equal((await claim(store, { ...query, limit: 9 })).length, 1)
  },

  'claims at the same time never take the same delivery': async store => {
    const numbers = (await Promise.all(times(60).map(() => put(store)))).map(({ seq }) => seq)
    const now = soon(store)
    const taken = await Promise.all(times(12).map(index => claim(store, { now, limit: 7, worker: `worker-${index}` })))
    assert.deepEqual(ascending(seqs(taken.flat())), ascending(numbers))
  },

  'hundreds of additions, claims and ends at the same time come out right': async store => {
    const added = times(500).map(async index => {
      const start = { state: 'running', worker: 'w', until: store.now() + 600_000, progress: '' } as const
      const one = await put(store, { key: `e${index}`, ...(index % 2 === 0 && { start }) })
      if (index % 2 === 0) assert.equal(await settle(store, one, { state: index % 4 ? 'dead' : 'done' }), true)
      return one
    })
    const claimed = times(10).map(() => claim(store, { limit: 5 }))
    const numbers = seqs(await Promise.all(added))
    const taken = (await Promise.all(claimed)).flat()
    assert.equal(new Set(numbers).size, 500)
    assert.equal(new Set(seqs(taken)).size, taken.length)
    const counts = ['done', 'dead', 'running', 'waiting'] as const
    const found = await Promise.all(counts.map(state => store.count({ state })))
    assert.deepEqual(found, [125, 125, taken.length, 250 - taken.length])
  }
}
