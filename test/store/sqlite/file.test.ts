import assert from 'node:assert/strict'
import { execFile, execFileSync } from 'node:child_process'
import { chmodSync, copyFileSync, mkdirSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { sqlite } from '../../../src/store/sqlite.ts'
import { put } from '../../../src/testing/store/given.ts'
import { newFile, opened } from './folder.ts'

const UNAVAILABLE = { code: 'WEBHOOKS_STORE_UNAVAILABLE' }
const CHILD = join(import.meta.dirname, 'child.ts')

test('what is no file is refused', () => {
  for (const path of ['', ':memory:', 'file:memory?mode=memory', 'a\0b']) {
    assert.throws(() => sqlite(path), { code: 'WEBHOOKS_INVALID_STORE' })
  }
})

test('only its owner reads the files', { skip: process.platform === 'win32' }, async t => {
  const path = newFile()
  const store = await opened(t, path)
  await put(store)
  for (const file of [path, `${path}-wal`, `${path}-shm`]) assert.equal(statSync(file).mode & 0o777, 0o600, file)
})

test('the log that a killed process left is moved into the file, or it would grow with each kill', async t => {
  const path = newFile()
  const store = await opened(t, path)
  await put(store)
  const left = newFile()
  copyFileSync(path, left)
  copyFileSync(`${path}-wal`, `${left}-wal`)
  const { size } = statSync(left)
  await opened(t, left)
  for (let tries = 0; tries < 200 && statSync(left).size === size; tries++) await sleep(25)
  assert.ok(statSync(left).size > size)
})

test('a folder that does not exist is told at the start', async () => {
  const store = sqlite(join(dirname(newFile()), 'nowhere', 'webhooks.db'))
  await assert.rejects(store.open(), { code: 'WEBHOOKS_INVALID_STORE', message: /folder .* does not exist/ })
  await assert.rejects(put(store), UNAVAILABLE)
})

test('a file that is no database is told at the start, and left as it is', async () => {
  const path = newFile()
  writeFileSync(path, 'This is somebody’s letter. '.repeat(500))
  const { size } = statSync(path)
  await assert.rejects(sqlite(path).open(), { ...UNAVAILABLE, message: /file is not a database/ })
  assert.equal(statSync(path).size, size)
})

test('a schema that is newer than this code stops the start', async t => {
  const path = newFile()
  await (await opened(t, path)).close()
  const db = new DatabaseSync(path)
  db.exec('PRAGMA user_version = 99')
  db.close()
  await assert.rejects(sqlite(path).open(), { code: 'WEBHOOKS_SCHEMA_TOO_NEW', message: /schema 99/ })
})

test('an older schema is brought up to this code’s, and keeps what it has', async t => {
  const path = newFile()
  const store = await opened(t, path)
  await put(store, { key: 'kept' })
  await store.close()
  const db = new DatabaseSync(path)
  db.exec('DROP INDEX deliveries_done; PRAGMA user_version = 1')
  const again = await opened(t, path)
  assert.equal((await put(again, { key: 'kept' })).duplicate, true)
  assert.deepEqual({ ...db.prepare('PRAGMA user_version').get() }, { user_version: 2 })
  assert.equal(db.prepare(`SELECT name FROM sqlite_master WHERE name = 'deliveries_done'`).all().length, 1)
  db.close()
})

test('processes that start at once make one store', async () => {
  const path = newFile()
  const start = async () => (await promisify(execFile)(process.execPath, [CHILD, 'pepper', path])).stdout
  const peppers = await Promise.all([start(), start(), start(), start()])
  assert.match(peppers[0]!, /^[0-9a-f]{64}$/)
  assert.deepEqual(new Set(peppers).size, 1)
})

test('a process that forgets to close ends, and what it added is there', async t => {
  const path = newFile()
  const { stderr } = await promisify(execFile)(process.execPath, [CHILD, 'forget', path])
  assert.equal(stderr, '')
  const store = await opened(t, path)
  assert.equal((await put(store, { key: 'forgotten' })).duplicate, true)
})

test('while another process keeps the file locked it is unavailable, then it is as before', async t => {
  const path = newFile()
  const store = await opened(t, path)
  const other = new DatabaseSync(path)
  t.after(() => other.close())
  other.exec('BEGIN IMMEDIATE')
  await assert.rejects(put(store, { key: 'one' }), { ...UNAVAILABLE, message: /database is locked/ })
  other.exec('ROLLBACK')
  assert.equal((await put(store, { key: 'one' })).duplicate, false)
})

test('a full disk refuses and keeps what it has, then takes again', async t => {
  const path = onSmallDisk(t)
  if (path === undefined) return t.skip('NOT TESTED: only root on Linux can mount a small disk')
  const store = await opened(t, path)
  const body = 'x'.repeat(100_000)
  const stored: string[] = []
  const fill = async () => {
    for (;;) {
      const key = `key-${stored.length}`
      await put(store, { key, body })
      stored.push(key)
    }
  }
  await assert.rejects(fill(), { ...UNAVAILABLE, message: /full/ })
  assert.ok(stored.length > 0)
  await assert.rejects(put(store, { key: 'another', body }), UNAVAILABLE)
  execFileSync('mount', ['-o', 'remount,size=32m', dirname(path)])
  await put(store, { key: 'another', body })
  assert.equal(await store.count({}), stored.length + 1)
  for (const key of stored) assert.equal((await put(store, { key })).duplicate, true)
})

test('a file that became read-only refuses', { skip: process.getuid?.() === 0 && 'root writes anything' }, async t => {
  const path = newFile()
  await (await opened(t, path)).close()
  chmodSync(path, 0o400)
  await assert.rejects(sqlite(path).open(), UNAVAILABLE)
})

function onSmallDisk(t: TestContext): string | undefined {
  const folder = join(dirname(newFile()), 'disk')
  mkdirSync(folder)
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', folder], { stdio: 'ignore' })
  } catch {
    return undefined
  }
  t.after(() => execFileSync('umount', ['-l', folder]))
  return join(folder, 'webhooks.db')
}
