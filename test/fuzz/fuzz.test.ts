/** A short run of the fuzzer, the same each time: `npm run fuzz` goes on from here. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { run } from './target.ts'
import { allTargets } from './targets.ts'

const { targets } = await allTargets()

for (const target of targets) {
  test(target.name, async () => {
    const { runs, failure } = await run(target, { seed: 20260101, runs: 60 })
    assert.equal(failure, undefined)
    assert.equal(runs, 60)
  })
}

test('a property that does not hold is found, with the smallest case and its seed', async () => {
  const property = fc.property(fc.nat(), number => assert.ok(number < 100))
  const { failure } = await run({ name: 'broken', property }, { seed: 1, runs: 1000 })
  assert.match(failure!, /^seed 1, path .*\n\[100\]/)
})
