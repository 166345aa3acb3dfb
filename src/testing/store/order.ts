import assert from 'node:assert/strict'
import { setTimeout } from 'node:timers/promises'
import type { Claimed, Store } from '../../store/store.ts'
import type { StoreChecks } from './engine.ts'
import { bring, claim, delivery, lapse, put, putEach, SETTLED, seqs, settle, soon, times } from './given.ts'

export const ordering: StoreChecks = {
  'of those with the same order one is taken at a time, and the first that arrived first': async store => {
    const numbers = await putEach(
      store,
      times(4).map(() => ({ order: 'o' }))
    )
    for (const seq of numbers) {
      const taken = await claim(store)
      assert.deepEqual(seqs(taken), [seq])
      assert.deepEqual(await claim(store), [])
      assert.equal(await settle(store, taken[0]!), true)
    }
  },

  'the first to arrive comes first, though another is due earlier': async store => {
    const now = store.now()
    const first = await bring(store, 'waiting', { order: 'o' }, { due: now + 500 })
    const second = await bring(store, 'waiting', { order: 'o' }, { due: now })
    const third = await bring(store, 'waiting', { order: 'o' }, { due: now - 500 })
    for (const { seq } of [first, second, third]) {
      const [taken] = await claim(store)
      assert.equal(taken?.seq, seq)
      await settle(store, taken!)
    }
  },

  'one that waits for its retry holds its successors': async store => {
    const [first, second] = await putEach(store, [{ order: 'o' }, { order: 'o' }])
    const due = store.now() + 3_600_000
    await settle(store, (await claim(store))[0]!, { state: 'waiting', due })
    assert.deepEqual(await claim(store), [])
    const [retried] = await claim(store, { now: due })
    assert.equal(retried?.seq, first)
    await settle(store, retried!)
    assert.deepEqual(seqs(await claim(store)), [second])
  },

  'one that is done, dead or ignored lets the next go': async store => {
    for (const state of SETTLED) {
      const [, second] = await putEach(store, [{ order: state }, { order: state }])
      const [taken] = await claim(store)
      assert.deepEqual(await claim(store), [])
      await settle(store, taken!, { state })
      const next = await claim(store)
      assert.deepEqual(seqs(next), [second], `a ${state} one must let the next go`)
      await settle(store, next[0]!)
    }
  },

  'one whose progress is written still holds its successors': async store => {
    await putEach(store, [{ order: 'o' }, { order: 'o' }])
    const [taken] = await claim(store)
    await settle(store, taken!, { state: 'running' })
    assert.deepEqual(await claim(store), [])
  },

  'one that started running or dead is in its order too': async store => {
    const running = await bring(store, 'running', { order: 'o' })
    await put(store, { order: 'o', start: { state: 'dead', error: 'unreadable' } })
    const last = await put(store, { order: 'o' })
    assert.deepEqual(await claim(store), [])
    await settle(store, running)
    assert.deepEqual(seqs(await claim(store)), [last.seq])
  },

  'where several started running, the next waits for all of them': async store => {
    const running = [await bring(store, 'running', { order: 'o' }), await bring(store, 'running', { order: 'o' })]
    const last = await put(store, { order: 'o' })
    for (const lease of running) {
      assert.deepEqual(await claim(store), [])
      assert.equal(await settle(store, lease), true)
    }
    assert.deepEqual(seqs(await claim(store)), [last.seq])
  },

  'other orders and those without one go on': async store => {
    const numbers = await putEach(store, [
      { order: 'a' },
      { order: 'a' },
      { order: 'A' },
      { order: 'a ' },
      { order: '' },
      {},
      {}
    ])
    const [first, , ...others] = numbers
    assert.deepEqual(new Set(seqs(await claim(store))), new Set([first, ...others]))
  },

  'a long queue of one order does not keep others from being taken': async store => {
    await Promise.all(times(300).map(() => put(store, { order: 'o' })))
    const [other, far] = await putEach(store, [{}, { receiver: 'globex' }])
    const receivers = ['acme', 'globex'].map(name => ({ name, limit: 1 }))
    const taken: Claimed[] = []
    for (const _ of times(3)) taken.push(...(await claim(store, { limit: 1, receivers })))
    assert.equal(new Set(seqs(taken)).size, 3)
    assert.ok(seqs(taken).includes(other!) && seqs(taken).includes(far!), 'the others must be taken')
    assert.deepEqual(await claim(store, { limit: 1, receivers }), [])
  },

  'a lapsed one is taken again before its successors': async store => {
    const [first] = await putEach(store, [{ order: 'o' }, { order: 'o' }])
    await claim(store)
    const again = await lapse(store, first!, 1)
    assert.deepEqual(await claim(store, { now: again.leaseUntil! - 1 }), [])
  },

  'one that was taken over holds its successors until it ends': async store => {
    const [first, second] = await putEach(store, [{ order: 'o' }, { order: 'o' }])
    await claim(store)
    const now = (await lapse(store, first!, 1)).leaseUntil! + 1
    assert.deepEqual(await claim(store, { now }), [])
    const [alone] = await claim(store, { now, alone: true })
    assert.equal(alone?.seq, first)
    await settle(store, alone!, { state: 'dead' })
    assert.deepEqual(seqs(await claim(store, { now })), [second])
  },

  'an earlier one that is put back to work comes before a later one that waits': async store => {
    const replayed = await bring(store, 'dead', { order: 'o' })
    const revived = await bring(store, 'dead', { order: 'p', key: 'p' })
    const later = await putEach(store, [{ order: 'o' }, { order: 'p' }])
    await store.requeue({ seq: replayed.seq }, { id: 'r', from: 'failed', limit: 10, now: store.now() })
    await put(store, { key: 'p' })
    const first = await claim(store)
    assert.deepEqual(new Set(seqs(first)), new Set(seqs([replayed, revived])))
    for (const lease of first) await settle(store, lease)
    assert.deepEqual(new Set(seqs(await claim(store))), new Set(later))
  },

  'an earlier one that is put back to work waits for a later one that runs': async store => {
    const { seq } = await bring(store, 'dead', { order: 'o' })
    const [, last] = await putEach(store, [{ order: 'o' }, { order: 'o' }])
    const [running] = await claim(store)
    await store.requeue({ seq }, { id: 'r', from: 'failed', limit: 10, now: store.now() })
    assert.deepEqual(await claim(store), [])
    await settle(store, running!)
    const [replayed] = await claim(store)
    assert.equal(replayed?.seq, seq)
    await settle(store, replayed!)
    assert.deepEqual(seqs(await claim(store)), [last])
  },

  'a lapsed one goes on before an earlier one that was put back to work: they do not hold each other': async store => {
    const { seq } = await bring(store, 'dead', { order: 'o' })
    const { seq: later } = await put(store, { order: 'o' })
    const [running] = await claim(store)
    await store.requeue({ seq }, { id: 'r', from: 'failed', limit: 10, now: store.now() })
    const now = running!.leaseUntil! + 1
    const [again] = await claim(store, { now })
    assert.deepEqual([again?.seq, again?.lapses], [later, 1])
    await settle(store, again!)
    assert.deepEqual(seqs(await claim(store, { now })), [seq])
  },

  'one that is described anew under another order lets the next go': async store => {
    const [first, second] = await putEach(store, [{ order: 'o' }, { order: 'o' }])
    await settle(store, (await claim(store))[0]!, { state: 'waiting', due: store.now() + 3_600_000 })
    assert.deepEqual(await claim(store), [])
    await store.describe(first!, [delivery({ order: 'p' })])
    assert.deepEqual(new Set(seqs(await claim(store))), new Set([first, second]))
  },

  'many claims at the same time never run two of the same order': store => assertInOrder([store])
}

