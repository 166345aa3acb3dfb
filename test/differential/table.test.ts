import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { comparisons, generated, page } from './table.ts'

test('docs/differential.md is fresh; `node test/differential/table.ts` makes it so', () => {
  assert.equal(readFileSync(page, 'utf8'), generated())
})

test('each comparison stands in the table and has its test', () => {
  const receivers = new Set(comparisons.map(({ receiver }) => receiver.name))
  const tests = readdirSync(import.meta.dirname).filter(name => name.endsWith('.test.ts'))
  for (const name of receivers) assert.ok(tests.includes(`${name}.test.ts`), name)
  assert.equal(new Set(tests).size, receivers.size + ['compare.test.ts', 'table.test.ts'].length)
})

test('each comparison has at least 1000 mutations, and each difference a name of its own', () => {
  for (const { sdk, trials, differences } of comparisons) {
    assert.ok(trials >= 1000, sdk)
    assert.equal(new Set(differences.map(({ name }) => name)).size, differences.length, sdk)
  }
})

test('a table cell holds no bar', () => {
  const cells = comparisons.flatMap(({ differences }) => differences.flatMap(({ name, reason }) => [name, reason]))
  assert.deepEqual(
    cells.filter(cell => /[|\n]/.test(cell)),
    []
  )
})
