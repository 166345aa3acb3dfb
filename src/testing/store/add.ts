import assert from 'node:assert/strict'
import type { StoreChecks } from './engine.ts'
import { arrival, assertSame, bring, claim, delivery, put, RECEIVED, seqs, settle, stored, times } from './given.ts'

export const adding: StoreChecks = {
  'a new delivery waits, due at once, and nothing was tried': async store => {
    const before = store.now()
    const { seq, duplicate } = await put(store, { id: 'e1', key: 'e1' })
    assert.equal(duplicate, false)
    const { due, ...rest } = await stored(store, seq)
    assert.ok(due >= before - 1_000 && due <= store.now() + 1_000, 'due must be now, by the store’s clock')
    assertSame(rest, {
      seq,
      receiver: 'acme',
      instance: '',
      event: 'order.paid',
      id: 'e1',
      receivedAt: RECEIVED,
      kind: 'json',
      secret: 0,
      state: 'waiting',
      attempt: 0,
      tries: 0,
      lapses: 0,
      progress: '',
      history: '',
      duplicates: 0,
      size: 2
    })
  },

  'resolves to one entry for each delivery, in their order': async store => {
    const known = await put(store, { key: 'c' })
    const added = await store.add(
      arrival(
        {},
        ['a', 'b', 'c', 'd'].map(key => delivery({ key, event: key }))
      )
    )
    assert.deepEqual(
      added.map(({ duplicate }) => duplicate),
      [false, false, true, false]
    )
    assert.equal(added[2]!.seq, known.seq)
    for (const index of [0, 1, 3]) assert.equal((await stored(store, added[index]!.seq)).event, 'abcd'[index])
  },

  'an arrival without deliveries resolves to no entry': async store => {
    assert.equal((await store.add(arrival({}, []))).length, 0)
  },

  'numbers ascend by arrival, also of calls that are not awaited': async store => {
    const first = await put(store)
    // In an order that no sorting by key would give.
    const keys = times(40).map(index => String((index * 17) % 40))
    const added = await Promise.all(keys.map(key => store.add(arrival({}, [delivery({ key }), delivery()]))))
    const numbers = seqs([first, ...added.flat()])
    for (const [index, seq] of numbers.entries()) assert.ok(index === 0 || seq > numbers[index - 1]!, String(numbers))
  },

  'a known delivery is a duplicate: counted, and under the number of the first': async store => {
    const first = await put(store, { key: 'e1', event: 'first' })
    for (const _ of times(3)) {
      const again = await put(store, { key: 'e1', event: 'again', body: 'other' })
      assert.deepEqual([again.seq, again.duplicate], [first.seq, true])
    }
    const { duplicates, event, size } = await stored(store, first.seq)
    assert.deepEqual([duplicates, event, size], [3, 'first', 2])
    assert.equal(await store.count({}), 1)
  },

  'a delivery that comes twice within one arrival is stored once': async store => {
    const [first, second] = await store.add(arrival({}, [delivery({ key: 'e1' }), delivery({ key: 'e1' })]))
    assert.deepEqual([first!.duplicate, second!.duplicate, second!.seq], [false, true, first!.seq])
    assert.equal((await stored(store, first!.seq)).duplicates, 1)
    assert.equal(await store.count({}), 1)
  },

  'the same delivery in many calls at the same time is new in exactly one': async store => {
    const calls = times(60).map(index => put(store, { key: `e${index % 3}` }))
    const added = await Promise.all(calls)
    const fresh = added.filter(({ duplicate }) => !duplicate)
    assert.equal(fresh.length, 3)
    assert.equal(new Set(seqs(added)).size, 3)
    for (const { seq } of fresh) assert.equal((await stored(store, seq)).duplicates, 19)
  },

  'of an arrival that is known in part only the rest is new': async store => {
    const [known] = await store.add(arrival({ body: 'first' }, [delivery({ key: 'a' })]))
    const added = await store.add(arrival({ body: 'second' }, [delivery({ key: 'a' }), delivery({ key: 'b' })]))
    assert.deepEqual([added[0]!.seq, added[0]!.duplicate, added[1]!.duplicate], [known!.seq, true, false])
    assert.equal(String(Buffer.from((await store.request(added[0]!.seq))!.body)), 'first')
    assert.equal(String(Buffer.from((await store.request(added[1]!.seq))!.body)), 'second')
  },

  'a duplicate of a dead or ignored delivery puts it back to work: due now, no tries, its progress kept':
    async store => {
      for (const state of ['dead', 'ignored'] as const) {
        const written = { attempt: 7, tries: 4, progress: '{"done":["mail"]}', history: '[7]', error: 'no route' }
        const { seq } = await bring(store, state, { key: state }, written)
        const again = await put(store, { key: state })
        assert.deepEqual([again.seq, again.duplicate], [seq, true])
        const { due, progress, history, attempt, tries, duplicates, ...revived } = await stored(store, seq)
        assert.equal(revived.state, 'waiting', `a duplicate of a ${state} delivery must put it back to work`)
        assert.equal(progress, written.progress, 'progress must be kept')
        assert.deepEqual([history, attempt, tries, duplicates], ['[7]', 7, 0, 1])
        assert.ok(Math.abs(due - store.now()) < 30_000, 'due must be now')
        assert.equal(revived.error, undefined, 'what is back at work is not dead for a reason')
      }
      assert.equal((await claim(store)).length, 2)
    },

  'a duplicate of a waiting, running or done delivery is counted, and nothing else': async store => {
    const retry = { due: store.now() + 3_600_000, tries: 2, error: 'not yet' }
    const waiting = await bring(store, 'waiting', { key: 'waiting' }, retry)
    const running = await bring(store, 'running', { key: 'running' })
    const done = await bring(store, 'done', { key: 'done' })
    for (const [key, { seq }] of Object.entries({ waiting, running, done })) {
      const before = await stored(store, seq)
      const again = await put(store, { key })
      assert.deepEqual([again.seq, again.duplicate], [seq, true])
      assertSame(await stored(store, seq), { ...before, duplicates: 1 }, key)
    }
    assert.equal(await settle(store, running), true, 'the lease of a running one must go on')
  },

  'a delivery may start running, under a lease that counts': async store => {
    const until = store.now() + 60_000
    const start = { state: 'running', worker: 'web-1', until, progress: '{"begun":["answer"]}' } as const
    const added = await put(store, { start })
    const { due: _, ...running } = await stored(store, added.seq)
    const { state, worker, leaseUntil, progress, attempt, tries, lapses } = running
    assert.deepEqual([state, worker, leaseUntil, progress], ['running', 'web-1', until, start.progress])
    assert.deepEqual([attempt, tries, lapses], [1, 1, 0])
    assert.deepEqual(await claim(store), [])
    assert.equal(await settle(store, added), true)
  },

  'one that started running is taken by others once its lease has lapsed': async store => {
    const until = store.now() + 10_000
    const added = await put(store, { start: { state: 'running', worker: 'web-1', until, progress: '{"begun":["a"]}' } })
    const [taken] = await claim(store, { now: until + 1 })
    assert.ok(taken, 'it must be taken')
    const { seq, attempt, tries, lapses, progress } = taken
    assert.deepEqual([seq, attempt, tries, lapses, progress], [added.seq, 2, 2, 1, '{"begun":["a"]}'])
    assert.equal(await settle(store, added), false)
  },

  'a delivery may start dead': async store => {
    const { seq } = await put(store, { start: { state: 'dead', error: 'unreadable' } })
    const { state, error, attempt } = await stored(store, seq)
    assert.deepEqual([state, error, attempt], ['dead', 'unreadable', 0])
    assert.deepEqual(await claim(store), [])
  },

  'how a duplicate would start does not matter': async store => {
    const start = { state: 'running', worker: 'web-1', until: store.now() + 60_000, progress: 'begun' } as const
    const dead = await bring(store, 'dead', { key: 'dead' }, { progress: 'kept' })
    await put(store, { key: 'dead', start })
    const done = await bring(store, 'done', { key: 'done' }, { progress: 'kept' })
    await put(store, { key: 'done', start })
    const waiting = await put(store, { key: 'waiting' })
    await put(store, { key: 'waiting', start: { state: 'dead', error: 'unreadable' } })
    const [first, second, third] = await Promise.all([dead, done, waiting].map(({ seq }) => stored(store, seq)))
    assert.deepEqual([first!.state, first!.progress, first!.worker], ['waiting', 'kept', 'worker-1'])
    assert.deepEqual([second!.state, second!.progress], ['done', 'kept'])
    assert.deepEqual([third!.state, third!.error], ['waiting', undefined])
  }
}
