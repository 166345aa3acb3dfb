import { sqlite } from '../../src/store/sqlite.ts'
import type { Store } from '../../src/store/store.ts'
import { testStore } from '../../src/testing/store/index.ts'
import { newFile } from './sqlite/folder.ts'

async function openAt(path: string): Promise<Store> {
  const store = sqlite(path)
  await store.open()
  return store
}

const openAgain = (store: Store): Promise<Store> => openAt(store.name.slice('sqlite:'.length))

testStore('sqlite', { open: () => openAt(newFile()), reopen: openAgain, second: openAgain })
