import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { Handlers } from '../../../src/chain.ts'
import { hasDied, newName } from '../../../src/inbox/worker/identity.ts'
import { Worker } from '../../../src/inbox/worker/worker.ts'
import { contextWith } from '../../handlers/deliveries.ts'
import { memoryStore } from '../../store/memory.ts'

const own = newName()
const [place, pid, started] = own.split(':') as [string, string, string]
const dead = spawnSync(process.execPath, ['-e', '']).pid

test('a worker of a process that is no more has died', () => {
  assert.equal(hasDied(`${place}:${dead}:${started}:00000000`), true)
})

test('a process of the same number that began at another time is no more, too', () => {
  assert.equal(hasDied(`${place}:${pid}:abc:00000000`), true)
})

test('another worker of this process lives, and one of another process', () => {
  assert.equal(hasDied(own), false)
  assert.equal(hasDied(newName()), false)
  assert.equal(hasDied(`${place}:${process.ppid}:abc:00000000`), false)
})

test('of another place nothing is known, so it lives', () => {
  for (const name of [`elsewhere/1:${dead}:abc:00000000`, `${place}x:${dead}:abc:00000000`, 'nonsense', '']) {
    assert.equal(hasDied(name), false, name)
  }
})

test('a new process takes over at once what a dead one had, and nothing else', async () => {
  const store = memoryStore()
  const request = { method: 'POST', url: 'https://x.example', headers: {}, body: new Uint8Array() }
  for (const worker of [`${place}:${dead}:${started}:00000000`, `elsewhere/1:${dead}:${started}:00000000`]) {
    const start = { state: 'running', worker, until: store.now() + 60_000, progress: '' } as const
    const arrival = { receiver: 'acme', instance: '', receivedAt: store.now(), secret: 0, kind: 'json' } as const
    await store.add({ ...arrival, request, deliveries: [{ event: 'e', position: 0, start }] })
  }
  const { log } = contextWith()
  const worker = new Worker({ store, receivers: new Map(), handlers: new Handlers(new Map()), log })
  await worker.recover()
  const now = store.now()
  const claimed = await store.claim({
    worker: 'next',
    now,
    until: now + 60_000,
    limit: 10,
    receivers: [{ name: 'acme', limit: 10 }]
  })
  assert.deepEqual(
    claimed.map(({ lapses }) => lapses),
    [1]
  )
})
