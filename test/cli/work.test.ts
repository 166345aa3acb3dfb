import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { fill } from '../inbox/stored.ts'
import { FakeStore, FakeTerminal, Folder } from './terminal.ts'

const root = new URL('../../', import.meta.url)
const folder = new Folder()
after(() => folder.remove())

/** A module whose handlers do this, with `name` bound to what the test has under it. */
const module = (name: string, handle: string, more = '') =>
  folder.write(
    `${name}.ts`,
    `import { github } from '${new URL('receivers/github.ts', root)}'
import { FunctionHandler, on } from '${new URL('src/handler.ts', root)}'
const shared = globalThis['${name}']
export default {
  receivers: [github],
  handlers: [new FunctionHandler(on('**'), { name: 'handle' }, async delivery => { ${handle} })],
  ${more}
}`
  )

function share(name: string, value: unknown): void {
  Object.assign(globalThis, { [name]: value })
}

test('handles what is stored until it is asked to stop, without any secret', async () => {
  const fake = new FakeStore()
  const handled = Promise.withResolvers<string>()
  share('handles', handled)
  const [seq] = await fake.with(store => fill(store, [{ id: 'd-1' }]))
  const terminal = new FakeTerminal()
  const running = terminal.run(['work', module('handles', 'shared.resolve(delivery.id)')], fake.env)
  assert.equal(await handled.promise, 'd-1')
  await terminal.printed('posthorn works on memory: github; handlers: handle\n')
  terminal.signals.emit('SIGTERM')
  assert.equal((await running).code, 0)
  assert.equal((await fake.with(store => store.get(seq!)))!.state, 'done')
  assert.deepEqual(terminal.exits, [])
})

test('lets what runs come to its end, and loses patience at the second signal', async () => {
  const fake = new FakeStore()
  const began = Promise.withResolvers<void>()
  const goOn = Promise.withResolvers<void>()
  share('waits', { began, goOn })
  const [seq] = await fake.with(store => fill(store, [{}]))
  const terminal = new FakeTerminal()
  const running = terminal.run(['work', module('waits', 'shared.began.resolve(); await shared.goOn.promise')], fake.env)
  await began.promise
  await terminal.printed('posthorn works')
  terminal.signals.emit('SIGTERM')
  await terminal.printed('posthorn stops')
  assert.deepEqual(terminal.exits, [])
  terminal.signals.emit('SIGINT')
  assert.deepEqual(terminal.exits, [1])
  goOn.resolve()
  assert.equal((await running).code, 0)
  assert.equal((await fake.with(store => store.get(seq!)))!.state, 'done')
})

test('uses the store of the module, and works though the server’s process does not', async () => {
  const handled = Promise.withResolvers<void>()
  const fake = new FakeStore()
  await fake.with(store => fill(store, [{}]))
  await fake.with(async store => {
    share('own', { handled, store })
    const terminal = new FakeTerminal()
    const path = module('own', 'shared.handled.resolve()', 'inbox: shared.store, worker: false')
    const running = terminal.run(['work', path])
    await handled.promise
    await terminal.printed('posthorn works')
    terminal.signals.emit('SIGINT')
    assert.equal((await running).code, 0)
  })
})

test('a handler that may run longer than its lease stops the start', async () => {
  const fake = new FakeStore()
  const path = module('slow', '', 'worker: { lease: 1000 }')
  const { code, err } = await new FakeTerminal().run(['work', path], fake.env)
  assert.equal(code, 1)
  assert.match(err, /handle.*lease/)
})
