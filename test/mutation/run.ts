/**
 * Changes the code in small ways, one at a time, and runs the tests that should notice. A change that no test notices is
 * a survivor: a line that nobody looks at, or one that changes nothing. See docs/mutation.md.
 *
 * node test/mutation/run.ts [--files glob] [--most number] [--seed text] [--seconds number] [--workers number]
 *
 * Not a part of `npm test`: all mutants take a while. Exits with 1 below a score of 85 %.
 */
import { globSync, readFileSync } from 'node:fs'
import { setPriority } from 'node:os'
import { matchesGlob } from 'node:path'
import { parseArgs } from 'node:util'
import { type Mutant, mutantsOf, mutated, proofOf } from './mutants.ts'
import { type Run, relevantRuns } from './relevant.ts'
import { describe, type Result, scoreOf, survivors, table } from './report.ts'
import { sample } from './sample.ts'
import { parse } from './syntax.ts'
import { Workshop } from './workshop.ts'

const AIM = 0.85
/** Of a receiver only its proof: its scheme and handshakes. The keys for tests are no code. */
const SOURCES = ['src/schemes/*.ts', 'src/config/*.ts', 'src/receive.ts', 'src/redact.ts', 'receivers/*.ts']
const LEFT_OUT = ['src/schemes/test-keys.ts']

const { values: options } = parseArgs({
  options: {
    files: { type: 'string', default: '**' },
    most: { type: 'string', default: 'Infinity' },
    seed: { type: 'string', default: 'posthorn' },
    seconds: { type: 'string', default: '30' },
    workers: { type: 'string', default: '2' }
  }
})

process.chdir(new URL('../..', import.meta.url).pathname)
// Nobody waits for this.
setPriority(10)

const files = globSync(SOURCES).filter(file => !LEFT_OUT.includes(file) && matchesGlob(file, options.files))
const sources = new Map(files.sort().map(file => [file, readFileSync(file, 'utf8')]))
const runs = new Map(files.map(file => [file, relevantRuns(file)]))

const all = parse(sources, treeOf =>
  files.flatMap(file => {
    const tree = treeOf(file)
    return mutantsOf(file, tree, file.startsWith('receivers/') ? proofOf(tree) : [tree])
  })
)
const workshops = Array.from({ length: Number(options.workers) }, () => new Workshop(Number(options.seconds)))
const started = performance.now()
try {
  const sound = await soundFiles()
  const mutants = sample(
    all.filter(({ file }) => sound.has(file)),
    Math.min(Number(options.most), all.length),
    options.seed
  )
  const results = await inTurn(mutants, tryOut)
  const minutes = ((performance.now() - started) / 60_000).toFixed(1)
  console.log(`\n${survivors(results, sources)}\n\n${table(results)}\n`)
  console.log(`${mutants.length} of ${all.length} mutants in ${minutes} minutes, seed ${options.seed}`)
  process.exitCode = scoreOf(results) >= AIM ? 0 : 1
} finally {
  for (const workshop of workshops) workshop.close()
}

/** Those whose tests pass as they are. A test that fails anyway would kill everything. */
async function soundFiles(): Promise<Set<string>> {
  const failing = new Map<string, Run>()
  const distinct = new Map([...runs.values()].flat().map(run => [JSON.stringify(run), run]))
  await inTurn([...distinct], async ([key, run], workshop) => {
    const [file] = files
    const text = sources.get(file!)!
    if ((await workshop.try(file!, text, text, [run])) !== 'passed') failing.set(key, run)
  })
  for (const { tests, receivers = [] } of failing.values()) console.log(`fails as it is: ${[...tests, ...receivers]}`)
  return new Set(files.filter(file => !runs.get(file)!.some(run => failing.has(JSON.stringify(run)))))
}

async function tryOut(mutant: Mutant, workshop: Workshop): Promise<Result> {
  const original = sources.get(mutant.file)!
  const verdict = await workshop.try(mutant.file, mutated(original, mutant), original, runs.get(mutant.file)!)
  if (verdict !== 'failed') console.error(`${verdict}: ${describe(mutant, original)}`)
  return { mutant, verdict }
}

/** One item after another in each workshop, with a line of progress now and then. */
async function inTurn<T, R>(items: readonly T[], work: (item: T, workshop: Workshop) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  const queue = items.values()
  await Promise.all(
    workshops.map(async workshop => {
      for (const item of queue) {
        results.push(await work(item, workshop))
        if (results.length % 100 === 0) console.error(`${results.length} of ${items.length}`)
      }
    })
  )
  return results
}
