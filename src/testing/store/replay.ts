import assert from 'node:assert/strict'
import type { Replay } from '../../store/store.ts'
import type { StoreChecks } from './engine.ts'
import {
  arrival,
  assertRequest,
  assertSame,
  bring,
  claim,
  delivery,
  put,
  putEach,
  SETTLED,
  seqs,
  settle,
  states,
  stored,
  times
} from './given.ts'

function replay(id: string, change: Partial<Replay> = {}): Replay {
  return { id, from: 'failed', limit: 1_000, now: 1_800_000_000_000, ...change }
}

export const requeueing: StoreChecks = {
  'what has ended is put back to work: waiting, due, no tries, marked': async store => {
    const written = { attempt: 7, tries: 4, progress: '{"done":["x"]}', history: '[7]', error: 'no route' }
    for (const state of SETTLED) {
      const { seq } = await bring(store, state, {}, written)
      const before = await stored(store, seq)
      assert.equal(await store.requeue({ seq }, replay(`r-${state}`)), 1)
      const changed = { state: 'waiting', due: 1_800_000_000_000, tries: 0, error: undefined, replay: `r-${state}` }
      assertSame(await stored(store, seq), { ...before, ...changed }, state)
    }
    assert.equal((await claim(store, { now: 1_800_000_000_000 })).length, 3)
  },

  'from the start nothing of its progress is left; from where it failed all of it': async store => {
    const first = await bring(store, 'dead', {}, { progress: 'kept', history: 'told' })
    const second = await bring(store, 'dead', {}, { progress: 'kept', history: 'told' })
    await store.requeue({ seq: first.seq }, replay('r', { from: 'start' }))
    await store.requeue({ seq: second.seq }, replay('r', { from: 'failed' }))
    const [one, other] = [await stored(store, first.seq), await stored(store, second.seq)]
    assert.deepEqual([one.progress, other.progress], ['', 'kept'])
    assert.deepEqual([one.history, other.history], ['told', 'told'])
  },

  'what waits becomes due, what runs is passed over': async store => {
    const due = store.now() + 3_600_000
    const waiting = await bring(store, 'waiting', {}, { due, tries: 3, error: 'not yet' })
    const running = await bring(store, 'running')
    const before = await stored(store, running.seq)
    assert.equal(await store.requeue({}, replay('r', { now: 5_000 })), 1)
    const { due: dueNow, tries, error } = await stored(store, waiting.seq)
    assert.deepEqual([dueNow, tries, error], [5_000, 0, undefined])
    assertSame(await stored(store, running.seq), before)
    assert.equal(await settle(store, running), true)
  },

  'the oldest come first, at most so many': async store => {
    const numbers: number[] = []
    for (const _ of times(5)) numbers.push((await bring(store, 'dead')).seq)
    assert.equal(await store.requeue({ state: 'dead' }, replay('r', { limit: 2 })), 2)
    assert.deepEqual(await states(store, numbers), ['waiting', 'waiting', 'dead', 'dead', 'dead'])
  },

  'calls with the same id go on where the last one stopped, and end': async store => {
    for (const _ of times(7)) await bring(store, 'done')
    const counts: number[] = []
    for (const _ of times(5)) {
      counts.push(await store.requeue({}, replay('r', { limit: 3 })))
      // Those that are done again carry the mark already.
      for (const lease of await claim(store, { now: 1_800_000_000_000 })) await settle(store, lease)
    }
    assert.deepEqual(counts, [3, 3, 1, 0, 0])
    assert.equal(await store.requeue({}, replay('another')), 7)
  },

  'only what the filter finds is put back': async store => {
    const [one, other] = [await bring(store, 'dead', { event: 'a.b' }), await bring(store, 'dead', { event: 'a.b.c' })]
    const [body] = [await bring(store, 'dead', { event: 'x', body: 'needle' })]
    assert.equal(await store.requeue({ event: 'a.*', state: 'dead' }, replay('r')), 1)
    assert.equal(await store.requeue({ text: 'needle' }, replay('r')), 1)
    assert.deepEqual(await states(store, seqs([one, other, body])), ['waiting', 'dead', 'waiting'])
    assert.equal(await store.requeue({ subject: 'nobody' }, replay('r')), 0)
  },

  'at the same time, one delivery is put back once for each id': async store => {
    for (const _ of times(10)) await bring(store, 'dead')
    const counts = await Promise.all(times(5).map(() => store.requeue({}, replay('r', { limit: 4 }))))
    assert.equal(
      counts.reduce((sum, count) => sum + count, 0),
      10
    )
  }
}

