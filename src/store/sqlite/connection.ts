import { closeSync, fsyncSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync, type SQLInputValue, type SQLOutputValue, type StatementSync } from 'node:sqlite'
import { matches } from '../../pattern.ts'

export type Value = SQLInputValue | undefined
/** How many rows were changed, and the number of the last that was inserted. */
export interface Changed {
  readonly changes: number
  readonly lastInsertRowid: number
}
export type Row = readonly SQLOutputValue[]

/** How long a writer waits for another process that writes, in milliseconds. Beyond it the store is unavailable. */
const PATIENCE = 3000
/** Small enough for index pages, large enough that most events fit into one. */
export const PAGE = 8192

/** A connection to the file. Rows are lists of values; statements are prepared once. */
export class Connection {
  readonly #db: DatabaseSync
  readonly #statements = new Map<string, Prepared>()

  /** `cache`: for pages, in KiB. What a writer needs again are the pages its indexes grow in. */
  constructor(path: string, cache = 16_384) {
    makePrivate(path)
    this.#db = new DatabaseSync(path, { timeout: PATIENCE })
    try {
      // Pages that pruning frees are used again by what arrives next. Auto-vacuum would make each such page cost a write
      // more, to give back what is needed again the same day; an operator who wants it smaller runs VACUUM.
      this.#db.exec(`PRAGMA page_size = ${PAGE}; PRAGMA auto_vacuum = NONE`)
      patiently(() => this.#db.exec('PRAGMA journal_mode = WAL'))
      this.#db.exec(`
        PRAGMA synchronous = FULL;
        PRAGMA wal_autocheckpoint = 0;
        PRAGMA cache_size = -${cache};
        PRAGMA temp_store = MEMORY;
        PRAGMA mmap_size = 0`)
      this.#db.function('matches', { deterministic: true }, (pattern, event) =>
        matches(String(pattern), String(event)) ? 1 : 0
      )
      this.#db.function('mentions', { deterministic: true, varargs: true }, mentions)
    } catch (error) {
      this.close()
      throw error
    }
  }

  all(sql: string, ...values: Value[]): Row[] {
    const { statement, bound } = this.#prepare(sql)
    return statement.all(...bound(values)) as unknown as Row[]
  }

  one(sql: string, ...values: Value[]): Row | undefined {
    const { statement, bound } = this.#prepare(sql)
    return statement.get(...bound(values)) as unknown as Row | undefined
  }

  run(sql: string, ...values: Value[]): Changed {
    const { statement, bound } = this.#prepare(sql)
    return statement.run(...bound(values)) as Changed
  }

  exec(sql: string): void {
    this.#db.exec(sql)
  }

  /** All or nothing. The lock is taken first, so that a read in it can't be overtaken by another process. */
  transaction<Result>(work: () => Result): Result {
    this.run('BEGIN IMMEDIATE')
    try {
      const result = work()
      this.run('COMMIT')
      return result
    } catch (error) {
      // After some errors SQLite has rolled back by itself.
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK')
      throw error
    }
  }

  close(): void {
    this.#statements.clear()
    try {
      this.#db.close()
    } catch {
      // It was closed, or is beyond closing: there is nothing to save.
    }
  }

  #prepare(sql: string): Prepared {
    let prepared = this.#statements.get(sql)
    if (prepared === undefined) {
      prepared = prepare(this.#db, sql)
      this.#statements.set(sql, prepared)
    }
    return prepared
  }
}

interface Prepared {
  readonly statement: StatementSync
  readonly bound: (values: readonly Value[]) => SQLInputValue[]
}

/** Node 22 takes `?1` for a name, and binds lists to plain `?` only. So each place becomes one, and gets its value. */
function prepare(db: DatabaseSync, sql: string): Prepared {
  const places = [...sql.matchAll(/\?(\d+)/g)].map(([, number]) => Number(number) - 1)
  const statement = db.prepare(sql.replace(/\?\d+/g, '?'))
  statement.setReturnArrays(true)
  const inOrder = (values: readonly Value[]) => places.map(place => values[place])
  return { statement, bound: (places.length === 0 ? same : inOrder) as Prepared['bound'] }
}

function same(values: readonly Value[]): readonly Value[] {
  return values
}

/** Personal data: nobody else reads it. SQLite gives its other files the rights of this one. */
function makePrivate(path: string): void {
  try {
    closeSync(openSync(path, 'wx', 0o600))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    return
  }
  const folder = openSync(dirname(path), 'r')
  fsyncSync(folder)
  closeSync(folder)
}

/** The change to WAL fails at once where another process makes it just now: SQLite doesn't wait there. */
function patiently(work: () => void): void {
  const until = Date.now() + PATIENCE
  for (;;) {
    try {
      work()
      return
    } catch (error) {
      if (!isBusy(error) || Date.now() > until) throw error
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10)
    }
  }
}

function isBusy(error: unknown): boolean {
  return ((error as { readonly errcode?: number }).errcode ?? 0) % 256 === 5
}

function mentions(text: SQLOutputValue, ...places: SQLOutputValue[]): number {
  const wanted = String(text).toLowerCase()
  return places.some(place => typeof place === 'string' && place.toLowerCase().includes(wanted)) ? 1 : 0
}
