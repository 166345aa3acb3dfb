import assert from 'node:assert/strict'
import { test } from 'node:test'
import { github } from '../../../receivers/github.ts'
import { Gate, handler, progressOf, until, workshop } from './workshop.ts'

test('so many deliveries are handled at a time, and no more', async () => {
  let running = 0
  let most = 0
  const gate = new Gate()
  const { worker, put, store } = workshop(
    [
      handler('a', async () => {
        most = Math.max(most, ++running)
        await gate.passed
        running--
      })
    ],
    { concurrency: 3, receivers: [github] }
  )
  for (let n = 0; n < 10; n++) await put()
  const draining = worker.drain()
  await until(() => running === 3)
  gate.open()
  await draining
  assert.equal(most, 3)
  assert.equal(await store.count({ state: 'done' }), 10)
})

test('a flood of one receiver leaves half of the places to the others, and they need not wait for it', async () => {
  const running: string[] = []
  const gate = new Gate()
  const { worker, put, get } = workshop(
    [
      handler('a', async ({ receiver }) => {
        running.push(receiver)
        if (receiver === 'github') await gate.passed
      })
    ],
    { concurrency: 4 }
  )
  for (let n = 0; n < 300; n++) await put()
  worker.start()
  worker.wake()
  await until(() => running.length === 2)
  const quiet = await put({ receiver: 'slack', event: 'message' })
  worker.wake()
  await until(async () => (await get(quiet)).state === 'done')
  assert.deepEqual(running, ['github', 'github', 'slack'])
  gate.open()
  await worker.drain()
  await worker.close()
})

test('two floods of fast deliveries do not keep a third receiver waiting', async () => {
  const ran: string[] = []
  const { worker, put, store } = workshop([handler('a', async ({ receiver }) => void ran.push(receiver))], {
    concurrency: 4
  })
  for (let n = 0; n < 1000; n++) {
    await put()
    await put({ receiver: 'slack', event: 'message' })
  }
  await put({ receiver: 'stripe', event: 'charge.succeeded' })
  await worker.drain()
  assert.equal(await store.count({ state: 'done' }), 2001)
  assert.ok(ran.indexOf('stripe') < 200, `it was the ${ran.indexOf('stripe')}th`)
})

test('one receiver may be given fewer places', async () => {
  let running = 0
  const gate = new Gate()
  const { worker, put } = workshop(
    [
      handler('a', () => {
        running++
        return gate.passed
      })
    ],
    {
      concurrency: 4,
      perReceiver: 1
    }
  )
  await put()
  await put()
  await put({ receiver: 'slack', event: 'message' })
  const draining = worker.drain()
  await until(() => running === 2)
  await new Promise(setImmediate)
  assert.equal(running, 2)
  gate.open()
  await draining
})

test('deliveries of one order run one after the other, as they came; a retry holds those behind it, a dead one lets them go', async () => {
  const ran: string[] = []
  let isBroken = true
  const { worker, put, get, clock } = workshop([
    handler(
      'a',
      async ({ data: { n } }) => {
        ran.push(n)
        await new Promise(setImmediate)
        ran.push(`${n} ended`)
        if (n === '1' && isBroken) throw new Error('broken')
      },
      { retry: [1000] }
    )
  ])
  const seqs: number[] = []
  for (const n of ['1', '2', '3']) seqs.push(await put({ data: JSON.stringify({ n }), order: 'o' }))
  const other = await put({ data: '{"n":"other"}', order: 'p' })
  await worker.drain()
  assert.deepEqual(
    ran.filter(one => /^\d/.test(one)),
    ['1', '1 ended']
  )
  assert.equal((await get(other)).state, 'done')
  clock.time += 1000
  await worker.drain()
  assert.equal((await get(seqs[0]!)).state, 'dead')
  assert.deepEqual(ran.filter(one => /^\d/.test(one)).slice(2), ['1', '1 ended', '2', '2 ended', '3', '3 ended'])
  isBroken = false
})