export const describing: StoreChecks = {
  'one description takes the place of another, under its number': async store => {
    const { seq } = await put(store, { body: 'kept', receivedAt: 5_000, start: { state: 'dead', error: 'unreadable' } })
    const texts = { event: 'new', id: 'e1', subject: 's', account: 'a', data: '{}', occurredAt: 3_000 }
    await store.describe(seq, [delivery({ ...texts, key: 'e1', order: 'o' })])
    const { state, receivedAt, tries, progress, error, ...described } = await stored(store, seq)
    for (const [name, value] of Object.entries(texts)) assert.equal(described[name as keyof typeof texts], value, name)
    assert.deepEqual([state, receivedAt, tries, progress, error], ['waiting', 5_000, 0, '', undefined])
    assertRequest(await store.request(seq), arrival({ body: 'kept' }).request)
    assert.deepEqual(await put(store, { key: 'e1' }).then(({ seq, duplicate }) => [seq, duplicate]), [seq, true])
    const claimed = await claim(store)
    assert.deepEqual(seqs(claimed), [seq])
    await put(store, { order: 'o' })
    assert.deepEqual(await claim(store), [], 'the new order must count')
  },

  'several descriptions share the request; the first takes the number': async store => {
    const { seq } = await put(store, { body: 'batch', start: { state: 'dead', error: 'unreadable' } })
    const newest = await put(store)
    const items = ['a', 'b', 'c'].map(event => delivery({ event, key: event }))
    await store.describe(seq, items)
    assert.equal((await stored(store, seq)).event, 'a')
    const found = (await store.find({ text: 'batch' }, { limit: 10 })).toReversed()
    assert.deepEqual(
      found.map(({ event, state }) => [event, state]),
      [
        ['a', 'waiting'],
        ['b', 'waiting'],
        ['c', 'waiting']
      ]
    )
    assert.ok(found[1]!.seq > newest.seq, 'further ones get new numbers')
    for (const one of found) assertRequest(await store.request(one.seq), arrival({ body: 'batch' }).request)
    for (const key of ['a', 'b', 'c']) assert.equal((await put(store, { key })).duplicate, true)
  },

  'all deliveries of the request are described anew': async store => {
    const items = ['a', 'b', 'c'].map(key => delivery({ key, event: `old.${key}` }))
    const added = await store.add(arrival({ body: 'batch' }, items))
    await store.describe(
      added[1]!.seq,
      ['a', 'b'].map(key => delivery({ key, event: `new.${key}` }))
    )
    const found = await store.find({ text: 'batch' }, { limit: 10 })
    assert.deepEqual(found.map(({ event }) => event).toSorted(), ['new.a', 'new.b'])
    assert.equal((await stored(store, added[1]!.seq)).event, 'new.a')
    assert.equal((await put(store, { key: 'c' })).duplicate, false)
    assert.equal((await put(store, { key: 'a' })).seq, added[1]!.seq)
  },

  'what another request has brought already is not stored twice': async store => {
    const known = await put(store, { key: 'a', event: 'known' })
    const { seq } = await put(store, { body: 'batch', start: { state: 'dead', error: 'unreadable' } })
    await store.describe(seq, [delivery({ key: 'a', event: 'again' }), delivery({ key: 'b', event: 'new' })])
    assert.equal((await stored(store, known.seq)).event, 'known')
    assert.equal((await stored(store, seq)).event, 'new')
    assert.equal(await store.count({}), 2)
  },

  'where nothing new is described, the delivery is ignored, and stays': async store => {
    const known = await put(store, { key: 'a' })
    for (const items of [[], [delivery({ key: 'a' })]]) {
      const { seq } = await put(store, { event: 'old', body: 'kept' })
      await store.describe(seq, items)
      const { state, event } = await stored(store, seq)
      assert.deepEqual([state, event], ['ignored', 'old'])
      assertRequest(await store.request(seq), arrival({ body: 'kept' }).request)
    }
    assert.deepEqual(seqs(await claim(store)), [known.seq])
  },

  'a key that the new description no longer has is free': async store => {
    const { seq } = await put(store, { key: 'old' })
    await store.describe(seq, [delivery({ key: 'new' })])
    assert.equal((await put(store, { key: 'old' })).duplicate, false)
    assert.equal((await put(store, { key: 'new' })).seq, seq)
  },

  'a lease of before writes nothing': async store => {
    const running = await bring(store, 'running')
    await store.describe(running.seq, [delivery({ event: 'new' })])
    assert.equal(await settle(store, running), false)
    assert.deepEqual(seqs(await claim(store)), [running.seq])
    assert.equal(await settle(store, running), false)
  },

  'a number that nobody has changes nothing': async store => {
    const [seq] = await putEach(store, [{ event: 'old' }])
    await store.describe(seq! + 1_000, [delivery({ event: 'new' })])
    assert.equal((await stored(store, seq!)).event, 'old')
    assert.equal(await store.count({}), 1)
  }
}
