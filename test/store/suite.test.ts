import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type StoreEngine, storeChecksOf } from '../../src/testing/index.ts'
import { type MemoryStore, memoryStore } from './memory.ts'
import { type Lie, lies } from './suite/lies.ts'
import { moreLies } from './suite/more-lies.ts'

const WALK = 'model: 400 random operations do what a model does'

/** The memory store, but for what it does instead. */
function engine({ does }: Lie): StoreEngine {
  async function connected(to?: MemoryStore): Promise<MemoryStore> {
    const store = memoryStore(to && { state: to.state })
    await store.open()
    return Object.assign(store, does(memoryStore({ state: store.state }), store))
  }
  const again = (store: object) => connected(store as MemoryStore)
  return { open: () => connected(), reopen: again, second: again }
}

async function failureOf(lie: Lie, name: string): Promise<Error | undefined> {
  const check = storeChecksOf(engine(lie)).find(check => check.name === name)
  assert.ok(check, `there must be a check “${name}”`)
  return check.run().then(
    () => undefined,
    error => error
  )
}

for (const [name, lie] of Object.entries({ ...lies, ...moreLies })) {
  test(`an engine with ${name} fails the check that says so`, async () => {
    const failure = await failureOf(lie, lie.fails)
    assert.equal(failure?.name, 'AssertionError', `“${lie.fails}” must fail, but gave ${failure?.stack}`)
    if (lie.walk) assert.ok(await failureOf(lie, WALK), 'the random operations must find it too')
  })
}

test('where nothing outlives a store, and it has one connection, the rest is checked', () => {
  const sound: Lie = { does: () => ({}), fails: '' }
  const { open } = engine(sound)
  const [all, some] = [storeChecksOf(engine(sound)), storeChecksOf({ open })].map(checks =>
    checks.map(({ name }) => name)
  )
  const left = all!.filter(name => !some!.includes(name))
  assert.ok(left.length > 5)
  for (const name of left) assert.match(name, /^(restart|shared|order): /)
  assert.equal(new Set(all).size, all!.length)
})

test('a failing check leaves no store open', async () => {
  const open = new Set<MemoryStore>()
  const forgetful = {
    async open() {
      const store = memoryStore()
      open.add(store)
      return Object.assign(store, { add: async () => [], close: async () => void open.delete(store) })
    }
  }
  const check = storeChecksOf(forgetful).find(({ name }) => name.startsWith('add: '))!
  await assert.rejects(check.run(), { name: 'AssertionError' })
  assert.equal(open.size, 0)
})
