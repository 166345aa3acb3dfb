/** Starts a real Redis or RabbitMQ for one test file: on loopback, on free ports, with everything it writes in a folder. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { accessSync, constants, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface Broker {
  readonly port: number
  stop(): Promise<void>
}

/**
 * Where a program is; undefined where it is not installed. Debian's `rabbitmq-server` on the path is a wrapper that changes
 * to another user and folder: the server's own script goes before it.
 */
export function find(program: string): string | undefined {
  const folders = ['/usr/lib/rabbitmq/bin', ...(process.env.PATH ?? '').split(':')]
  return folders.map(folder => join(folder, program)).find(isExecutable)
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

export async function startRedis(program: string, formerPort?: number): Promise<Broker> {
  const port = formerPort ?? (await freePorts(1))[0]!
  const folder = mkdtempSync(join(tmpdir(), 'posthorn-redis-'))
  const args = [
    '--bind',
    '127.0.0.1',
    '--port',
    `${port}`,
    '--dir',
    folder,
    '--save',
    '',
    '--maxmemory-policy',
    'noeviction'
  ]
  const redis = await start(program, args, { PATH: process.env.PATH }, /Ready to accept connections/)
  return { port, stop: () => stopAll([redis], folder) }
}

export async function startRabbit(program: string, epmd: string): Promise<Broker> {
  const [port, names, distribution] = await freePorts(3)
  const folder = mkdtempSync(join(tmpdir(), 'posthorn-rabbit-'))
  writeFileSync(join(folder, 'plugins'), '[].')
  const env = {
    PATH: process.env.PATH,
    HOME: folder,
    // A register of names of our own, in the foreground: the one that Erlang starts by itself would outlive us.
    ERL_EPMD_PORT: `${names}`,
    ERL_EPMD_ADDRESS: '127.0.0.1',
    RABBITMQ_NODENAME: 'posthorn@localhost',
    RABBITMQ_NODE_IP_ADDRESS: '127.0.0.1',
    RABBITMQ_NODE_PORT: `${port}`,
    RABBITMQ_DIST_PORT: `${distribution}`,
    RABBITMQ_MNESIA_BASE: join(folder, 'mnesia'),
    RABBITMQ_LOGS: '-',
    RABBITMQ_LOG_BASE: folder,
    RABBITMQ_PID_FILE: join(folder, 'pid'),
    RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, 'plugins'),
    RABBITMQ_CONF_ENV_FILE: '/dev/null',
    RABBITMQ_CONFIG_FILE: join(folder, 'none')
  }
  const register = await start(epmd, ['-d', '-port', `${names}`, '-address', '127.0.0.1'], env, /epmd running/)
  const rabbit = await start(program, [], env, /Server startup complete/)
  return { port: port!, stop: () => stopAll([rabbit, register], folder) }
}

const running = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of running) kill(child, 'SIGKILL')
})

/** In a group of its own, so that what it starts ends with it. */
async function start(program: string, args: string[], env: object, ready: RegExp): Promise<ChildProcess> {
  const child = spawn(program, args, { env: { ...env }, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
  running.add(child)
  let printed = ''
  const outcome = Promise.withResolvers<void>()
  const listen = (chunk: Buffer): void => {
    printed = (printed + chunk).slice(-10_000)
    if (ready.test(printed)) outcome.resolve()
  }
  child.stdout.on('data', listen)
  child.stderr.on('data', listen)
  child.once('error', outcome.reject)
  child.once('exit', () => {
    running.delete(child)
    outcome.reject(new Error(`${program} ended before it was ready:\n${printed}`))
  })
  await outcome.promise
  return child
}

async function stopAll(children: ChildProcess[], folder: string): Promise<void> {
  for (const child of children) {
    if (child.exitCode !== null || child.signalCode !== null) continue
    const exited = once(child, 'exit')
    kill(child, 'SIGTERM')
    await exited
  }
  rmSync(folder, { recursive: true, force: true })
}

function kill({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid!, signal)
  } catch {
    // It has ended already.
  }
}

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'))
  await Promise.all(servers.map(server => once(server, 'listening')))
  const ports = servers.map(server => (server.address() as AddressInfo).port)
  await Promise.all(servers.map(server => once(server.close(), 'close')))
  return ports
}