export const orderAcross: StoreChecks = {
  'claims of two connections at the same time never run two of the same order': async (store, stores) =>
    assertInOrder([store, await stores.second(store)])
}

/** Works off eight queues with six workers, and sees to it that each queue goes one by one, in its order. */
async function assertInOrder(stores: readonly Store[]): Promise<void> {
  const [orders, each] = [8, 6]
  const numbers = await putEach(
    stores[0]!,
    times(orders * each).map(index => ({ order: `o${index % orders}` }))
  )
  const left = Map.groupBy(numbers, seq => orderOf(seq))
  const running = new Set<string>()
  function orderOf(seq: number): string {
    return `o${numbers.indexOf(seq) % orders}`
  }
  async function work(store: Store, worker: string): Promise<void> {
    let idle = 0
    while ([...left.values()].flat().length > 0) {
      const taken = await claim(store, { worker, now: soon(store), limit: 3 })
      if (taken.length === 0) {
        assert.ok(++idle < 1_000, 'what an order released must be taken')
        await setTimeout(5)
      }
      for (const { seq } of taken) {
        const order = orderOf(seq)
        assert.ok(!running.has(order), `two of ${order} run at the same time`)
        assert.equal(seq, left.get(order)![0], `${order} must go in the order of arrival`)
        running.add(order)
      }
      for (const lease of taken) {
        const order = orderOf(lease.seq)
        running.delete(order)
        left.get(order)!.shift()
        assert.equal(await settle(store, lease), true)
      }
    }
  }
  await Promise.all(times(6).map(index => work(stores[index % stores.length]!, `worker-${index}`)))
}
