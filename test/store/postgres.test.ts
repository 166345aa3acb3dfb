import { postgres } from '../../src/store/postgres.ts'
import type { Store } from '../../src/store/store.ts'
import { testStore } from '../../src/testing/index.ts'
import { withPostgres } from './embedded.ts'

const schemas = new WeakMap<Store, string>()
let count = 0

await withPostgres('the store in PostgreSQL', ({ url }) => {
  async function opened(schema: string): Promise<Store> {
    const store = postgres(url, { schema })
    schemas.set(store, schema)
    await store.open()
    return store
  }
  testStore('postgres', {
    open: () => opened(`store_${++count}`),
    reopen: closed => opened(schemas.get(closed)!),
    second: store => opened(schemas.get(store)!)
  })
})
