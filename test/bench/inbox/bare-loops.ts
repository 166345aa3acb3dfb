/**
 * The least that a durable queue must do: take a batch in one transaction, mark it as done in another. The larger the
 * batch, the fewer commits; but what is taken ahead waits, and is late where the process dies.
 */
import { DatabaseSync } from 'node:sqlite'
import pg from 'pg'
import { arrival } from './deliveries.ts'
import { LEASE, type Loop } from './loops.ts'

export class BareOnSqlite implements Loop {
  readonly #db: DatabaseSync
  readonly #batch: number

  constructor(path: string, batch: number) {
    this.#batch = batch
    this.#db = new DatabaseSync(path)
    this.#db.exec(`
      PRAGMA page_size = 8192;
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = FULL;
      CREATE TABLE jobs (
        seq INTEGER PRIMARY KEY, state TEXT NOT NULL, due INTEGER NOT NULL, lease INTEGER, body BLOB NOT NULL
      ) STRICT;
      CREATE INDEX jobs_due ON jobs (due) WHERE state = 'waiting'`)
  }

  async fill(count: number): Promise<void> {
    const insert = this.#db.prepare(`INSERT INTO jobs (state, due, body) VALUES ('waiting', ?, ?)`)
    this.#db.exec('BEGIN')
    for (let index = 0; index < count; index++) insert.run(Date.now(), arrival().request.body)
    this.#db.exec('COMMIT')
  }

  async work(): Promise<number> {
    const claim = this.#db.prepare(`
      UPDATE jobs SET state = 'running', lease = ? WHERE seq IN (
        SELECT seq FROM jobs WHERE state = 'waiting' AND due <= ? ORDER BY due LIMIT ${this.#batch}
      ) RETURNING seq, body`)
    const complete = this.#db.prepare(`UPDATE jobs SET state = 'done' WHERE seq = ? AND state = 'running'`)
    for (let done = 0; ; ) {
      const now = Date.now()
      const claimed = claim.all(now + LEASE, now)
      if (claimed.length === 0) return done
      this.#db.exec('BEGIN IMMEDIATE')
      for (const { seq } of claimed) done += Number(complete.run(seq!).changes)
      this.#db.exec('COMMIT')
    }
  }

  async close(): Promise<void> {
    this.#db.close()
  }
}

export class BareOnPostgres implements Loop {
  readonly #client: pg.Client
  readonly #batch: number

  private constructor(client: pg.Client, batch: number) {
    this.#client = client
    this.#batch = batch
  }

  static async open(url: string, batch: number): Promise<BareOnPostgres> {
    const client = new pg.Client(url)
    await client.connect()
    await client.query(`
      CREATE TABLE jobs (
        seq bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
        state text NOT NULL DEFAULT 'waiting', due bigint NOT NULL, lease bigint, body bytea NOT NULL
      );
      CREATE INDEX ON jobs (due) WHERE state = 'waiting'`)
    return new BareOnPostgres(client, batch)
  }

  async fill(count: number): Promise<void> {
    const { body } = arrival().request
    const text = 'INSERT INTO jobs (due, body) SELECT $1, $2 FROM generate_series(1, $3)'
    await this.#client.query(text, [Date.now(), body, count])
  }

  async work(): Promise<number> {
    const claim = {
      name: 'claim',
      text: `
        UPDATE jobs SET state = 'running', lease = $1 WHERE seq IN (
          SELECT seq FROM jobs WHERE state = 'waiting' AND due <= $2 ORDER BY due LIMIT ${this.#batch} FOR UPDATE SKIP LOCKED
        ) RETURNING seq, body`
    }
    const complete = {
      name: 'complete',
      text: `UPDATE jobs SET state = 'done' WHERE seq = ANY ($1::bigint[]) AND state = 'running'`
    }
    for (let done = 0; ; ) {
      const now = Date.now()
      const { rows } = await this.#client.query({ ...claim, values: [now + LEASE, now] })
      if (rows.length === 0) return done
      done += (await this.#client.query({ ...complete, values: [rows.map(({ seq }) => seq)] })).rowCount!
    }
  }

  close(): Promise<void> {
    return this.#client.end()
  }
}
