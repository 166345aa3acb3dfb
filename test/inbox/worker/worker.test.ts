import assert from 'node:assert/strict'
import { test } from 'node:test'
import { github } from '../../../receivers/github.ts'
import { MalformedBody } from '../../../src/errors.ts'
import { FunctionHandler, on } from '../../../src/handler.ts'
import { DEFAULT_RETRY, Reject, Retry } from '../../../src/retry.ts'
import { memoryStore } from '../../store/memory.ts'
import { fill } from '../stored.ts'
import { handler, NOW, progressOf, triesOf, until, workshop } from './workshop.ts'

const fail = () => {
  throw new Error('broken')
}

test('a delivery whose handlers are all done is done', async () => {
  const ran: string[] = []
  const { worker, put, get } = workshop([
    handler('a', () => void ran.push('a')),
    handler('b', async () => void ran.push('b'))
  ])
  const seq = await put()
  await worker.drain()
  const stored = await get(seq)
  assert.deepEqual(ran, ['a', 'b'])
  assert.equal(stored.state, 'done')
  assert.equal(stored.error, undefined)
  assert.deepEqual(progressOf(stored).done, ['a', 'b'])
})

test('what was tried says who, when and how each handler ended', async () => {
  const { worker, put, get } = workshop([handler('a'), handler('b', fail)])
  const seq = await put()
  await worker.drain()
  const [first, ...others] = triesOf(await get(seq))
  assert.deepEqual(others, [])
  const { handlers, ...rest } = first!
  assert.deepEqual(rest, { attempt: 1, worker: worker.name, startedAt: NOW, endedAt: NOW, outcome: 'retry' })
  assert.deepEqual(
    handlers.map(({ ms, ...one }) => one),
    [
      { name: 'a', outcome: 'done' },
      { name: 'b', outcome: 'failed', error: 'broken' }
    ]
  )
})

test('a delivery that no handler accepts is ignored', async () => {
  const { worker, put, get } = workshop([new FunctionHandler(on(github, 'issues.*'), { name: 'a' }, () => {})])
  const seq = await put({ event: 'push' })
  await worker.drain()
  assert.equal((await get(seq)).state, 'ignored')
})

test('after a failure the delivery waits as long as the schedule says, and goes on at the handler that failed', async () => {
  const ran: string[] = []
  let isBroken = true
  const { worker, put, get, clock } = workshop([
    handler('a', () => void ran.push('a')),
    handler('b', () => {
      ran.push('b')
      if (isBroken) fail()
    }),
    handler('c', () => void ran.push('c'))
  ])
  const seq = await put()
  await worker.drain()
  const stored = await get(seq)
  assert.equal(stored.state, 'waiting')
  assert.equal(stored.due, NOW + DEFAULT_RETRY[0]!)
  assert.equal(stored.error, 'broken')
  assert.deepEqual(progressOf(stored).done, ['a'])

  await worker.drain()
  assert.deepEqual(ran, ['a', 'b'], 'it is not due yet')
  isBroken = false
  clock.time = stored.due
  await worker.drain()
  assert.deepEqual(ran, ['a', 'b', 'b', 'c'])
  assert.equal((await get(seq)).state, 'done')
})

test('a handler is tried once more than its schedule has entries, with these delays, and then its delivery is dead', async () => {
  const attempts: number[] = []
  const failing = handler(
    'a',
    ({ attempt }) => {
      attempts.push(attempt)
      fail()
    },
    { retry: [1000, 0, 5000] }
  )
  const { worker, put, get, clock } = workshop([failing])
  const seq = await put()
  const delays: number[] = []
  await worker.drain()
  while ((await get(seq)).state === 'waiting') {
    const { due } = await get(seq)
    delays.push(due - clock.time)
    clock.time = due
    await worker.drain()
  }
  // The one of 0 ms is due within the same drain.
  assert.deepEqual(delays, [1000, 5000])
  assert.deepEqual(attempts, [1, 2, 3, 4])
  const stored = await get(seq)
  assert.equal(stored.state, 'dead')
  assert.equal(stored.error, 'broken')
  assert.equal(triesOf(stored).at(-1)!.outcome, 'dead')
})

