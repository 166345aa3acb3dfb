import { createHash } from 'node:crypto'
import type { Pool, PoolClient } from 'pg'
import { InvalidStore, StoreRefused, StoreUnavailable } from '../../errors.ts'
import { isCollision, isDataError, problemOf, sqlState } from './problem.ts'

export type Row = Readonly<Record<string, any>>
export type Query = (text: string, values?: readonly unknown[]) => Promise<readonly Row[]>

/** SQL that is prepared once per connection. */
export interface Statement {
  readonly name: string
  readonly text: string
}

type Pg = typeof import('pg')['default']

const SECOND = 1000
const CONNECT_TIMEOUT = 5 * SECOND
/** The server's own limit comes first: then it is known that nothing was changed. */
const WRITE_TIMEOUT = 10 * SECOND
const READ_TIMEOUT = 60 * SECOND
const GRACE = 2 * SECOND
const WRITERS = 4
const READERS = 2
const MOST_TRIES = 5
const INT8 = 20

/** Connections of the store's own: of the writers none ever waits behind an operator's search. */
export class Database {
  readonly name: string
  readonly locks: { readonly migration: string; readonly claim: string }
  readonly #schema: string
  readonly #password: string
  readonly #config: object
  readonly #pg: Pg
  readonly #writers: Pool
  readonly #readers: Pool
  readonly #prepared = new WeakSet<PoolClient>()

