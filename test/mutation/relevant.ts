import { existsSync, globSync, readFileSync } from 'node:fs'
import { basename, dirname } from 'node:path'

/** Test files that one process runs. `receivers`: the only ones that exist for them. */
export interface Run {
  readonly tests: readonly string[]
  readonly receivers?: readonly string[]
}

/** What tells whether this file is right, the nearest and quickest first. The suite that attacks receivers comes late. */
export function relevantRuns(file: string): Run[] {
  const mirror = file.replace(/^src\//, '').replace(/^(.*)\.ts$/, 'test/$1.test.ts')
  const own = existsSync(mirror) ? [mirror] : []
  if (file.startsWith('receivers/')) return [{ tests: own }, ...suite([file])].filter(({ tests }) => tests.length > 0)

  const around = dirname(mirror) === 'test' ? [] : globSync(`${dirname(mirror)}/*.test.ts`)
  const beyond = ['test/receive.test.ts', 'test/redact.test.ts', ...globSync('test/plugin/*.test.ts')]
  const receivers = file.startsWith('src/config/') ? [] : receiversOf(file)
  return [
    { tests: own },
    { tests: around.filter(test => test !== mirror) },
    { tests: beyond.filter(test => test !== mirror) },
    {
      tests: receivers.map(receiver => `test/${receiver.replace('.ts', '.test.ts')}`).filter(test => existsSync(test))
    },
    ...suite(receivers)
  ].filter(({ tests }) => tests.length > 0)
}

function suite(receivers: readonly string[]): Run[] {
  if (receivers.length === 0) return []
  return [
    { tests: ['test/receivers.test.ts'], receivers },
    { tests: ['test/property.test.ts'], receivers }
  ]
}

/** Those that call what the file exports. Where nobody does, it works behind something else: all of them. */
function receiversOf(file: string): string[] {
  const names = [...readFileSync(file, 'utf8').matchAll(/^export function (\w+)/gm)].map(([, name]) => name)
  const calls = new RegExp(`\\b(?:${names.join('|')}|${basename(file, '.ts')}(?: as signature)?)\\b.*[({]`)
  const all = globSync('receivers/*.ts')
  const using = all.filter(receiver => calls.test(readFileSync(receiver, 'utf8')))
  return using.length === 0 ? all : using
}
