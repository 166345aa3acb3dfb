import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { checksOf, type Vector } from '../../src/testing/index.ts'
import { FakeTerminal, Folder } from './terminal.ts'

const folder = new Folder()
after(() => folder.remove())
const root = new URL('../../', import.meta.url)
const create = (...line: readonly string[]) =>
  new FakeTerminal().run(['new', 'receiver', ...line, '--dir', folder.path])

test('new receiver writes a receiver that passes the suite, with its test', async () => {
  const { code, out } = await create('acme-shop')
  assert.equal(code, 0)
  assert.match(out, /acme-shop\.ts and .*acme-shop\.test\.ts/)
  // As a package would resolve them.
  const elsewhere = join(folder.path, 'run')
  mkdirSync(elsewhere)
  for (const file of ['acme-shop.ts', 'acme-shop.test.ts']) {
    const source = readFileSync(join(folder.path, file), 'utf8')
      .replace("'posthorn/kit'", `'${new URL('src/kit.ts', root)}'`)
      .replace("'posthorn/testing'", "'./suite.ts'")
    writeFileSync(join(elsewhere, file), source)
  }
  writeFileSync(
    join(elsewhere, 'suite.ts'),
    'export const given = []\nexport const testReceiver = (...all) => given.push(all)'
  )
  await import(join(elsewhere, 'acme-shop.test.ts'))
  const { given } = await import(join(elsewhere, 'suite.ts'))
  const [[receiver, vectors]] = given as [[any, Vector[]]]
  assert.equal(receiver.name, 'acme-shop')
  for (const { run } of checksOf(receiver, vectors)) await run()
})

test('new receiver writes over nothing, and takes no name that is none', async () => {
  await create('twice')
  const before = readFileSync(join(folder.path, 'twice.ts'), 'utf8')
  const again = await create('twice')
  assert.deepEqual([again.code, readFileSync(join(folder.path, 'twice.ts'), 'utf8')], [2, before])
  assert.match(again.err, /twice\.ts is there already/)
  for (const [name, says] of [
    ['../evil', /lower-case/],
    ['Acme', /lower-case/],
    ['github', /import it from posthorn\/receivers\/github/]
  ] as const) {
    const { code, err } = await create(name)
    assert.match(err, says)
    assert.equal(code, 2)
  }
})