  constructor(pg: Pg, name: string, url: string, schema: string) {
    this.name = name
    this.#pg = pg
    this.#schema = schema
    this.#password = passwordOf(url)
    this.locks = { migration: lockOf(schema, 'migration'), claim: lockOf(schema, 'claim') }
    this.#config = {
      connectionString: url,
      application_name: 'posthorn',
      keepAlive: true,
      connectionTimeoutMillis: CONNECT_TIMEOUT,
      // Statements of a transaction travel together: one round trip. A `pg` that knows no pipeline sends one by one.
      pipeline: true,
      types: {
        getTypeParser: (oid: number, format: any) => (oid === INT8 ? Number : pg.types.getTypeParser(oid, format))
      }
    }
    this.#writers = this.#pool(WRITERS, WRITE_TIMEOUT)
    this.#readers = this.#pool(READERS, READ_TIMEOUT)
  }

  static async load(name: string, url: string, schema: string): Promise<Database> {
    if (!/^postgres(?:ql)?:\/\//.test(url) || !URL.canParse(url)) {
      throw new InvalidStore('its URL is not of the form postgres://user:password@host:5432/database')
    }
    const pg = await import('pg').catch(() => {
      throw new InvalidStore('PostgreSQL needs the package pg: `npm install pg`')
    })
    return new Database(pg.default, name, url, schema)
  }

  /** One statement that changes something. */
  async run(statement: Statement, values: readonly unknown[]): Promise<readonly Row[]> {
    return this.#patiently(() => this.#with(this.#writers, client => rowsOf(client, statement, values)))
  }

  /** Statements that change something together, sent in one go. Resolves to the rows of each. */
  async together(
    lock: string | undefined,
    steps: readonly (readonly [Statement, readonly unknown[]])[]
  ): Promise<Row[][]> {
    return this.#patiently(() =>
      this.#with(this.#writers, async client => {
        const sent = [
          client.query('begin'),
          ...(lock === undefined ? [] : [client.query(LOCK.text, [lock])]),
          ...steps.map(([statement, values]) => rowsOf(client, statement, values)),
          // After an error it rolls back.
          client.query('commit')
        ]
        // All have to be answered before anybody else may use the connection.
        const answers = await Promise.allSettled(sent)
        const failed = answers.find(answer => answer.status === 'rejected')
        if (failed !== undefined) throw failed.reason
        return (await Promise.all(sent.slice(-1 - steps.length, -1))) as Row[][]
      })
    )
  }

  /** Statements of which one depends on the other. All of it is tried again after a collision. */
  async transaction<Result>(lock: string, work: (query: Query) => Promise<Result>): Promise<Result> {
    return this.#patiently(() =>
      this.#with(this.#writers, async client => {
        const query: Query = async (text, values = []) => (await client.query(text, [...values])).rows
        await query('begin')
        try {
          await query(LOCK.text, [lock])
          const result = await work(query)
          await query('commit')
          return result
        } catch (error) {
          await query('rollback').catch(() => undefined)
          throw error
        }
      })
    )
  }

  async read(text: string, values: readonly unknown[]): Promise<readonly Row[]> {
    return this.#with(this.#readers, async client => (await client.query(text, [...values])).rows)
  }

  /** A connection beside the pools. */
  client(): InstanceType<Pg['Client']> {
    return new this.#pg.Client(this.#config)
  }

  quoted(identifier: string): string {
    return this.#pg.escapeIdentifier(identifier)
  }

  unavailable(error: unknown): Error {
    return new StoreUnavailable(this.name, problemOf(error, this.#password))
  }

  async close(): Promise<void> {
    await Promise.all([this.#writers.end(), this.#readers.end()])
  }

  #pool(max: number, timeout: number): Pool {
    const pool = new this.#pg.Pool({
      ...this.#config,
      max,
      idleTimeoutMillis: 60 * SECOND,
      query_timeout: timeout + GRACE
    })
    // A connection that breaks while nobody uses it is replaced when it is needed.
    pool.on('error', () => undefined)
    // One that breaks while it is in use says so twice: to the statement under way, and here. It may break as soon as it
    // is there, before anybody has it.
    pool.on('connect', client => client.on('error', () => undefined))
    return pool
  }

  async #with<Result>(pool: Pool, work: (client: PoolClient) => Promise<Result>): Promise<Result> {
    let client: PoolClient | undefined
    try {
      client = await pool.connect()
      await this.#prepare(client, pool === this.#writers)
      const result = await work(client)
      client.release()
      return result
    } catch (error) {
      // Whatever the server didn't answer leaves the connection in an unknown state.
      client?.release(sqlState(error) === undefined)
      throw this.#translated(error)
    }
  }

  async #prepare(client: PoolClient, isWriter: boolean): Promise<void> {
    const timeout = isWriter ? WRITE_TIMEOUT : READ_TIMEOUT
    if (this.#prepared.has(client)) return
    await client.query(`
      set search_path to ${this.quoted(this.#schema)};
      set statement_timeout to ${timeout};
      set lock_timeout to ${timeout / 2};
      -- A process that was stopped in the middle must not hold its locks for ever.
      set idle_in_transaction_session_timeout to ${timeout};
      -- What was acknowledged is on disk, whatever the role's default says.
      select set_config('synchronous_commit', 'on', false)
        where current_setting('synchronous_commit') not in ('on', 'remote_apply');
      -- The statistics of a queue are always out of date: no plan may read it as a whole because it was empty once.
      set enable_seqscan to off;
      -- To start what these would save takes longer than any statement here.
      set jit to off;
      set max_parallel_workers_per_gather to 0;
      -- What is prepared is planned once; what is asked once, for what it asks.
      set plan_cache_mode to ${isWriter ? 'force_generic_plan' : 'force_custom_plan'}`)
    this.#prepared.add(client)
  }

  async #patiently<Result>(work: () => Promise<Result>): Promise<Result> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await work()
      } catch (error) {
        if (!(error instanceof Collision)) throw error
        if (attempt === MOST_TRIES) throw this.unavailable(error.cause)
      }
    }
  }

  /**
   * A broken connection leaves open whether a commit was done. To say that it wasn't is safe: the provider tries again,
   * and finds that it is stored. Only what has no key may be stored twice.
   */
  #translated(error: unknown): unknown {
    if (isCollision(error)) return new Collision('collision', { cause: error })
    if (isDataError(error)) return new StoreRefused(this.name, problemOf(error, this.#password))
    const isOurs = error instanceof Error && 'statusCode' in error
    return isOurs ? error : this.unavailable(error)
  }
}

class Collision extends Error {}

const LOCK: Statement = { name: 'lock', text: 'select pg_advisory_xact_lock($1)' }

async function rowsOf(client: PoolClient, { name, text }: Statement, values: readonly unknown[]): Promise<Row[]> {
  return (await client.query({ name, text, values: [...values] })).rows
}

function lockOf(schema: string, purpose: string): string {
  return createHash('sha256').update(`posthorn ${purpose} ${schema}`).digest().readBigInt64BE().toString()
}

function passwordOf(url: string): string {
  const { password, searchParams } = new URL(url)
  return decodeURIComponent(password) || (searchParams.get('password') ?? '')
}
