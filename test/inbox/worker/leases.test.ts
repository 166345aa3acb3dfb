import assert from 'node:assert/strict'
import { test } from 'node:test'
import { InvalidConfiguration, InvalidHandler } from '../../../src/errors.ts'
import type { Worker } from '../../../src/inbox/worker/worker.ts'
import { Gate, handler, NOW, progressOf, triesOf, until, workshop } from './workshop.ts'

/** A process that died: nothing it holds is ever heard of again. */
const never = () => new Promise<void>(() => {})

test('after a crash another worker goes on, once the lease is over, at the handler that had not ended', async () => {
  const ran: string[] = []
  const begun = new Gate()
  const { worker, another, put, get, clock } = workshop([
    handler('a', () => void ran.push('a')),
    handler('b', () => {
      ran.push('b')
      begun.open()
      return never()
    })
  ])
  const seq = await put()
  worker.start()
  worker.wake()
  await begun.passed
  await until(async () => progressOf(await get(seq)).done.length === 1)
  const second = another([handler('a', () => assert.fail('it was done')), handler('b', () => void ran.push('b again'))])
  await second.drain()
  assert.deepEqual(ran, ['a', 'b'], 'the lease still holds')
  clock.time += 60_000
  await second.drain()
  assert.deepEqual(ran, ['a', 'b', 'b again'])
  const stored = await get(seq)
  assert.equal(stored.state, 'done')
  assert.deepEqual(
    triesOf(stored).map(({ attempt, outcome }) => [attempt, outcome]),
    [
      [1, 'lapsed'],
      [2, 'done']
    ]
  )
  await worker.close(0)
})

test('a worker that comes back after its lease writes nothing: its result is lost, the other one counts', async () => {
  const gate = new Gate()
  const begun = new Gate()
  const slow = handler('slow', () => {
    begun.open()
    return gate.passed
  })
  const { worker, another, put, get, clock, lines } = workshop([slow])
  const seq = await put()
  worker.start()
  worker.wake()
  await begun.passed
  clock.time += 60_000
  const hold = new Gate()
  const second = another([handler('slow', () => hold.passed)])
  const draining = second.drain()
  await until(async () => (await get(seq)).worker === second.name)
  gate.open()
  await until(() => lines.some(({ text }) => /lease is lost/.test(text)))
  assert.equal((await get(seq)).state, 'running')
  assert.equal((await get(seq)).history, '')
  hold.open()
  await draining
  const stored = await get(seq)
  assert.equal(stored.state, 'done')
  assert.equal(triesOf(stored).at(-1)!.worker, second.name)
  await worker.close()
})

test('while a handler runs, its lease is extended', async () => {
  const gate = new Gate()
  const { worker, put, get, clock } = workshop([handler('a', () => gate.passed)], { lease: 30 })
  const seq = await put()
  const draining = worker.drain()
  await until(async () => (await get(seq)).state === 'running')
  clock.time += 20
  await until(async () => (await get(seq)).leaseUntil === NOW + 50)
  gate.open()
  await draining
  assert.equal((await get(seq)).state, 'done')
})

test('what waits for its turn is extended, too, and dropped where it was lost', async () => {
  const gate = new Gate()
  const ran: number[] = []
  const slow = handler('a', async ({ data }) => {
    if (data.n === 0) return
    ran.push(data.n)
    await gate.passed
  })
  const { worker, put, get, another, clock } = workshop([slow], { concurrency: 1, lease: 30 })
  // Where all is done in no time, some are claimed ahead.
  for (let n = 0; n < 60; n++) await put({ data: '{"n":0}' })
  await worker.drain()
  const first = await put({ data: '{"n":1}' })
  const second = await put({ data: '{"n":2}' })
  const draining = worker.drain()
  await until(async () => ran.length === 1 && (await get(first)).attempt === 1 && (await get(second)).attempt === 1)
  const until1 = (await get(second)).leaseUntil!
  clock.time += 20
  await until(async () => (await get(second)).leaseUntil! > until1)

  // Both are taken by somebody else, as if this process had been stopped.
  const taken: number[] = []
  clock.time += 60
  const other = another([handler('a', ({ data }) => void taken.push(data.n))], { lease: 60_000 })
  await other.drain()
  gate.open()
  await draining
  assert.deepEqual(ran, [1])
  assert.deepEqual(taken.sort(), [1, 2])
  assert.equal((await get(second)).worker, other.name)
})

