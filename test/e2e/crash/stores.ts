/** Where a store is, in a form that travels to another process. */
import { postgres } from '../../../src/store/postgres.ts'
import { sqlite } from '../../../src/store/sqlite.ts'
import type { Filter, Store, StoredDelivery } from '../../../src/store/store.ts'

export type Address =
  | { readonly engine: 'sqlite'; readonly path: string }
  | { readonly engine: 'postgres'; readonly url: string; readonly schema: string }

export function storeAt(address: Address): Store {
  return address.engine === 'sqlite' ? sqlite(address.path) : postgres(address.url, { schema: address.schema })
}

/** Looks into a store from outside, as another process would. */
export async function looking<Result>(address: Address, look: (store: Store) => Promise<Result>): Promise<Result> {
  const store = storeAt(address)
  await store.open()
  try {
    return await look(store)
  } finally {
    await store.close()
  }
}

const PAGE = 500

/** All that match, in the order of their arrival. */
export async function allIn(store: Store, filter: Filter = {}): Promise<StoredDelivery[]> {
  const all: StoredDelivery[] = []
  for (let before: number | undefined; ; before = all.at(-1)!.seq) {
    const page = await store.find(filter, { before, limit: PAGE })
    all.push(...page)
    if (page.length < PAGE) return all.reverse()
  }
}
