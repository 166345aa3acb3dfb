/** What other processes do to a store: keep it locked, or bring it to a schema that is newer than this code. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { DatabaseSync } from 'node:sqlite'
import pg from 'pg'
import type { Address } from './stores.ts'

/** Another process writes, and does not come to its end. Resolves to what ends it. */
export async function lock(store: Address): Promise<() => Promise<void>> {
  if (store.engine === 'sqlite') {
    const locker = fork(new URL('locker.ts', import.meta.url), [store.path])
    await once(locker, 'message')
    return async () => {
      locker.send('go')
      await once(locker, 'exit')
    }
  }
  const client = new pg.Client(store.url)
  await client.connect()
  await client.query(`BEGIN; LOCK TABLE ${store.schema}.deliveries IN ACCESS EXCLUSIVE MODE`)
  return async () => {
    await client.query('ROLLBACK')
    await client.end()
  }
}

/** As the next version would: it only adds. */
export async function migrate(store: Address): Promise<void> {
  if (store.engine === 'sqlite') {
    const db = new DatabaseSync(store.path, { timeout: 10_000 })
    const { user_version: version } = db.prepare('PRAGMA user_version').get() as { user_version: number }
    db.exec(`
      BEGIN IMMEDIATE;
      ALTER TABLE deliveries ADD COLUMN later TEXT;
      CREATE INDEX deliveries_later ON deliveries (later);
      PRAGMA user_version = ${version + 1};
      COMMIT`)
    return db.close()
  }
  const client = new pg.Client(store.url)
  await client.connect()
  await client.query(`
    SET search_path = ${store.schema};
    BEGIN;
    ALTER TABLE deliveries ADD COLUMN later text;
    CREATE INDEX deliveries_later ON deliveries (later);
    UPDATE store SET version = version + 1;
    COMMIT`)
  await client.end()
}

/** Whether somebody writes just now. On PostgreSQL nobody has to wait for that. */
export function isLocked(store: Address): boolean {
  if (store.engine === 'postgres') return false
  const db = new DatabaseSync(store.path, { timeout: 100 })
  try {
    db.exec('BEGIN IMMEDIATE; ROLLBACK')
    return false
  } catch {
    return true
  } finally {
    db.close()
  }
}
