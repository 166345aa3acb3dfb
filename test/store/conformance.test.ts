import { testStore } from '../../src/testing/store/index.ts'
import { type MemoryStore, memoryStore } from './memory.ts'

testStore('memory', {
  open: async () => opened(memoryStore()),
  reopen: async closed => opened(memoryStore({ state: (closed as MemoryStore).state })),
  second: async store => opened(memoryStore({ state: (store as MemoryStore).state }))
})

async function opened(store: MemoryStore): Promise<MemoryStore> {
  await store.open()
  return store
}