test('each handler has its own schedule: what another one used up does not count', async () => {
  const tried = { a: 0, b: 0 }
  const { worker, put, get } = workshop([
    handler(
      'a',
      () => {
        if (++tried.a < 3) fail()
      },
      { retry: [0, 0] }
    ),
    handler(
      'b',
      () => {
        if (++tried.b < 3) fail()
      },
      { retry: [0, 0] }
    )
  ])
  const seq = await put()
  await worker.drain()
  assert.equal((await get(seq)).state, 'done')
  assert.deepEqual(tried, { a: 3, b: 3 })
})

for (const [random, delay] of [
  [0, 850],
  [0.5, 1000],
  [1, 1150]
] as const) {
  test(`the delay is spread by 15 %: ${random} of the way makes ${delay} of 1000`, async () => {
    const { worker, put, get } = workshop([handler('a', fail, { retry: [1000] })], { random: () => random })
    const seq = await put()
    await worker.drain()
    assert.equal((await get(seq)).due, NOW + delay)
  })
}

test('Reject makes a dead letter at once, with its reason', async () => {
  const { worker, put, get, lines } = workshop([
    handler('a', () => {
      throw new Reject('no such customer')
    }),
    handler('b', () => assert.fail('it must not run'))
  ])
  const seq = await put()
  await worker.drain()
  const stored = await get(seq)
  assert.equal(stored.state, 'dead')
  assert.equal(stored.error, 'no such customer')
  assert.equal(stored.attempt, 1)
  const [line, ...others] = lines
  assert.deepEqual(others, [])
  assert.equal(line!.level, 'error')
  const { err, ...labels } = line!.fields
  assert.ok(err instanceof Reject)
  assert.deepEqual(labels, {
    receiver: 'github',
    instance: '',
    event: 'push',
    id: undefined,
    seq,
    attempt: 1,
    handler: 'a'
  })
})

test('a body that cannot be read makes a dead letter at once', async () => {
  const { worker, put, get } = workshop([handler('a', ({ data }) => data)])
  const seq = await put({ body: Buffer.from('{"half') })
  await worker.drain()
  const stored = await get(seq)
  assert.equal(stored.state, 'dead')
  assert.match(stored.error!, /^The body is no valid JSON/)
  assert.ok(!stored.error!.includes('half'))
  assert.equal(new MalformedBody('JSON', 'x').code, 'WEBHOOKS_MALFORMED_BODY')
})

const asked = [
  ['in so many milliseconds', 5000, 5000],
  ['at a time', new Date(NOW + 7000), 7000],
  ['in the past', new Date(NOW - 7000), 0],
  ['less than at once', -1, 0],
  ['at no time', new Date(Number.NaN), 0],
  ['in a year', 365 * 86_400_000, 30 * 86_400_000],
  ['never', Number.POSITIVE_INFINITY, 30 * 86_400_000]
] as const
for (const [when, after, delay] of asked) {
  test(`Retry ${when} is due in ${delay} ms`, async () => {
    let isFirst = true
    const { worker, put, get, clock } = workshop([
      handler('a', () => {
        const first = isFirst
        isFirst = false
        if (first) throw new Retry({ after, reason: 'rate limit' })
      })
    ])
    const seq = await put()
    await worker.drain()
    const stored = await get(seq)
    if (delay === 0) assert.equal(stored.state, 'done')
    else {
      assert.equal(stored.due, NOW + delay)
      assert.equal(stored.error, 'rate limit')
      clock.time = stored.due
      await worker.drain()
      assert.equal((await get(seq)).state, 'done')
    }
    assert.equal(triesOf(await get(seq))[0]!.outcome, 'retry')
  })
}

test('Retry counts as a try: more of them than the schedule has are a dead letter', async () => {
  let count = 0
  const { worker, put, get } = workshop([
    handler(
      'a',
      () => {
        count++
        throw new Retry({ after: 0 })
      },
      { retry: [1, 1] }
    )
  ])
  const seq = await put()
  await worker.drain()
  assert.equal((await get(seq)).state, 'dead')
  assert.equal(count, 3)
})

