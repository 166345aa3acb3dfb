import { resolve } from 'node:path'
import { InvalidStore } from '../errors.ts'
import { SqliteStore } from './sqlite/store.ts'
import type { Store } from './store.ts'

/**
 * A store in one file, by Node's own SQLite: for one machine, any number of processes. No server, nothing to install.
 *
 * What is acknowledged is on the disk (WAL, `synchronous=FULL`), many at a time: whatever arrives while a commit is under
 * way goes into the next one. It works in two threads of its own, so a slow disk never blocks the event loop.
 *
 * `path`: of the file; made where there is none, readable by its owner only, in a folder that exists and is on a local disk.
 * Beside it are `path-wal` and `path-shm`, which belong to it: copy all three, or none while it is in use.
 * Throws `InvalidStore` where it can't be a file. `open()` rejects with `InvalidStore` where the folder doesn't exist, with
 * `SchemaTooNew`, or with `StoreUnavailable`, as everything else does while the file can't be used: full, locked by
 * another process for more than 3 seconds, damaged, read-only.
 */
export function sqlite(path: string): Store {
  if (path === '' || path === ':memory:' || path.startsWith('file:') || path.includes('\0')) {
    throw new InvalidStore('give sqlite() the path of a file; what is only in memory is lost with the process')
  }
  return new SqliteStore(resolve(path))
}