test('a paused receiver is left alone until it is resumed', async () => {
  const { worker, put, get, store } = workshop([handler('a')])
  await store.pause('github', true)
  const held = await put()
  const free = await put({ receiver: 'slack', event: 'message' })
  await worker.drain()
  assert.equal((await get(held)).state, 'waiting')
  assert.equal((await get(free)).state, 'done')
  await store.pause('github', false)
  await worker.drain()
  assert.equal((await get(held)).state, 'done')
})

test('progress is written while the next handler runs, and not at all where that is done in no time', async () => {
  const gate = new Gate()
  let running = 0
  const { worker, put, get } = workshop(
    [
      handler('a'),
      handler('b', async () => {}),
      handler('c', ({ event }) => (event === 'slow' ? gate.passed : undefined))
    ],
    {
      seen: store =>
        new Proxy(store, {
          get(target, name: keyof typeof store) {
            if (name !== 'settle') {
              const member = target[name] as unknown
              return typeof member === 'function' ? member.bind(target) : member
            }
            return async (...[lease, settlement]: Parameters<typeof store.settle>) => {
              if (settlement.state === 'running') running++
              assert.deepEqual(Object.keys(lease), ['seq', 'fence'])
              return target.settle(lease, settlement)
            }
          }
        })
    }
  )
  const fast = await put()
  await worker.drain()
  assert.equal((await get(fast)).state, 'done')
  assert.equal(running, 0)
  const slow = await put({ event: 'slow' })
  const draining = worker.drain()
  await until(async () => progressOf(await get(slow)).done.length === 2)
  assert.equal((await get(slow)).state, 'running')
  gate.open()
  await draining
  assert.equal(running, 1)
})

test('drain() works off what is due, and what becomes due by that, then resolves', async () => {
  let tries = 0
  const { worker, put, store } = workshop([
    handler(
      'a',
      () => {
        if (++tries % 2 === 1) throw new Error('broken')
      },
      { retry: [0] }
    )
  ])
  await worker.drain()
  for (let n = 0; n < 50; n++) await put()
  await put({ event: 'later' })
  await Promise.all([worker.drain(), worker.drain()])
  assert.equal(await store.count({ state: 'done' }), (await store.count({})) - (await store.count({ state: 'dead' })))
  assert.equal(await store.count({ state: ['waiting', 'running'] }), 0)
})

test('two workers share a store: each delivery is handled once', async () => {
  const ran: number[] = []
  const { worker, another, put, store } = workshop([handler('a', async ({ data }) => void ran.push(data.n))])
  for (let n = 0; n < 500; n++) await put({ data: JSON.stringify({ n }) })
  await Promise.all([worker.drain(), another().drain()])
  assert.equal(new Set(ran).size, 500)
  assert.equal(ran.length, 500)
  assert.equal(await store.count({ state: 'done' }), 500)
})

test('a worker with slow handlers does not claim what another one could begin', async () => {
  const gate = new Gate()
  let running = 0
  const slow = handler('a', async () => {
    running++
    await gate.passed
  })
  const { worker, another, put } = workshop([slow], { concurrency: 2, receivers: [github] })
  for (let n = 0; n < 8; n++) await put()
  worker.start()
  worker.wake()
  await until(() => running === 2)
  const second = another()
  second.start()
  second.wake()
  await until(() => running === 4)
  gate.open()
  await Promise.all([worker.drain(), second.drain()])
  await Promise.all([worker.close(), second.close()])
})

test('handlers that never wait let everything else in the process have its turn', async () => {
  let turns = 0
  let isOver = false
  const count = (): void => {
    turns++
    if (!isOver) setImmediate(count)
  }
  const burn = (): void => {
    const end = performance.now() + 2
    while (performance.now() < end);
  }
  const { worker, put } = workshop([handler('a', burn)], { receivers: [github] })
  for (let n = 0; n < 100; n++) await put()
  setImmediate(count)
  await worker.drain()
  isOver = true
  assert.ok(turns >= 20, `${turns} turns`)
})
