import assert from 'node:assert/strict'
import { test } from 'node:test'
import { StoreUnavailable } from '../../src/errors.ts'
import { Janitor } from '../../src/inbox/janitor.ts'
import type { Store } from '../../src/store/store.ts'
import { memoryStore } from '../store/memory.ts'
import { fill, NOW, pushRequest, recordingLog, settleAll } from './stored.ts'

const DAY = 86_400_000

/** A store in which one method is another. */
function withMethod(store: Store, name: keyof Store, method: (...args: any[]) => unknown): Store {
  return new Proxy(store, {
    get(target, key) {
      if (key === name) return method
      const member = Reflect.get(target, key, target)
      return typeof member === 'function' ? member.bind(target) : member
    }
  })
}

async function refuse(store: Store, at: number): Promise<void> {
  const rejected = { receiver: 'github', instance: '', stage: 'proof', reason: 'signature-missing', hint: undefined }
  await store.addRejected({ ...rejected, at, request: pushRequest(), size: 1, secretHash: undefined }, 1000)
}

test('deletes what is settled and came more than 30 days ago, and refused requests after 7', async () => {
  const store = memoryStore({ now: () => NOW })
  const old = NOW - 30 * DAY - 1
  await fill(store, [{ receivedAt: old }, { receivedAt: NOW - 30 * DAY }])
  await settleAll(store, { state: 'done' })
  const [waiting] = await fill(store, [{ receivedAt: old }])
  await refuse(store, NOW - 7 * DAY - 1)
  await refuse(store, NOW - 7 * DAY)
  await new Janitor({ store, log: recordingLog().log }).sweep()
  assert.deepEqual(
    (await store.find({ until: NOW - 30 * DAY }, { limit: 9 })).map(({ seq }) => seq),
    [waiting]
  )
  assert.equal(await store.count({}), 2)
  assert.equal((await store.findRejected({}, { limit: 9 })).length, 1)
})

test('keeps for as long as it is told', async () => {
  const store = memoryStore({ now: () => NOW })
  await fill(store, [{ receivedAt: NOW - 5000 }])
  await settleAll(store, { state: 'dead' })
  await refuse(store, NOW - 5000)
  await new Janitor({ store, log: recordingLog().log, retention: 5000, rejectedRetention: 5000 }).sweep()
  assert.deepEqual([await store.count({}), (await store.findRejected({}, { limit: 9 })).length], [1, 1])
  await new Janitor({ store, log: recordingLog().log, retention: 4999, rejectedRetention: 4999 }).sweep()
  assert.deepEqual([await store.count({}), (await store.findRejected({}, { limit: 9 })).length], [0, 0])
})

test('goes in steps of a thousand until nothing is left', async () => {
  const memory = memoryStore({ now: () => NOW })
  await fill(
    memory,
    Array.from({ length: 2500 }, () => ({ receivedAt: 0 }))
  )
  for (let round = 0; round < 3; round++) await settleAll(memory, { state: 'done' })
  const steps: number[] = []
  const store = withMethod(memory, 'prune', async (before, limit) => {
    assert.equal(limit, 1000)
    const count = await memory.prune(before, limit)
    steps.push(count)
    return count
  })
  await new Janitor({ store, log: recordingLog().log }).sweep()
  assert.deepEqual(steps, [1000, 1000, 500, 0])
})

test('sweeps every minute, says what is wrong unless the store is only down, and stops', async t => {
  t.mock.timers.enable({ apis: ['setInterval'] })
  let failure: Error | undefined = new StoreUnavailable('memory', 'it is down')
  let sweeps = 0
  const store = withMethod(memoryStore({ now: () => NOW }), 'prune', async () => {
    sweeps++
    if (failure) throw failure
    return 0
  })
  const { log, lines } = recordingLog()
  const janitor = new Janitor({ store, log })
  janitor.start()
  const minute = async () => {
    t.mock.timers.tick(60_000)
    for (let turn = 0; turn < 10; turn++) await Promise.resolve()
  }
  t.mock.timers.tick(59_999)
  assert.equal(sweeps, 0)
  t.mock.timers.tick(1)
  for (let turn = 0; turn < 10; turn++) await Promise.resolve()
  await minute()
  // Whoever watches the store has said so.
  assert.deepEqual(lines, [])
  failure = new Error('a mistake')
  await minute()
  failure = undefined
  await minute()
  assert.deepEqual(
    lines.map(({ level }) => level),
    ['error']
  )
  assert.equal(sweeps, 4)
  await janitor.stop()
  await minute()
  assert.equal(sweeps, 4)
})

test('stops between two steps', async () => {
  const { promise, resolve } = Promise.withResolvers<number>()
  let steps = 0
  const store = withMethod(memoryStore({ now: () => NOW }), 'prune', () => {
    steps++
    return promise
  })
  const janitor = new Janitor({ store, log: recordingLog().log })
  const sweeping = janitor.sweep()
  const stopping = janitor.stop()
  resolve(1000)
  await Promise.all([sweeping, stopping])
  assert.equal(steps, 1)
})
