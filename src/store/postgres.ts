import { Postgres } from './postgres/postgres.ts'
import type { Store } from './store.ts'

export interface PostgresOptions {
  /** Where the tables are; created where it isn't there. Default: `posthorn`. */
  readonly schema?: string
}

/**
 * The store in a PostgreSQL database, shared by any number of processes: `postgres('postgres://user@host/database')`.
 * Needs the package `pg` and a database in UTF8. It keeps up to seven connections of its own; they must be sessions, so
 * no pooler in transaction mode between them.
 *
 * `open` rejects with `InvalidStore` without `pg` and where the database cannot be used at all, with `SchemaTooNew` where
 * a newer version has been there, and with `StoreUnavailable` where the server cannot be reached. What PostgreSQL cannot
 * keep, such as a text with a NUL, rejects with `StoreRefused`.
 *
 * Where a connection breaks during a commit nobody knows whether it was done. It then rejects with `StoreUnavailable`, so
 * that the provider tries again: it is found as a duplicate, or, if it has no id, stored twice.
 */
export function postgres(url: string, options: PostgresOptions = {}): Store {
  return new Postgres(url, options.schema ?? 'posthorn')
}
