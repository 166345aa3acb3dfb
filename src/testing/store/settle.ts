import assert from 'node:assert/strict'
import type { State } from '../../store/store.ts'
import type { StoreChecks } from './engine.ts'
import { assertSame, bring, claim, lapse, put, putEach, SETTLED, seqs, settle, stored, times } from './given.ts'

export const settling: StoreChecks = {
  'where a delivery stands is written, and the lease ends': async store => {
    for (const state of ['waiting', ...SETTLED] satisfies State[]) {
      const { seq } = await put(store)
      const [lease] = await claim(store)
      const before = await stored(store, seq)
      const written = {
        ...{ attempt: 9, tries: 4, progress: '{"done":["x"]}', history: '[{"n":9}]' },
        error: state === 'done' ? undefined : `because ${state}`
      }
      const [due, now] = [store.now() + 7_200_000, store.now() + 5]
      assert.equal(await settle(store, lease!, { ...written, state, due, now }), true)
      const { due: dueThen, ...after } = await stored(store, seq)
      const { due: _, ...unchanged } = before
      assertSame(after, { ...unchanged, ...written, state, leaseUntil: undefined, settledAt: now }, state)
      if (state === 'waiting') assert.equal(dueThen, due)
    }
  },

  'what is waiting again without a time is due at once': async store => {
    const { seq } = await put(store)
    await settle(store, (await claim(store))[0]!, { state: 'waiting' })
    assert.deepEqual(seqs(await claim(store)), [seq])
  },

  'a reason that no longer holds is taken away': async store => {
    const { seq } = await bring(store, 'waiting', {}, { error: 'no route', due: store.now() })
    const [lease] = await claim(store)
    assert.equal(lease!.error, 'no route')
    await settle(store, lease!)
    assert.equal((await stored(store, seq)).error, undefined)
  },

  'running keeps the lease, while what was written is kept': async store => {
    const { seq } = await put(store)
    const [lease] = await claim(store)
    const before = await stored(store, seq)
    const written = { attempt: 1, tries: 0, progress: '{"done":["a","b"]}', history: '[2]', error: undefined }
    for (const _ of times(2)) assert.equal(await settle(store, lease!, { ...written, state: 'running' }), true)
    const { settledAt: _, ...after } = await stored(store, seq)
    assertSame(after, { ...before, ...written })
    assert.deepEqual(await claim(store), [])
    assert.equal(await settle(store, lease!), true)
  },

  'a lease that somebody else took over writes nothing': async store => {
    const { seq } = await put(store)
    const [stale] = await claim(store)
    await lapse(store, seq, 1)
    const before = await stored(store, seq)
    for (const state of ['running', 'waiting', ...SETTLED] satisfies State[]) {
      assert.equal(await settle(store, stale!, { state, progress: 'stale' }), false, `${state} must be refused`)
    }
    assertSame(await stored(store, seq), before)
  },

  'a lease ends with the delivery’s: a second end writes nothing': async store => {
    for (const state of ['waiting', ...SETTLED] satisfies State[]) {
      const { seq } = await put(store)
      const [lease] = await claim(store)
      await settle(store, lease!, { state, due: store.now() + 3_600_000 })
      const before = await stored(store, seq)
      assert.equal(await settle(store, lease!, { state: 'done', progress: 'twice' }), false)
      assertSame(await stored(store, seq), before)
    }
  },

  'a lease of before a replay, or of before a duplicate’s revival, writes nothing': async store => {
    const replayed = await bring(store, 'dead', {})
    const revived = await bring(store, 'dead', { key: 'k' })
    await store.requeue({ seq: replayed.seq }, { id: 'r', from: 'start', limit: 1, now: store.now() })
    await put(store, { key: 'k' })
    for (const lease of [replayed, revived]) assert.equal(await settle(store, lease), false)
    await claim(store)
    for (const lease of [replayed, revived]) assert.equal(await settle(store, lease), false)
  },

  'a lease that nobody took writes nothing': async store => {
    const { seq, fence } = await bring(store, 'running')
    const waiting = await put(store)
    const before = await stored(store, seq)
    assert.equal(await settle(store, { seq, fence: fence + 1_000 }), false)
    assert.equal(await settle(store, { seq, fence: fence - 1 }), false)
    assert.equal(await settle(store, { seq: seq + 1_000, fence }), false)
    assert.equal(await settle(store, waiting), false)
    assertSame(await stored(store, seq), before)
  },

  'a lease that has lapsed counts until somebody takes it': async store => {
    const until = store.now() - 60_000
    const added = await put(store, { start: { state: 'running', worker: 'w', until, progress: '' } })
    assert.equal(await settle(store, added), true)
  },

  'of many ends of one lease exactly one is written': async store => {
    const { seq, fence } = await bring(store, 'running')
    const ends = times(20).map(index => settle(store, { seq, fence }, { progress: String(index) }))
    assert.equal((await Promise.all(ends)).filter(Boolean).length, 1)
  },

  'once somebody says how a claim ended, no lapse counts any more': async store => {
    const { seq } = await put(store)
    await claim(store)
    const lapsed = await lapse(store, seq, 1)
    await settle(store, lapsed, { state: 'running' })
    assert.equal((await stored(store, seq)).lapses, 1, 'progress says nothing of the end')
    await settle(store, lapsed, { state: 'waiting', due: store.now() })
    assert.equal((await stored(store, seq)).lapses, 0)
  },

  'what others counted on a running delivery stays when it ends': async store => {
    const running = await bring(store, 'running', { key: 'k' })
    await put(store, { key: 'k' })
    await settle(store, running)
    assert.equal((await stored(store, running.seq)).duplicates, 1)
  }
}

