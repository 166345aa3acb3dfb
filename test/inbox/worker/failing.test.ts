import assert from 'node:assert/strict'
import { test } from 'node:test'
import { StoreUnavailable } from '../../../src/errors.ts'
import type { Store } from '../../../src/store/store.ts'
import type { MemoryStore } from '../../store/memory.ts'
import { Gate, handler, progressOf, until, workshop } from './workshop.ts'

/** A store that is down while it is told so, for these of its methods. */
class Failing {
  down = new Set<keyof Store>()
  failures = 0
  error = (): Error => new StoreUnavailable('test', 'it is down')
  readonly seen = (store: MemoryStore): Store =>
    new Proxy(store, {
      get: (target, name: keyof Store) => {
        const member = target[name] as unknown
        if (typeof member !== 'function') return member
        return (...args: unknown[]) => {
          if (!this.down.has(name)) return member.apply(target, args)
          this.failures++
          return Promise.reject(this.error())
        }
      }
    })
}

const large = Buffer.from(JSON.stringify({ text: 'x'.repeat(100_000) }))

for (const name of ['claim', 'settle', 'request', 'nextDue', 'paused', 'extend'] as const) {
  test(`the worker goes on by itself when ${name} failed and the store is back, and no handler runs twice`, async () => {
    const failing = new Failing()
    const ran: string[] = []
    const gate = new Gate()
    const { worker, put, get, lines } = workshop(
      [
        handler('a', () => void ran.push('a')),
        handler('b', async () => {
          ran.push('b')
          if (name === 'extend') await gate.passed
        })
      ],
      { seen: failing.seen, lease: 60 }
    )
    failing.down.add(name)
    worker.start()
    const seq = await put({ body: large })
    worker.wake()
    await until(() => failing.failures > 1)
    failing.down.clear()
    gate.open()
    await until(async () => (await get(seq)).state === 'done')
    assert.deepEqual(ran, ['a', 'b'])
    assert.ok(lines.every(({ level }) => level === 'debug'))
    await worker.close()
  })
}

test('progress that could not be written is written when the store is back', async () => {
  const failing = new Failing()
  const gate = new Gate()
  const { worker, put, get } = workshop([handler('a'), handler('b', () => gate.passed)], { seen: failing.seen })
  failing.down.add('settle')
  worker.start()
  const seq = await put()
  worker.wake()
  await until(() => failing.failures > 0)
  failing.down.clear()
  await until(async () => progressOf(await get(seq)).done.length === 1)
  gate.open()
  await until(async () => (await get(seq)).state === 'done')
  await worker.close()
})

test('a worker closes while the store is down; the deliveries are taken over when their leases are over', async () => {
  const failing = new Failing()
  const { worker, another, put, get, clock, store } = workshop([handler('a')], { seen: failing.seen })
  worker.start()
  failing.down.add('settle')
  const seq = await put()
  worker.wake()
  await until(() => failing.failures > 0)
  await worker.close(5)
  assert.equal((await get(seq)).state, 'running')
  clock.time += 60_000
  await another(undefined, {}, store).drain()
  assert.equal((await get(seq)).state, 'done')
})

test('inline handlers are answered although the store is down, and told when it is back', async () => {
  const failing = new Failing()
  const chain = [handler('a', (_, { reply }) => reply({ status: 207 }), { inline: true })]
  const { worker, get, store, clock } = workshop(chain, { seen: failing.seen })
  const request = { method: 'POST', url: '', headers: {}, body: Buffer.from('{}') }
  const [added] = await store.add({
    ...{ receiver: 'github', instance: '', receivedAt: clock.time, secret: 0, kind: 'json', request },
    deliveries: [
      {
        ...{ event: 'push', id: undefined, key: undefined, position: 0, occurredAt: undefined, subject: undefined },
        ...{ account: undefined, data: undefined, order: undefined },
        start: { state: 'running', worker: worker.name, until: clock.time + 30_000, progress: '' }
      }
    ]
  })
  const { deliveryOf } = await import('../../../src/inbox/worker/restore.ts')
  const delivery = deliveryOf(await get(added!.seq), request, 1)
  failing.down.add('settle')
  assert.deepEqual(await worker.runInline([{ delivery, lease: added! }]), { reply: { status: 207 } })
  await until(() => failing.failures > 1)
  failing.down.clear()
  await until(async () => (await get(added!.seq)).state === 'done')
  await worker.close()
})

test('drain() rejects with what is wrong with the store, and works when it is called again', async () => {
  const failing = new Failing()
  const { worker, put, get } = workshop([handler('a')], { seen: failing.seen })
  const seq = await put()
  failing.down.add('claim')
  await assert.rejects(worker.drain(), StoreUnavailable)
  failing.down.clear()
  await worker.drain()
  assert.equal((await get(seq)).state, 'done')
})

test('an error that is not the store being down is logged once, and the worker goes on trying', async () => {
  const failing = new Failing()
  failing.error = () => new TypeError('a mistake')
  const { worker, put, get, lines } = workshop([handler('a')], { seen: failing.seen })
  const seq = await put()
  failing.down.add('claim')
  worker.start()
  await until(() => failing.failures > 2)
  failing.down.clear()
  await until(async () => (await get(seq)).state === 'done')
  assert.deepEqual(
    lines.filter(({ level }) => level === 'error').map(({ text }) => text),
    ['the worker cannot claim; it goes on trying']
  )
  await worker.close()
})

test('a result that the store does not take is said, and its delivery is taken over by somebody', async () => {
  const failing = new Failing()
  failing.error = () => new TypeError('a mistake')
  const { worker, another, put, get, lines, clock, store } = workshop([handler('a')], { seen: failing.seen })
  const seq = await put()
  failing.down.add('settle')
  await worker.drain()
  assert.equal((await get(seq)).state, 'running')
  assert.deepEqual(
    lines.map(({ level }) => level),
    ['error']
  )
  clock.time += 60_000
  await another(undefined, {}, store).drain()
  assert.equal((await get(seq)).state, 'done')
})
