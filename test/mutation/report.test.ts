import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Mutant } from './mutants.ts'
import { scoreOf, survivors, table } from './report.ts'
import { sample } from './sample.ts'

function mutantOf(file: string, start: number): Mutant {
  return { file, line: 1, start, end: start + 1, text: 'b', change: 'literal' }
}

const many = [
  ...Array.from({ length: 90 }, (_, start) => mutantOf('large.ts', start)),
  ...Array.from({ length: 10 }, (_, start) => mutantOf('small.ts', start)),
  mutantOf('tiny.ts', 0)
]

test('a sample is the same for the same seed, and takes its share of every file', () => {
  const some = sample(many, 20, 'seed')
  assert.deepEqual(
    some,
    sample([...many].reverse(), 20, 'seed').sort((a, b) => some.indexOf(a) - some.indexOf(b))
  )
  const count = (file: string) => some.filter(mutant => mutant.file === file).length
  assert.deepEqual([count('large.ts'), count('small.ts'), count('tiny.ts')], [18, 2, 1])
  assert.notDeepEqual(some, sample(many, 20, 'another seed'))
})

test('without a limit it is all of them', () => {
  assert.equal(sample(many, many.length, 'seed').length, many.length)
})

const results = (['failed', 'hung', 'failed', 'passed'] as const).map((verdict, start) => ({
  mutant: mutantOf('a.ts', start),
  verdict
}))

test('what hung counts as killed, and is told apart', () => {
  assert.equal(scoreOf(results), 0.75)
  assert.match(table(results), /^\| `a\.ts` +\| +4 \| +2 \| +1 \| +1 \| 75\.0 % \|$/m)
})

test('a survivor is told by its place and what was done', () => {
  assert.equal(survivors(results, new Map([['a.ts', '0123']])), 'a.ts:1 literal: 3 → b')
})
