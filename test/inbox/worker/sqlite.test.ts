import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { sqlite } from '../../../src/store/sqlite.ts'
import { fill } from '../stored.ts'
import { Gate, handler, progressOf, until, workshop } from './workshop.ts'

test('on a real engine: every delivery is handled once, in order where it has one, and once() holds', async t => {
  const folder = mkdtempSync(join(tmpdir(), 'posthorn-worker-'))
  const store = sqlite(join(folder, 'inbox.db'))
  t.after(async () => {
    await store.close()
    rmSync(folder, { recursive: true })
  })
  await store.open()
  const ran: string[] = []
  const steps: string[] = []
  const chain = [
    handler('a', async ({ data }) => void ran.push(data.n)),
    handler(
      'b',
      async ({ data: { n, order }, attempt }, { once }) => {
        await once('step', () => steps.push(n))
        if (attempt === 1 && order === undefined) throw new Error('the first time')
      },
      { retry: [0] }
    )
  ]
  const { another } = workshop([])
  const [one, two] = [another(chain, {}, store), another(chain, {}, store)]
  one.start()
  two.start()
  const deliveries = Array.from({ length: 200 }, (_, index) => {
    const order = index % 2 === 0 ? `o${index % 6}` : undefined
    return { data: JSON.stringify({ n: `${index}`, order }), order, receivedAt: store.now() }
  })
  await fill(store, deliveries)
  one.wake()
  two.wake()
  await until(async () => (await store.count({ state: 'done' })) === 200)
  await Promise.all([one.close(), two.close()])
  assert.equal(ran.length, 200)
  assert.equal(new Set(steps).size, 200)
  assert.equal(steps.length, 200)
  for (const order of [0, 2, 4]) {
    const inOrder = ran.map(Number).filter(n => n % 2 === 0 && n % 6 === order)
    assert.deepEqual(
      inOrder,
      inOrder.toSorted((a, b) => a - b)
    )
  }
})

test('on a real engine: a worker that was abandoned is followed by another one when its lease is over', async t => {
  const folder = mkdtempSync(join(tmpdir(), 'posthorn-worker-'))
  const store = sqlite(join(folder, 'inbox.db'))
  t.after(async () => {
    await store.close()
    rmSync(folder, { recursive: true })
  })
  await store.open()
  const { another } = workshop([])
  const hangs = new Gate()
  const abandoned = another([handler('a'), handler('b', () => hangs.passed)], {}, store)
  const [seq] = await fill(store, [{ receivedAt: store.now() }])
  const at = store.now()
  // Its claims end soon, and it says nothing more of them.
  const [claimed] = await store.claim({
    ...{ worker: abandoned.name, now: at, until: at + 1, limit: 1, receivers: [{ name: 'github', limit: 1 }] }
  })
  assert.equal(claimed!.seq, seq)
  const second = another([handler('a'), handler('b')], {}, store)
  second.start()
  await until(async () => (await store.get(seq!))!.state === 'done')
  assert.equal((await store.get(seq!))!.attempt, 2)
  assert.deepEqual(progressOf((await store.get(seq!))!).done, ['a', 'b'])
  const isWritten = await store.settle(
    { seq: seq!, fence: claimed!.fence },
    { state: 'dead', attempt: 1, tries: 1, progress: '', history: '', error: 'late', now: store.now() }
  )
  assert.equal(isWritten, false)
  await second.close()
})