test('a handler that takes too long has failed, and its signal aborts', async () => {
  let signal: AbortSignal | undefined
  const { worker, put, get } = workshop([
    handler(
      'a',
      (_, context) => {
        signal = context.signal
        return new Promise(() => {})
      },
      { timeout: 5 }
    )
  ])
  const seq = await put()
  await worker.drain()
  const stored = await get(seq)
  assert.equal(stored.state, 'waiting')
  assert.match(stored.error!, /The handler a was not done after 5 ms/)
  assert.ok(signal!.aborted)
})

test('stop() ends the chain, for good', async () => {
  const { worker, put, get, store, clock } = workshop([
    handler('a', (_, { stop }) => stop('enough')),
    handler('b', () => assert.fail('it must not run'))
  ])
  const seq = await put()
  await worker.drain()
  assert.equal((await get(seq)).state, 'done')
  assert.deepEqual(progressOf(await get(seq)), { done: ['a'], stopped: true })
  await store.requeue({ seq }, { id: 'r', from: 'failed', limit: 1, now: clock.time })
  await worker.drain()
  assert.equal((await get(seq)).state, 'done')
})

test('a replay from the start runs every handler again', async () => {
  const ran: string[] = []
  const { worker, put, store, clock } = workshop([
    handler('a', () => void ran.push('a')),
    handler('b', () => void ran.push('b'))
  ])
  const seq = await put()
  await worker.drain()
  await store.requeue({ seq }, { id: 'r', from: 'start', limit: 1, now: clock.time })
  await worker.drain()
  assert.deepEqual(ran, ['a', 'b', 'a', 'b'])
})

test('a handler that was renamed is a new one and runs; one that was removed is passed over; one before is caught up', async () => {
  const ran: string[] = []
  const note = (name: string) => handler(name, () => void ran.push(name))
  const { worker, put, get, another, clock } = workshop([
    note('kept'),
    note('old-name'),
    note('removed'),
    handler('last', fail)
  ])
  const seq = await put()
  await worker.drain()
  ran.length = 0
  clock.time = (await get(seq)).due
  await another([note('inserted'), note('kept'), note('new-name'), note('last')]).drain()
  assert.deepEqual(ran, ['inserted', 'new-name', 'last'])
  assert.equal((await get(seq)).state, 'done')
})

test('when all handlers that were left are gone, the delivery is done', async () => {
  const { worker, put, get, another, clock } = workshop([handler('a'), handler('b', fail)])
  const seq = await put()
  await worker.drain()
  clock.time = (await get(seq)).due
  await another([handler('a')]).drain()
  assert.equal((await get(seq)).state, 'done')
})

test('what a handler throws is kept up to 2 KiB, as text that every store can keep', async () => {
  const { worker, put, get } = workshop([
    handler('a', () => {
      throw new Error(`nul \0 half \ud800 ${'x'.repeat(5000)}`)
    })
  ])
  const seq = await put()
  await worker.drain()
  const { error } = await get(seq)
  assert.equal(error!.length, 2048)
  assert.ok(error!.startsWith('nul \ufffd half \ufffd xxx'))
})

for (const [what, thrown, said] of [
  ['nothing', undefined, 'undefined'],
  ['a text', 'oh', 'oh'],
  ['what cannot be read', Object.create(null), 'an error that cannot be read'],
  ['an error without message', new TypeError(), 'TypeError']
] as const) {
  test(`a handler may throw ${what}`, async () => {
    const { worker, put, get } = workshop([
      handler('a', () => {
        throw thrown
      })
    ])
    const seq = await put()
    await worker.drain()
    const stored = await get(seq)
    assert.equal(stored.state, 'waiting')
    assert.equal(stored.error, said)
  })
}

