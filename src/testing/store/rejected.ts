import assert from 'node:assert/strict'
import type { NewRejected, Store } from '../../store/store.ts'
import type { StoreChecks } from './engine.ts'
import { ascending, assertRequest, assertSame, bring, claim, put, seqs, times } from './given.ts'

export function refused(change: Partial<NewRejected> = {}): NewRejected {
  return {
    ...{ at: 1_000, receiver: 'acme', instance: '', stage: 'proof', reason: 'signature-mismatch' },
    hint: undefined,
    request: {
      method: 'POST',
      url: '/acme?a=%20',
      headers: { 'x-one': '1', 'x-two': ['a', 'b'] },
      body: Buffer.from('{}')
    },
    size: 2,
    secretHash: undefined,
    ...change
  }
}

export const rejecting: StoreChecks = {
  'a refused request is kept with all that is said of it': async store => {
    const whole = refused({ hint: 'it’s 5 s off; "100%" 😀', secretHash: 'hash+/=', instance: 'shop', size: 70_000 })
    const body = Buffer.from(times(256))
    for (const one of [whole, refused(), refused({ hint: '', request: { ...whole.request, body } })]) {
      const seq = await store.addRejected(one, 100)
      const { request, ...rest } = (await store.getRejected(seq))!
      const { request: expected, ...given } = one
      assertSame(rest, { ...given, seq })
      assertRequest(request, expected)
    }
  },

  'the newest come first, without bodies': async store => {
    const numbers = await keep(store, [refused(), refused({ receiver: 'globex' }), refused()])
    const found = await store.findRejected({}, { limit: 10 })
    assert.deepEqual(seqs(found), numbers.toReversed())
    for (const { request, size } of found) {
      assertRequest(request, { ...refused().request, body: new Uint8Array() })
      assert.equal(size, 2)
    }
  },

  'pages go on below a number': async store => {
    const numbers = await keep(
      store,
      times(5).map(() => refused())
    )
    const first = await store.findRejected({}, { limit: 3 })
    await keep(store, [refused()])
    const second = await store.findRejected({}, { limit: 3, before: first[2]?.seq })
    assert.deepEqual(seqs([...first, ...second]), numbers.toReversed())
  },

  'they are found by receiver, instance and reason': async store => {
    const [a, b, c] = await keep(store, [
      refused(),
      refused({ receiver: 'globex', instance: 'shop' }),
      refused({ instance: 'shop', reason: 'token-missing' })
    ])
    const found = async (filter: Parameters<Store['findRejected']>[0]) =>
      ascending(seqs(await store.findRejected(filter, { limit: 10 })))
    assert.deepEqual(await found({ receiver: 'acme' }), [a, c])
    assert.deepEqual(await found({ instance: 'shop' }), [b, c])
    assert.deepEqual(await found({ instance: '' }), [a])
    assert.deepEqual(await found({ reason: 'token-missing' }), [c])
    assert.deepEqual(await found({ receiver: 'globex', instance: 'shop', reason: 'signature-mismatch' }), [b])
    assert.deepEqual(await found({ receiver: 'globex', reason: 'token-missing' }), [])
    assert.deepEqual(await found({ receiver: undefined }), [a, b, c])
  },

  'only the newest stay': async store => {
    const numbers = await keep(
      store,
      times(8).map(() => refused()),
      3
    )
    assert.deepEqual(seqs(await store.findRejected({}, { limit: 100 })), numbers.slice(-3).toReversed())
    assert.equal(await store.getRejected(numbers[0]!), undefined)
    await keep(store, [refused()], 1)
    assert.equal((await store.findRejected({}, { limit: 100 })).length, 1)
  },

  'one is removed, and no other': async store => {
    const [first, second] = await keep(store, [refused(), refused()])
    await store.removeRejected(first!)
    await store.removeRejected(first!)
    assert.equal(await store.getRejected(first!), undefined)
    assert.deepEqual(seqs(await store.findRejected({}, { limit: 10 })), [second])
    const third = await store.addRejected(refused(), 100)
    assert.ok(third > second!, 'no number is given twice')
  },

  'those of before a time are deleted': async store => {
    const numbers = await keep(
      store,
      [1_000, 1_999, 2_000, 3_000].map(at => refused({ at }))
    )
    assert.equal(await store.pruneRejected(2_000), 2)
    assert.deepEqual(ascending(seqs(await store.findRejected({}, { limit: 10 }))), numbers.slice(2))
    assert.equal(await store.pruneRejected(2_000), 0)
  },

  'they are no deliveries': async store => {
    await keep(store, [refused()])
    assert.deepEqual([await store.count({}), (await claim(store)).length], [0, 0])
    assert.equal(await store.prune(Number.MAX_SAFE_INTEGER, 10), 0)
    assert.equal((await store.findRejected({}, { limit: 10 })).length, 1)
    await bring(store, 'done')
    await put(store)
    await store.pruneRejected(Number.MAX_SAFE_INTEGER)
    assert.equal(await store.count({}), 2)
  }
}

async function keep(store: Store, all: readonly NewRejected[], most = 100): Promise<number[]> {
  const numbers: number[] = []
  for (const one of all) numbers.push(await store.addRejected(one, most))
  return numbers
}
