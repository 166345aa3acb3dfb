import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { sqlite } from '../../src/store/sqlite.ts'
import type { Store } from '../../src/store/store.ts'
import { fill } from '../inbox/stored.ts'
import { Folder } from './terminal.ts'

const root = new URL('../../', import.meta.url)
const folder = new Folder()
const database = join(folder.path, 'hooks.db')
const started: ChildProcess[] = []
after(() => {
  for (const child of started) child.kill('SIGKILL')
  folder.remove()
})

async function withStore<Result>(use: (store: Store) => Promise<Result>): Promise<Result> {
  const store = sqlite(database)
  await store.open()
  try {
    return await use(store)
  } finally {
    await store.close()
  }
}

function posthorn(...line: readonly string[]): ChildProcess {
  const main = new URL('src/cli/main.ts', root).pathname
  const env = { ...process.env, WEBHOOKS_STORE: `sqlite:${database}` }
  const child = spawn(process.execPath, [main, ...line], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  started.push(child)
  return child
}

async function ended(child: ChildProcess): Promise<{ code: number | null; out: string; err: string }> {
  let out = ''
  let err = ''
  child.stdout!.on('data', chunk => (out += chunk))
  child.stderr!.on('data', chunk => (err += chunk))
  const [code] = await once(child, 'close')
  return { code, out, err }
}

test('as a process prints, and ends by itself with its exit code', async () => {
  await withStore(store => fill(store, [{ subject: 'octo/hello' }]))
  const [listed, failed, wrong] = await Promise.all([
    ended(posthorn('inbox', 'list')),
    ended(posthorn('inbox', 'show', '999')),
    ended(posthorn('inbox', 'lost'))
  ])
  assert.match(listed.out, /^SEQ .*\n1 +waiting +github +push +octo\/hello /)
  assert.deepEqual([listed.code, listed.err], [0, ''])
  assert.deepEqual([failed.code, failed.err], [1, 'posthorn: There is no delivery 999.\n'])
  assert.equal(wrong.code, 2)
})

test('a reader that has seen enough is no failure', async () => {
  const child = posthorn('inbox', 'show', '1', '--body')
  child.stdout!.destroy()
  const [code] = await once(child, 'exit')
  assert.equal(code, 0)
})

test('works in a process of its own, beside others on the same store, until SIGTERM', async () => {
  const path = folder.write(
    'app.ts',
    `import { github } from '${new URL('receivers/github.ts', root)}'
import { FunctionHandler, on } from '${new URL('src/handler.ts', root)}'
export default {
  receivers: [github],
  handlers: [new FunctionHandler(on('**'), { name: 'handle' }, delivery => console.log(\`handled \${delivery.id}.\`))]
}`
  )
  const child = posthorn('work', path)
  const handled = Promise.withResolvers<void>()
  let out = ''
  child.stdout!.on('data', chunk => {
    out += chunk
    if (out.includes('handled later.')) handled.resolve()
    if (out.includes('posthorn works on')) ready.resolve()
  })
  const ready = Promise.withResolvers<void>()
  const exit = once(child, 'exit')
  await Promise.race([ready.promise, exit.then(() => assert.fail(out))])
  const [seq] = await withStore(store => fill(store, [{ id: 'later' }]))
  await handled.promise
  child.kill('SIGTERM')
  assert.deepEqual(await exit, [0, null])
  assert.equal((await withStore(store => store.get(seq!)))!.state, 'done')
})