test('a lost lease aborts the signal of the handler that runs', async () => {
  const begun = new Gate()
  const aborted = new Gate()
  const { worker, put, get, another, clock } = workshop(
    [
      handler('a', (_, { signal }) => {
        signal.addEventListener('abort', aborted.open)
        begun.open()
        return never()
      })
    ],
    { lease: 30 }
  )
  const seq = await put()
  const draining = worker.drain()
  await begun.passed
  // Before the heartbeat can say otherwise.
  clock.time += 40
  await another([handler('a')], { lease: 60_000 }).drain()
  await aborted.passed
  await draining
  assert.equal((await get(seq)).state, 'done')
})

test('a delivery that always takes its process with it is dead after its tries, and says so', async () => {
  const { another, put, get, clock } = workshop([])
  const seq = await put()
  let tries = 0
  const poison = handler(
    'poison',
    () => {
      tries++
      return never()
    },
    { retry: [0, 0] }
  )
  const died: Worker[] = []
  while ((await get(seq)).state !== 'dead') {
    const before = tries
    const worker = another([poison])
    died.push(worker)
    worker.start()
    await until(async () => (await get(seq)).state === 'dead' || tries > before)
    worker.stop()
    clock.time += 60_000
  }
  const stored = await get(seq)
  assert.equal(tries, 3)
  assert.match(stored.error!, /was claimed 3 times and never ended.*handler poison/)
  assert.deepEqual(
    triesOf(stored).map(({ attempt, outcome }) => [attempt, outcome]),
    [
      [1, 'lapsed'],
      [2, 'lapsed'],
      [3, 'lapsed'],
      [4, 'dead']
    ]
  )
  for (const worker of died) await worker.close(0)
})

test('a delivery whose claims lapsed twice runs with nothing beside it', async () => {
  const { another, put, get, clock } = workshop([])
  const poison = await put({ data: '{"n":0}' })
  const died: Worker[] = []
  for (const attempt of [1, 2, 3]) {
    const dying = another([handler('a', never)])
    died.push(dying)
    dying.start()
    await until(async () => (await get(poison)).attempt === attempt)
    dying.stop()
    clock.time += 60_000
  }

  const running = new Set<number>()
  const beside: number[] = []
  const gates = Array.from({ length: 6 }, () => new Gate())
  for (let n = 1; n <= 5; n++) await put({ data: JSON.stringify({ n }) })
  const worker = another([
    handler('a', async ({ data: { n } }) => {
      running.add(n)
      if (n === 0) beside.push(...running)
      else if (running.has(0)) beside.push(n)
      await gates[n]!.passed
      running.delete(n)
    })
  ])
  const draining = worker.drain()
  await until(() => running.size === 5)
  for (const gate of gates.slice(1)) gate.open()
  await until(() => running.has(0))
  const late = await put({ data: '{"n":5}' })
  worker.wake()
  await new Promise(resolve => setTimeout(resolve, 20))
  assert.equal((await get(late)).state, 'waiting')
  gates[0]!.open()
  await draining
  assert.deepEqual(beside, [0])
  assert.equal((await get(poison)).state, 'done')
  assert.equal((await get(late)).state, 'done')
  for (const dead of died) await dead.close(0)
})

test('a lease that is not longer than a time-out is refused, by the names of both', () => {
  const { another } = workshop([])
  assert.doesNotThrow(() => another([handler('a', undefined, { timeout: 999 })], { lease: 1000 }).check())
  assert.throws(
    () => another([handler('too-slow', undefined, { timeout: 1000 })], { lease: 1000 }).check(),
    (error: Error) =>
      error instanceof InvalidHandler && /too-slow.*`timeout` of 1000 ms.*`lease` of 1000 ms/.test(error.message)
  )
})

for (const options of [{ concurrency: 0 }, { perReceiver: 1.5 }, { lease: -1 }, { concurrency: Number.NaN }]) {
  test(`the option ${JSON.stringify(options)} is refused by its name`, () => {
    const [name] = Object.keys(options)
    assert.throws(
      () => workshop([], options),
      (error: Error) => error instanceof InvalidConfiguration && error.message.includes(`worker.${name}`)
    )
  })
}