export const extending: StoreChecks = {
  'a lease is extended': async store => {
    const { seq } = await put(store)
    const [lease] = await claim(store)
    const until = lease!.leaseUntil! + 30_000
    assert.deepEqual(await store.extend([{ seq, fence: lease!.fence }], until), [])
    assert.equal((await stored(store, seq)).leaseUntil, until)
    assert.deepEqual(await claim(store, { now: until - 1 }), [])
    assert.deepEqual(seqs(await claim(store, { now: until + 1 })), [seq])
  },

  'those that were lost are told, and the others extended': async store => {
    const numbers = await putEach(
      store,
      times(5).map(() => ({}))
    )
    const leases = (await claim(store)).map(({ seq, fence }) => ({ seq, fence }))
    const [kept, done, requeued, taken, alive] = numbers.map(number => leases.find(({ seq }) => seq === number)!)
    await settle(store, done!)
    await settle(store, requeued!, { state: 'waiting' })
    const now = (await stored(store, kept!.seq)).leaseUntil! + 1
    await store.extend([kept!, alive!], now + 100_000)
    assert.deepEqual(
      new Set(seqs(await claim(store, { now, until: now + 90_000 }))),
      new Set(seqs([requeued!, taken!]))
    )
    const unknown = { seq: Math.max(...numbers) + 1_000, fence: 1 }
    const until = now + 110_000
    const lost = await store.extend([kept!, done!, requeued!, taken!, unknown, alive!], until)
    assert.deepEqual(new Set(seqs(lost)), new Set(seqs([done!, requeued!, taken!, unknown])))
    for (const { seq, fence } of lost)
      assert.ok([...leases, unknown].some(one => one.seq === seq && one.fence === fence))
    for (const { seq } of [kept!, alive!]) assert.equal((await stored(store, seq)).leaseUntil, until)
    assert.equal((await stored(store, taken!.seq)).leaseUntil, now + 90_000)
  },

  'a lease that has lapsed is extended as long as nobody took it': async store => {
    const until = store.now() - 60_000
    const { seq, fence } = await put(store, { start: { state: 'running', worker: 'w', until, progress: '' } })
    assert.deepEqual(await store.extend([{ seq, fence }], store.now() + 60_000), [])
    assert.deepEqual(await claim(store), [])
  },

  'none and hundreds are extended at once': async store => {
    assert.deepEqual(await store.extend([], store.now()), [])
    await Promise.all(times(300).map(() => put(store)))
    const leases = await claim(store)
    assert.equal(leases.length, 300)
    const until = leases[0]!.leaseUntil! + 5
    assert.deepEqual(await store.extend(leases, until), [])
    for (const { leaseUntil } of await store.find({}, { limit: 300 })) assert.equal(leaseUntil, until)
  }
}

export const abandoning: StoreChecks = {
  'who holds leases is told once, and nobody else': async store => {
    assert.deepEqual(await store.workers(), [])
    await putEach(store, [{}, {}, {}])
    const leases = await claim(store, { worker: 'b', limit: 2 })
    await claim(store, { worker: 'a' })
    assert.deepEqual(await store.workers(), ['a', 'b'])
    for (const lease of leases) await settle(store, lease)
    assert.deepEqual(await store.workers(), ['a'])
  },

  'the leases of a dead worker lapse at once, and those of others do not': async store => {
    await putEach(store, [{}, {}, {}])
    const dead = await claim(store, { worker: 'dead', limit: 2 })
    await claim(store, { worker: 'alive' })
    assert.equal(await store.abandon('nobody'), 0)
    assert.equal(await store.abandon('dead'), 2)
    const taken = await claim(store, { worker: 'next' })
    assert.deepEqual(new Set(seqs(taken)), new Set(seqs(dead)))
    for (const { lapses } of taken) assert.equal(lapses, 1)
    assert.equal(await settle(store, dead[0]!), false)
  }
}
