import assert from 'node:assert/strict'
import type { RejectedCount } from '../../store/store.ts'
import type { StoreChecks } from './engine.ts'
import { arrival, assertRequest, bring, claim, delivery, put, SETTLED, seqs, settle, stored, times } from './given.ts'
import { refused } from './rejected.ts'

export const counting: StoreChecks = {
  'deliveries are counted by receiver and state': async store => {
    for (const _ of times(3)) await bring(store, 'waiting')
    for (const state of ['running', 'done', 'dead', 'ignored'] as const) await bring(store, state)
    await bring(store, 'dead', { receiver: 'globex' })
    const { states } = await store.stats()
    const counts = states.filter(({ count }) => count > 0).map(({ receiver, state, count }) => [receiver, state, count])
    assert.deepEqual(counts.toSorted(), [
      ['acme', 'dead', 1],
      ['acme', 'done', 1],
      ['acme', 'ignored', 1],
      ['acme', 'running', 1],
      ['acme', 'waiting', 3],
      ['globex', 'dead', 1]
    ])
  },

  'an empty store counts nothing': async store => {
    const { states, oldestDue, duplicates, rejected } = await store.stats()
    assert.deepEqual([states.length, oldestDue, duplicates, rejected.length], [0, undefined, 0, 0])
  },

  'the oldest that is due now is told by when it was due': async store => {
    const now = store.now()
    await bring(store, 'waiting', {}, { due: now + 3_600_000 })
    assert.equal((await store.stats()).oldestDue, undefined)
    await bring(store, 'waiting', {}, { due: now - 5_000 })
    await bring(store, 'waiting', {}, { due: now - 9_000 })
    await bring(store, 'done')
    await bring(store, 'running')
    assert.equal((await store.stats()).oldestDue, now - 9_000)
  },

  'duplicates are counted': async store => {
    for (const key of ['a', 'a', 'a', 'b', 'b', 'c']) await put(store, { key })
    assert.equal((await store.stats()).duplicates, 3)
  },

  'counts of refused requests add up, by receiver and reason': async store => {
    const count = (receiver: string, reason: string, more: number): RejectedCount => ({ receiver, reason, count: more })
    await store.countRejected([])
    await store.countRejected([count('acme', 'a', 2), count('globex', 'a', 1)])
    await Promise.all(times(10).map(() => store.countRejected([count('acme', 'a', 3), count('acme', 'b', 1)])))
    await store.countRejected([count('acme', 'b', 1), count('acme', 'b', 1)])
    await store.addRejected(refused({ reason: 'a' }), 10)
    const { rejected } = await store.stats()
    const sorted = rejected.map(({ receiver, reason, count }) => `${receiver} ${reason} ${count}`).toSorted()
    assert.deepEqual(sorted, ['acme a 32', 'acme b 12', 'globex a 1'])
  }
}

export const pausing: StoreChecks = {
  'paused receivers are told, each once, until they go on': async store => {
    assert.deepEqual(await store.paused(), [])
    for (const name of ['acme', 'globex', 'acme', "it's 😀"]) await store.pause(name, true)
    assert.deepEqual((await store.paused()).toSorted(), ['acme', 'globex', "it's 😀"])
    for (const name of ['acme', 'acme', 'nobody']) await store.pause(name, false)
    assert.deepEqual((await store.paused()).toSorted(), ['globex', "it's 😀"])
  },

  'a paused receiver still receives, and what runs may end': async store => {
    const running = await bring(store, 'running', { order: 'o' })
    await store.pause('acme', true)
    const { duplicate, seq } = await put(store, { order: 'o' })
    assert.equal(duplicate, false)
    assert.equal(await settle(store, running), true)
    assert.deepEqual(await claim(store), [])
    await store.pause('acme', false)
    assert.deepEqual(seqs(await claim(store)), [seq])
  }
}

export const pruning: StoreChecks = {
  'done, dead and ignored ones that arrived before are deleted, and nothing else': async store => {
    const old = { receivedAt: 1_000 }
    const kept = [await bring(store, 'waiting', old), await bring(store, 'running', old)]
    const gone = []
    for (const state of SETTLED) gone.push(await bring(store, state, old))
    for (const state of SETTLED) kept.push(await bring(store, state, { receivedAt: 2_000 }))
    assert.equal(await store.prune(2_000, 1_000), 3)
    assert.deepEqual(seqs(await store.find({}, { limit: 100 })), seqs(kept).toReversed())
    for (const { seq } of gone) {
      assert.equal(await store.get(seq), undefined)
      assert.equal(await store.request(seq), undefined)
    }
    assert.equal(await store.prune(2_000, 1_000), 0)
  },

  'at most so many at a time, the oldest first': async store => {
    const numbers: number[] = []
    for (const receivedAt of [1_000, 1_001, 1_002, 1_003, 1_004]) {
      numbers.push((await bring(store, 'done', { receivedAt })).seq)
    }
    const counts = [await store.prune(5_000, 2)]
    assert.deepEqual(seqs(await store.find({}, { limit: 9 })), numbers.slice(2).toReversed())
    for (const _ of times(3)) counts.push(await store.prune(5_000, 2))
    assert.deepEqual(counts, [2, 2, 1, 0])
  },

  'a request stays as long as a delivery points at it': async store => {
    const items = [delivery({ event: 'a' }), delivery({ event: 'b' })]
    const [first, second] = await store.add(arrival({ body: 'shared' }, items))
    const claimed = await claim(store)
    await settle(store, claimed.find(({ seq }) => seq === first!.seq)!)
    assert.equal(await store.prune(Number.MAX_SAFE_INTEGER, 10), 1)
    assert.equal(await store.request(first!.seq), undefined)
    assertRequest(await store.request(second!.seq), arrival({ body: 'shared' }).request)
    await settle(store, claimed.find(({ seq }) => seq === second!.seq)!)
    assert.equal(await store.prune(Number.MAX_SAFE_INTEGER, 10), 1)
    assert.equal(await store.request(second!.seq), undefined)
  },

  'afterwards the key is new again, under a number of its own': async store => {
    const { seq } = await bring(store, 'done', { key: 'e1' })
    await store.prune(Number.MAX_SAFE_INTEGER, 10)
    const again = await put(store, { key: 'e1' })
    assert.equal(again.duplicate, false)
    assert.ok(again.seq > seq, 'no number is given twice')
    assert.equal((await stored(store, again.seq)).duplicates, 0)
  }
}
