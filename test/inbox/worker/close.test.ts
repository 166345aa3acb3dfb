import assert from 'node:assert/strict'
import { test } from 'node:test'
import { github } from '../../../receivers/github.ts'
import { Gate, handler, NOW, progressOf, triesOf, until, workshop } from './workshop.ts'

test('closing lets what runs come to its end', async () => {
  const gate = new Gate()
  const begun = new Gate()
  const { worker, put, get } = workshop([
    handler('a', () => {
      begun.open()
      return gate.passed
    }),
    handler('b')
  ])
  const seq = await put()
  worker.start()
  await begun.passed
  const closing = worker.close(60_000)
  gate.open()
  await closing
  assert.equal((await get(seq)).state, 'done')
})

test('at the deadline handlers are aborted, and the delivery is handed back with what is done, as if it had not been claimed', async () => {
  let signal: AbortSignal | undefined
  const { worker, another, put, get } = workshop([
    handler('a'),
    handler('b', (_, context) => {
      signal = context.signal
      return new Promise(() => {})
    })
  ])
  const seq = await put()
  worker.start()
  await until(() => signal !== undefined)
  await worker.close(5)
  assert.ok(signal!.aborted)
  const stored = await get(seq)
  assert.deepEqual([stored.state, stored.due, stored.attempt, stored.tries], ['waiting', NOW, 0, 0])
  assert.deepEqual(progressOf(stored).done, ['a'])
  assert.equal(stored.error, undefined)
  assert.deepEqual(
    triesOf(stored).map(({ attempt, outcome }) => [attempt, outcome]),
    [[1, 'released']]
  )
  const attempts: number[] = []
  const second = another([
    handler('a', () => assert.fail('it was done')),
    handler('b', ({ attempt }) => void attempts.push(attempt))
  ])
  await second.drain()
  assert.deepEqual(attempts, [1])
  assert.equal((await get(seq)).state, 'done')
})

test('what a handler does after the deadline changes nothing', async () => {
  const begun = new Gate()
  const gate = new Gate()
  let once: unknown
  const { worker, put, get } = workshop([
    handler('a', async (_, context) => {
      begun.open()
      await gate.passed
      once = await context.once('late', () => 1).catch((error: Error) => error)
    })
  ])
  const seq = await put()
  worker.start()
  await begun.passed
  await worker.close(0)
  const stored = await get(seq)
  gate.open()
  await until(() => once instanceof Error)
  assert.deepEqual(await get(seq), stored)
})

test('what had not begun is handed back at once', async () => {
  const gate = new Gate()
  const { worker, put, store, get } = workshop(
    [handler('a', ({ event }) => (event === 'slow' ? gate.passed : undefined))],
    { concurrency: 1, receivers: [github] }
  )
  for (let n = 0; n < 60; n++) await put()
  worker.start()
  await worker.drain()
  const slow = await put({ event: 'slow' })
  for (let n = 0; n < 20; n++) await put()
  worker.wake()
  await until(async () => (await store.count({ state: 'running' })) > 1)
  const closing = worker.close(60_000)
  await until(async () => (await store.count({ state: 'running' })) === 1)
  assert.equal((await get(slow)).state, 'running')
  for (const { attempt, tries, history } of await store.find({ state: 'waiting' }, { limit: 100 })) {
    assert.deepEqual([attempt, tries, history], [0, 0, ''])
  }
  gate.open()
  await closing
  assert.equal((await get(slow)).state, 'done')
})

test('stop() ends claims, and what runs goes on', async () => {
  const gate = new Gate()
  const { worker, put, get } = workshop([handler('a', () => gate.passed)])
  const first = await put()
  worker.start()
  await until(async () => (await get(first)).state === 'running')
  worker.stop()
  const second = await put()
  worker.wake()
  gate.open()
  await until(async () => (await get(first)).state === 'done')
  assert.equal((await get(second)).state, 'waiting')
  await worker.close()
})

test('closing under load loses nothing, and repeats nothing that was recorded', async () => {
  const ran = new Map<string, number>()
  const { worker, another, put, store } = workshop([])
  const chain = ['a', 'b', 'c'].map(name =>
    handler(name, async ({ data: { n } }) => {
      await new Promise(setImmediate)
      ran.set(`${n} ${name}`, (ran.get(`${n} ${name}`) ?? 0) + 1)
      await new Promise(setImmediate)
    })
  )
  for (let n = 0; n < 300; n++) await put({ data: JSON.stringify({ n }) })
  let closed = 0
  while ((await store.count({ state: ['waiting', 'running'] })) > 0) {
    const one = another(chain)
    one.start()
    const done = await store.count({ state: 'done' })
    await until(async () => (await store.count({ state: 'done' })) > done)
    await one.close(60_000)
    closed++
    assert.equal(await store.count({ state: 'running' }), 0)
  }
  assert.ok(closed > 1)
  assert.equal(await store.count({ state: 'done' }), 300)
  assert.equal(ran.size, 900)
  assert.ok([...ran.values()].every(times => times === 1))
  assert.ok(worker)
})

test('a worker that never worked closes, and closing twice is closing once', async () => {
  const { worker } = workshop([])
  await worker.close()
  await worker.close()
  await worker.drain()
})

test('drain() ends when the worker closes', async () => {
  const { worker, put, get } = workshop([handler('a', () => new Promise(() => {}))])
  const seq = await put()
  const draining = worker.drain()
  await until(async () => (await get(seq)).state === 'running')
  await Promise.all([worker.close(5), draining])
})
