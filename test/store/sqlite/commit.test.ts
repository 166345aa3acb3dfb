import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import type { Worker } from 'node:worker_threads'
import { put } from '../../../src/testing/store/given.ts'
import { newFile, opened } from './folder.ts'

const CHILD = join(import.meta.dirname, 'child.ts')

/** Frames of the log that end a transaction: those that name the size of the database. */
function commitsIn(log: Buffer): number {
  const page = log.readUInt32BE(8)
  let commits = 0
  for (let at = 32; at < log.length; at += 24 + page) if (log.readUInt32BE(at + 4) > 0) commits++
  return commits
}

test('what comes together is committed together', async t => {
  const path = newFile()
  const store = await opened(t, path)
  const before = commitsIn(readFileSync(`${path}-wal`))
  await Promise.all(Array.from({ length: 200 }, (_, index) => put(store, { key: `key-${index}` })))
  const commits = commitsIn(readFileSync(`${path}-wal`)) - before
  assert.ok(commits >= 1 && commits <= 5, `${commits} commits for 200 deliveries`)
  assert.equal(await store.count({}), 200)
})

test('who begins to watch in the middle of writing disturbs nothing', async t => {
  const store = await opened(t, newFile())
  const adding = Array.from({ length: 20 }, async (_, index) => {
    const { duplicate } = await put(store, { key: `first-${index}` })
    store.watch(() => {})()
    return duplicate || (await put(store, { key: `second-${index}` })).duplicate
  })
  assert.deepEqual(new Set(await Promise.all(adding)), new Set([false]))
})

test('one that comes alone is one commit', async t => {
  const path = newFile()
  const store = await opened(t, path)
  const before = commitsIn(readFileSync(`${path}-wal`))
  await put(store)
  assert.equal(commitsIn(readFileSync(`${path}-wal`)) - before, 1)
})

test('one that can’t be stored fails alone', async t => {
  const store = await opened(t, newFile())
  const results = await Promise.allSettled([
    put(store, { key: 'a' }),
    put(store, { key: 'b', receivedAt: 0.5 }),
    put(store, { key: 'c' })
  ])
  assert.deepEqual(
    results.map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled']
  )
  assert.equal(await store.count({}), 2)
  assert.equal((await put(store, { key: 'b' })).duplicate, false)
})

test('a thread that dies takes nothing with it that was acknowledged, and another takes over', async t => {
  const threads: Worker[] = []
  const onWorker = (worker: Worker): void => void threads.push(worker)
  process.on('worker', onWorker)
  t.after(() => process.off('worker', onWorker))

  const store = await opened(t, newFile())
  await put(store, { key: 'before' })
  assert.equal(await store.count({}), 1)
  assert.equal(threads.length, 2)
  const keys = Array.from({ length: 50 }, (_, index) => `key-${index}`)
  const adding = keys.map(key => put(store, { key }))
  const ended = new Promise(setImmediate).then(() => Promise.all(threads.map(thread => thread.terminate())))
  const results = await Promise.allSettled(adding)
  // What is asked of a thread that is just dying is refused, too.
  await ended
  for (const result of results) {
    if (result.status === 'rejected') assert.equal(result.reason.code, 'WEBHOOKS_STORE_UNAVAILABLE')
  }

  const acknowledged = keys.filter((_, index) => results[index]!.status === 'fulfilled')
  for (const key of ['before', ...acknowledged]) assert.equal((await put(store, { key })).duplicate, true)
  assert.equal((await store.find({}, { limit: 1 })).length, 1)
})

test('a process that is killed loses nothing it acknowledged', async t => {
  const path = newFile()
  const child = spawn(process.execPath, [CHILD, 'add', path], { stdio: ['ignore', 'pipe', 'inherit'] })
  t.after(() => child.kill('SIGKILL'))
  const acknowledged: string[] = []
  for await (const line of createInterface(child.stdout)) {
    acknowledged.push(line)
    if (acknowledged.length === 300) child.kill('SIGKILL')
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  assert.equal(child.signalCode, 'SIGKILL')

  const store = await opened(t, path)
  const found = await store.find({}, { limit: 100_000 })
  const ids = found.map(({ id }) => id)
  assert.equal(new Set(ids).size, ids.length)
  assert.deepEqual(
    acknowledged.filter(id => !ids.includes(id)),
    []
  )
})
