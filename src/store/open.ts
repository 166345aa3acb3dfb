import { InvalidStore } from '../errors.ts'
import type { Store } from './store.ts'

/**
 * The store at an address, not opened yet: `sqlite:webhooks.db` or `postgres://user@host/database`. Rejects with
 * `InvalidStore` where it is neither. The address may hold a password, so no error shows it.
 */
export async function openStore(address: string): Promise<Store> {
  const text = address.trim()
  const path = sqlitePath(text)
  if (path !== undefined) {
    const { sqlite } = await import('./sqlite.ts')
    return sqlite(path)
  }
  if (/^postgres(?:ql)?:\/\/./i.test(text)) {
    const { postgres } = await import('./postgres.ts')
    return postgres(text)
  }
  throw new InvalidStore('its address must be like sqlite:webhooks.db or postgres://host/database')
}

/** The file of a SQLite store. `sqlite:///var/hooks.db` is read as elsewhere: the third slash is the root. */
export function sqlitePath(address: string): string | undefined {
  return /^sqlite:(?:\/\/)?(.+)$/is.exec(address.trim())?.[1]
}
