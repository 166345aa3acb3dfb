import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { openStore, sqlitePath } from '../../src/store/open.ts'

test('an address of SQLite is a file, as a path or as a URL', () => {
  assert.equal(sqlitePath('sqlite:hooks.db'), 'hooks.db')
  assert.equal(sqlitePath('sqlite:./a/hooks.db'), './a/hooks.db')
  assert.equal(sqlitePath('sqlite:/var/hooks.db'), '/var/hooks.db')
  assert.equal(sqlitePath('sqlite:///var/hooks.db'), '/var/hooks.db')
  assert.equal(sqlitePath(' SQLite:hooks.db\n'), 'hooks.db')
  assert.equal(sqlitePath('postgres://localhost/app'), undefined)
})

test('the store at an address of SQLite opens that file', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'posthorn-open-'))
  const path = join(folder, 'hooks.db')
  const store = await openStore(`sqlite:${path}`)
  assert.equal(existsSync(path), false, 'it is opened by `open`, not before')
  await store.open()
  assert.equal(await store.count({}), 0)
  await store.close()
  assert.equal(existsSync(path), true)
  rmSync(folder, { recursive: true })
})

test('the store at an address of PostgreSQL does not show its password', async () => {
  for (const scheme of ['postgres', 'postgresql']) {
    const store = await openStore(`${scheme}://me:hunter22@localhost:5432/app`)
    assert.match(store.name, /localhost/)
    assert.ok(!store.name.includes('hunter22'))
  }
})

test('any other address is refused, and not repeated', async () => {
  for (const address of [
    '',
    ' ',
    'sqlite:',
    'sqlite',
    'hooks.db',
    'mysql://me:hunter22@host/db',
    'postgres:',
    'postgres://'
  ]) {
    await assert.rejects(openStore(address), (error: any) => {
      assert.equal(error.code, 'WEBHOOKS_INVALID_STORE', address)
      assert.ok(!error.message.includes('hunter22'))
      return true
    })
  }
})
