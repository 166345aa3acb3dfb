import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Handlers } from '../../../src/chain.ts'
import type { AnyHandler } from '../../../src/handler.ts'
import { deliveryOf } from '../../../src/inbox/worker/restore.ts'
import { inlineOf, progressBegun } from '../../../src/inbox/worker/run.ts'
import type { Worker } from '../../../src/inbox/worker/worker.ts'
import { Reject, Retry } from '../../../src/retry.ts'
import type { NewDelivery } from '../../../src/store/store.ts'
import { receivers } from '../stored.ts'
import { Gate, type Handle, handler, NOW, progressOf, triesOf, until, type Workshop, workshop } from './workshop.ts'

const inline = (name: string, handle: Handle = () => {}, retry?: readonly number[]) =>
  handler(name, handle, { inline: true, ...(retry && { retry }) })

/** Stores deliveries as the plugin does: as running, with what begins. */
async function arrive(
  { store, get }: Workshop,
  worker: Worker,
  chain: readonly AnyHandler[],
  events: readonly Partial<NewDelivery>[] = [{}]
) {
  const handlers = new Handlers(receivers)
  for (const one of chain) handlers.add(one)
  const request = { method: 'POST', url: '', headers: {}, body: Buffer.from('{}') }
  const plain = { id: undefined, key: undefined, position: 0, occurredAt: undefined, subject: undefined }
  const described = { event: 'push', account: undefined, data: undefined, order: undefined, ...plain }
  const seqs: number[] = []
  const entries = []
  for (const one of events) {
    const arrival = { receiver: 'github', instance: '', receivedAt: NOW, secret: 0, kind: 'json', request } as const
    const probe = deliveryOf({ ...arrival, ...described, ...one } as never, request, 1)
    const progress = progressBegun(inlineOf(handlers, probe).map(({ name }) => name))
    const start = { state: 'running', worker: worker.name, until: store.now() + 30_000, progress } as const
    const [added] = await store.add({ ...arrival, deliveries: [{ ...described, ...one, start }] })
    seqs.push(added!.seq)
    entries.push({ delivery: deliveryOf(await get(added!.seq), request, 1), lease: added! })
  }
  return { seqs, entries }
}

/** A process without a worker, and one with it. */
function two(chain: readonly AnyHandler[], rest = chain) {
  const shop = workshop(chain)
  return { shop, web: shop.worker, other: shop.another(rest) }
}

test('inline handlers run before the answer, in their order, and the inbox goes on with the rest', async () => {
  const ran: string[] = []
  const chain = [
    handler('a', () => void ran.push('a')),
    inline('b', (_, { reply }) => {
      ran.push('b')
      reply({ status: 201 })
    }),
    inline('c', async (_, { reply }) => {
      ran.push('c')
      reply({ status: 202 })
    }),
    handler('d', ({ attempt }) => void ran.push(`d${attempt}`))
  ]
  const { shop, web, other } = two(chain)
  const { seqs, entries } = await arrive(shop, web, chain)
  assert.deepEqual(await web.runInline(entries), { reply: { status: 201 } })
  assert.deepEqual(ran, ['b', 'c'])
  await web.drain()
  await other.drain()
  assert.deepEqual(ran, ['b', 'c', 'a', 'd1'])
  const stored = await shop.get(seqs[0]!)
  assert.equal(stored.state, 'done')
  assert.deepEqual(progressOf(stored).done, ['b', 'c', 'a', 'd'])
})

test('what is left to the inbox waits, is due now, and has no try behind it', async () => {
  const chain = [inline('a'), handler('b')]
  const { shop, web } = two(chain)
  const { seqs, entries } = await arrive(shop, web, chain)
  await web.runInline(entries)
  await until(async () => (await shop.get(seqs[0]!)).state !== 'running')
  const { state, due, attempt, tries, progress, error } = await shop.get(seqs[0]!)
  assert.deepEqual([state, due, attempt, tries, error], ['waiting', NOW, 0, 0, undefined])
  assert.deepEqual(JSON.parse(progress), { done: ['a'] })
  const [only] = triesOf(await shop.get(seqs[0]!))
  assert.deepEqual([only!.inline, only!.outcome, only!.worker], [true, 'done', web.name])
})

test('where all handlers are inline and done, the delivery is done', async () => {
  const chain = [inline('a'), inline('b')]
  const { shop, web } = two(chain)
  const { seqs, entries } = await arrive(shop, web, chain)
  await web.runInline(entries)
  await until(async () => (await shop.get(seqs[0]!)).state === 'done')
})

test('where an inline handler stops the chain, the delivery is done', async () => {
  const chain = [
    inline('a', (_, { stop }) => stop()),
    inline('b', () => assert.fail()),
    handler('c', () => assert.fail())
  ]
  const { shop, web } = two(chain)
  const { seqs, entries } = await arrive(shop, web, chain)
  await web.runInline(entries)
  await until(async () => (await shop.get(seqs[0]!)).state === 'done')
})

test('an inline handler that fails is tried again by the inbox, at once and by its whole schedule; those behind it run after it', async () => {
  const ran: string[] = []
  const failing = (_: unknown, { reply }: { reply(reply: { status: number }): void }) => {
    ran.push('a')
    reply({ status: 299 })
    throw new Error('broken')
  }
  const chain = [
    inline('a', failing, [0, 0]),
    inline('b', () => void ran.push('b')),
    handler('c', () => void ran.push('c'))
  ]
  const { shop, web } = two(chain)
  const { seqs, entries } = await arrive(shop, web, chain)
  assert.deepEqual(await web.runInline(entries), { reply: { status: 299 } })
  assert.deepEqual(ran, ['a'])
  await until(async () => (await shop.get(seqs[0]!)).state === 'waiting')
  const stored = await shop.get(seqs[0]!)
  assert.deepEqual([stored.due, stored.attempt, stored.tries, stored.error], [NOW, 1, 0, 'broken'])
  assert.deepEqual(JSON.parse(stored.progress), { done: [] })
  await web.drain()
  assert.equal((await shop.get(seqs[0]!)).state, 'dead')
  assert.deepEqual(ran, ['a', 'a', 'a', 'a'])
})

