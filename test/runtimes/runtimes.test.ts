/** The pure part, with every receiver, comes to the same verdicts on Node, Bun and Deno, and withstands the same attacks. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { promisify } from 'node:util'
import type { Report } from './verdicts.ts'

const root = new URL('../../', import.meta.url).pathname
const script = 'test/runtimes/verdicts.ts'
/** A home of their own, for their caches. */
const home = mkdtempSync(join(tmpdir(), 'posthorn-runtimes-'))
after(() => rmSync(home, { recursive: true }))

/** Neither may fetch anything, and Deno may do nothing but read the files of this project. */
const commands = {
  bun: ['run', '--no-install'],
  deno: ['run', '--no-prompt', '--no-remote', '--allow-read=.']
}

async function run(program: string, words: readonly string[]): Promise<string> {
  const env = { PATH: process.env.PATH, HOME: home, DENO_NO_UPDATE_CHECK: '1' }
  const bounds = { timeout: 120_000, killSignal: 'SIGKILL', maxBuffer: 64 * 1024 * 1024 } as const
  const { stdout } = await promisify(execFile)(program, words, { cwd: root, env, ...bounds })
  return stdout
}

async function reportOf(program: string, ...words: readonly string[]): Promise<Report> {
  return JSON.parse(await run(program, [...words, script]))
}

let onNode: Report
before(async () => {
  onNode = await reportOf(process.execPath)
})

test('Node judges every request of the vectors, and withstands the attacks', () => {
  const { runtime, verdicts, findings } = onNode
  const vectors = join(root, 'test/vectors')
  const count = readdirSync(vectors).flatMap(file => JSON.parse(readFileSync(join(vectors, file), 'utf8'))).length
  assert.equal(runtime, 'node')
  assert.deepEqual(findings, [])
  assert.equal(Object.keys(verdicts).length, count)
})

for (const [name, words] of Object.entries(commands)) {
  const program = join(root, 'node_modules/.bin', name)

  test(`${name} comes to the same verdicts as Node, and withstands the attacks`, async context => {
    try {
      await run(program, ['--version'])
    } catch (error) {
      const message = `NOT TESTED on ${name}, which can't be run here: ${(error as Error).message}`
      console.error(`!! ${message}`)
      context.skip(message)
      return
    }
    const { runtime, verdicts, findings } = await reportOf(program, ...words)
    assert.equal(runtime, name)
    assert.deepEqual(findings, [])
    assert.deepEqual(verdicts, onNode.verdicts)
  })
}
