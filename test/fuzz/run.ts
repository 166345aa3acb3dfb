/**
 * The fuzzer: `npm run fuzz -- --seconds 60 --seed 1`. Every target gets the same share of the time. Prints runs and
 * failures, each with its seed and its smallest case, and ends with 1 if there is any. Not guided by coverage: its
 * generators know the forms that they break.
 */
import { parseArgs } from 'node:util'
import { run } from './target.ts'
import { allTargets } from './targets.ts'

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
    only: { type: 'string', default: '' }
  }
})
const seconds = Number(values.seconds)
const seed = Number(values.seed)
if (!(seconds > 0) || !Number.isInteger(seed)) throw new TypeError('--seconds must be above 0, --seed a whole number')

const { targets, without } = await allTargets()
const chosen = targets.filter(({ name }) => name.includes(values.only))
if (chosen.length === 0) throw new TypeError(`No target has "${values.only}" in its name`)
const milliseconds = Math.max(1, Math.round((seconds * 1000) / chosen.length))
console.log(`seed ${seed}, ${chosen.length} targets, ${milliseconds} ms each; Node ${process.version}`)

let total = 0
for (const target of chosen) {
  const { runs, failure } = await run(target, { seed, milliseconds })
  total += runs
  console.log(`${failure === undefined ? 'ok  ' : 'FAIL'}  ${String(runs).padStart(9)}  ${target.name}`)
  if (failure === undefined) continue
  console.log(failure)
  process.exitCode = 1
}
console.log(`${total} runs${process.exitCode === 1 ? ', with failures' : ', no failure'}`)
if (without.length > 0) console.log(`not fuzzed, since they have no vectors: ${without.join(', ')}`)