test('an inline Retry waits as long as it says, an inline Reject is dead', async () => {
  const chain = [
    inline('a', ({ event }) => {
      throw event === 'later' ? new Retry({ after: 5000 }) : new Reject('never')
    })
  ]
  const { shop, web } = two(chain)
  const { seqs, entries } = await arrive(shop, web, chain, [{ event: 'later' }, { event: 'never' }])
  await web.runInline(entries)
  await until(async () => (await shop.store.count({ state: 'running' })) === 0)
  assert.equal((await shop.get(seqs[0]!)).due, NOW + 5000)
  assert.equal((await shop.get(seqs[1]!)).state, 'dead')
  assert.equal((await shop.get(seqs[1]!)).error, 'never')
})

test('an inline handler that is not done in time has failed: its signal aborts, its late result is ignored, the inbox tries again', async () => {
  const gate = new Gate()
  const ran: string[] = []
  let signal: AbortSignal | undefined
  const chain = [
    inline('a', (_, { reply }) => reply({ status: 203 })),
    inline('b', async (_, context) => {
      ran.push('b')
      signal ??= context.signal
      await gate.passed
      context.reply({ status: 500 })
    }),
    inline('c', () => void ran.push('c'))
  ]
  const { shop, web } = two(chain)
  const { seqs, entries } = await arrive(shop, web, chain)
  assert.deepEqual(await web.runInline(entries, undefined, 5), { reply: { status: 203 } })
  assert.ok(signal!.aborted)
  await until(async () => (await shop.get(seqs[0]!)).state === 'waiting')
  const stored = await shop.get(seqs[0]!)
  assert.deepEqual(progressOf(stored), { done: ['a'] })
  assert.match(stored.error!, /inline handlers were not done after 5 ms/)
  gate.open()
  await new Promise(setImmediate)
  assert.deepEqual(await shop.get(seqs[0]!), stored)
  await web.drain()
  assert.deepEqual(ran, ['b', 'b', 'c'])
  assert.equal((await shop.get(seqs[0]!)).state, 'done')
})

test('the time is for the whole request: deliveries whose turn did not come are the inbox’s', async () => {
  const ran: string[] = []
  const chain = [
    inline('a', async ({ event }) => {
      ran.push(event)
      if (event === 'slow' && ran.length === 1) await new Promise(() => {})
    })
  ]
  const { shop, web } = two(chain)
  const { entries } = await arrive(shop, web, chain, [{ event: 'slow' }, { event: 'next' }])
  await web.runInline(entries, undefined, 5)
  assert.deepEqual(ran, ['slow'])
  await web.drain()
  assert.deepEqual(ran.sort(), ['next', 'slow', 'slow'])
  assert.equal(await shop.store.count({ state: 'done' }), 2)
})

test('over a batch the first reply wins', async () => {
  const chain = [inline('a', ({ event }, { reply }) => (event === 'b' ? reply({ status: 201 }) : undefined))]
  const { shop, web } = two(chain)
  const { entries } = await arrive(shop, web, chain, [{ event: 'a' }, { event: 'b' }, { event: 'b' }])
  assert.deepEqual(await web.runInline(entries), { reply: { status: 201 } })
  await web.drain()
})

test('a crash before they ended never runs inline handlers again; the rest of the chain runs', async () => {
  const ran: string[] = []
  const chain = [inline('a', () => void ran.push('a')), handler('b', () => void ran.push('b'))]
  const { shop, web, other } = two(chain)
  const { seqs } = await arrive(shop, web, chain)
  await other.drain()
  assert.deepEqual(ran, [])
  shop.clock.time += 30_000
  await other.drain()
  assert.deepEqual(ran, ['b'])
  assert.equal((await shop.get(seqs[0]!)).state, 'done')
})

test('a crash before they ended leaves a delivery done where nothing else is to do', async () => {
  const chain = [inline('a', () => assert.fail())]
  const { shop, web, other } = two(chain)
  const { seqs } = await arrive(shop, web, chain)
  shop.clock.time += 30_000
  await other.drain()
  assert.equal((await shop.get(seqs[0]!)).state, 'done')
})

test('once() keeps the step of an inline handler for its next try', async () => {
  let steps = 0
  const chain = [
    inline('a', async ({ attempt }, { once }) => {
      assert.equal(await once('step', () => ++steps), 1)
      if (attempt === 1) throw new Error('broken')
    })
  ]
  const { shop, web } = two(chain)
  const { seqs, entries } = await arrive(shop, web, chain)
  await web.runInline(entries)
  await web.drain()
  assert.equal((await shop.get(seqs[0]!)).state, 'done')
  assert.equal(steps, 1)
})

test('closing waits until the store knows how inline handlers ended', async () => {
  const chain = [inline('a'), handler('b')]
  const { shop, web } = two(chain)
  const { seqs, entries } = await arrive(shop, web, chain)
  await web.runInline(entries)
  await web.close()
  assert.equal((await shop.get(seqs[0]!)).state, 'waiting')
})
