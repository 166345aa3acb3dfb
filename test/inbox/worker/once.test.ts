import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runChain } from '../../../src/chain.ts'
import { LeaseLost } from '../../../src/errors.ts'
import { deliveryWith } from '../../handlers/deliveries.ts'
import { recordingLog } from '../stored.ts'
import { Gate, handler, progressOf, until, workshop } from './workshop.ts'

test('a step that was done is not run again by another try: its result is there', async () => {
  const results: unknown[] = []
  let steps = 0
  const { worker, put, get } = workshop([
    handler(
      'a',
      async ({ attempt }, { once }) => {
        results.push(await once('charge', async () => ({ id: ++steps, at: new Date(0) })))
        if (attempt === 1) throw new Error('broken')
      },
      { retry: [0] }
    )
  ])
  const seq = await put()
  await worker.drain()
  assert.equal((await get(seq)).state, 'done')
  assert.equal(steps, 1)
  // The first try is given what the second one gets.
  const asJson = { id: 1, at: '1970-01-01T00:00:00.000Z' }
  assert.deepEqual(results, [asJson, asJson])
})

test('a step is durable before once() resolves: a crash behind it does not repeat it', async () => {
  let steps = 0
  const kept = new Gate()
  const { worker, another, put, get, clock } = workshop([
    handler('a', async (_, { once }) => {
      await once('step', () => ++steps)
      kept.open()
      await new Promise(() => {})
    })
  ])
  const seq = await put()
  worker.start()
  await kept.passed
  assert.deepEqual(progressOf(await get(seq)).steps, { a: { step: 1 } })
  clock.time += 60_000
  await another([handler('a', async (_, { once }) => assert.equal(await once('step', () => ++steps), 1))]).drain()
  assert.equal((await get(seq)).state, 'done')
  assert.equal(steps, 1)
  await worker.close(0)
})

test('a step that throws is not kept', async () => {
  let steps = 0
  const { worker, put, get } = workshop([
    handler(
      'a',
      async (_, { once }) => {
        await once('step', () => {
          if (++steps < 3) throw new Error('broken')
        })
      },
      { retry: [0, 0] }
    )
  ])
  const seq = await put()
  await worker.drain()
  assert.equal((await get(seq)).state, 'done')
  assert.equal(steps, 3)
})

test('steps are known by handler and key, whatever the key is', async () => {
  const ran: string[] = []
  const step = (name: string) =>
    handler(name, async (_, { once }) => {
      for (const key of ['one', '__proto__', 'constructor', '']) {
        assert.equal(await once(key, () => ran.push(`${name} ${key}`)), ran.length)
      }
    })
  const { worker, put, get } = workshop([step('a'), step('__proto__')])
  const seq = await put()
  await worker.drain()
  assert.equal((await get(seq)).state, 'done')
  assert.equal(ran.length, 8)
  assert.deepEqual(Object.keys(progressOf(await get(seq)).steps!), ['a', '__proto__'])
})

test('a step that is asked for twice at the same time runs once', async () => {
  let steps = 0
  const { worker, put } = workshop([
    handler('a', async (_, { once }) => {
      const both = [once('step', async () => ++steps), once('step', async () => ++steps), once('other', () => 7)]
      assert.deepEqual(await Promise.all(both), [1, 1, 7])
    })
  ])
  await put()
  await worker.drain()
  assert.equal(steps, 1)
})

test('a step of nothing gives nothing, in every try', async () => {
  const seen: unknown[] = []
  const { worker, put } = workshop([
    handler(
      'a',
      async ({ attempt }, { once }) => {
        seen.push(await once('step', () => {}))
        if (attempt === 1) throw new Error('broken')
      },
      { retry: [0] }
    )
  ])
  await put()
  await worker.drain()
  assert.deepEqual(seen, [null, null])
})

test('a step of a handler whose time is over is not kept, and rejects', async () => {
  const late = new Gate()
  let rejected: unknown
  const { worker, put, get } = workshop([
    handler(
      'a',
      async (_, { once }) => {
        await late.passed
        await once('late', () => 1).catch(error => {
          rejected = error
        })
      },
      { timeout: 5, retry: [] }
    )
  ])
  const seq = await put()
  await worker.drain()
  late.open()
  await until(() => rejected !== undefined)
  assert.ok(rejected instanceof LeaseLost)
  assert.equal((await get(seq)).state, 'dead')
  assert.equal(progressOf(await get(seq)).steps, undefined)
})

test('a step whose lease was lost meanwhile is not kept, and rejects', async () => {
  const begun = new Gate()
  const gate = new Gate()
  let rejected: unknown
  const { worker, another, put, get, clock } = workshop([
    handler('a', async (_, { once }) => {
      begun.open()
      await once('step', () => gate.passed).catch(error => {
        rejected = error
      })
    })
  ])
  const seq = await put()
  const draining = worker.drain()
  await begun.passed
  clock.time += 60_000
  await another([handler('a')]).drain()
  gate.open()
  await draining
  assert.ok(rejected instanceof LeaseLost)
  assert.equal(progressOf(await get(seq)).steps, undefined)
})

test('without an inbox a step just runs, each time', async () => {
  let steps = 0
  const chain = [
    handler('a', async (_, { once }) => {
      assert.equal(await once('step', () => ++steps), 1)
      assert.equal(await once('step', async () => ++steps), 2)
    })
  ]
  const result = await runChain(chain, deliveryWith({}), recordingLog().log, new AbortController().signal)
  assert.equal(result.failed, undefined)
})