test('the newest 50 tries are kept', async () => {
  const { worker, put, get } = workshop([handler('a', fail, { retry: Array(60).fill(0) })])
  const seq = await put()
  await worker.drain()
  const tries = triesOf(await get(seq))
  assert.equal(tries.length, 50)
  assert.deepEqual([tries[0]!.attempt, tries.at(-1)!.attempt], [12, 61])
})

test('the log has one line for each try: debug where it is done or ignored, warn where it is tried again, error where it is dead', async () => {
  let isBroken = true
  const { worker, put, lines } = workshop([
    new FunctionHandler(on(github, 'push'), { name: 'a', retry: [0] }, () => {
      if (isBroken) {
        isBroken = false
        fail()
      }
    })
  ])
  await put()
  await worker.drain()
  await put({ event: 'issues.opened' })
  await worker.drain()
  assert.deepEqual(
    lines.map(({ level, text }) => [level, text]),
    [
      ['warn', 'handler failed; it is tried again'],
      ['debug', 'delivery handled'],
      ['debug', 'no handler accepts this delivery']
    ]
  )
})

test('the worker goes to work when it is told that something is due', async () => {
  const { worker, put, get } = workshop([handler('a')])
  worker.start()
  const seq = await put()
  worker.wake()
  await until(async () => (await get(seq)).state === 'done')
  await worker.close()
})

test('the worker goes to work when another process says that something is stored', async () => {
  const { worker, get, store } = workshop([handler('a')])
  worker.start()
  const other = memoryStore({ now: store.now, state: store.state })
  const [seq] = await fill(other, [{}])
  await until(async () => (await get(seq!)).state === 'done')
  await worker.close()
})

test('the worker goes to work by itself when the time has come', async () => {
  const { another } = workshop([handler('a', fail, { retry: [20] })])
  const store = memoryStore()
  const worker = another(undefined, {}, store)
  worker.start()
  const [seq] = await fill(store, [{}])
  worker.wake()
  await until(async () => (await store.get(seq!))!.state === 'dead')
  await worker.close()
})

test('an idle worker asks the store for nothing', async () => {
  const asked: string[] = []
  const { worker, put, get } = workshop([handler('a')], {
    seen: store =>
      new Proxy(store, {
        get(target, name: keyof typeof store) {
          const member = target[name] as unknown
          if (typeof member !== 'function') return member
          return (...args: unknown[]) => {
            asked.push(String(name))
            return member.apply(target, args)
          }
        }
      })
  })
  worker.start()
  const seq = await put()
  worker.wake()
  await until(async () => (await get(seq)).state === 'done')
  await new Promise(resolve => setTimeout(resolve, 20))
  asked.length = 0
  await new Promise(resolve => setTimeout(resolve, 50))
  assert.deepEqual(asked, [])
  await worker.close()
})

test('a large body is fetched when its delivery is handled', async () => {
  let length = 0
  const { worker, put, get } = workshop([
    handler('a', ({ data }) => {
      length = data.text.length
    })
  ])
  const seq = await put({ body: Buffer.from(JSON.stringify({ text: 'x'.repeat(100_000) })) })
  await worker.drain()
  assert.equal(length, 100_000)
  assert.equal((await get(seq)).state, 'done')
})

test('a delivery is handled as it was described: with its data, times, headers and request', async () => {
  let seen: any
  const { worker, put } = workshop([
    handler('a', delivery => {
      seen = delivery
    })
  ])
  await put({ id: 'i', event: 'push', occurredAt: NOW - 5, subject: 's', account: 'c', data: '{"part":[1]}' })
  await worker.drain()
  assert.equal(seen.receiver, 'github')
  assert.equal(seen.id, 'i')
  assert.deepEqual(seen.occurredAt, new Date(NOW - 5))
  assert.deepEqual(seen.receivedAt, new Date(NOW))
  assert.deepEqual([seen.subject, seen.account, seen.attempt], ['s', 'c', 1])
  assert.deepEqual(seen.data, { part: [1] })
  assert.equal(seen.data, seen.data)
  assert.equal(seen.headers['x-github-event'], 'push')
  assert.equal(seen.raw().method, 'POST')
})
