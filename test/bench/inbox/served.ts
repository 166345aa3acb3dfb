import { type ChildProcess, execFile, execFileSync, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { payloads } from '../payloads.ts'
import { compiled } from './compiled.ts'
import { type Ids, type PayloadName, requests } from './requests.ts'
import type { ServerOptions } from './server.ts'

const run = promisify(execFile)

/** The client, and what a server only talks to, stay on one core; the server has the other, or both. */
export const SERVER_CORE = '0'
export const CLIENT_CORE = '1'
export const ALL_CORES = '0,1'

export interface Round {
  /** Requests a second. */
  readonly rate: number
  /** Milliseconds. */
  readonly p99: number
  /** Microseconds of all the server's threads, a request. */
  readonly cpu: number
  /** Longest time that the event loop did not turn, in milliseconds. */
  readonly stall: number
}

/** Before each answer: `begin` counts from here on, `look` does what an operator does. */
export type Question = 'begin' | 'look' | 'report'

export interface Report {
  readonly stored: number
  readonly handled: number
  readonly cpu: number
  readonly stall: number
  readonly rss: number
  readonly peak: number
}

/** A server in a process of its own. */
export class Served {
  readonly #child: ChildProcess
  readonly #payload: PayloadName
  readonly #ids: Ids
  /** Rejects when the process has ended. */
  readonly #ended: Promise<never>
  readonly port: number

  private constructor(child: ChildProcess, { payload, ids = 'by time' }: ServerOptions, port: number) {
    this.#child = child
    this.#ended = once(child, 'exit').then(() => Promise.reject(new Error('the server ended')))
    this.#ended.catch(() => {})
    this.#payload = payload
    this.#ids = ids
    this.port = port
  }

  static async start(options: ServerOptions, cores = SERVER_CORE): Promise<Served> {
    const child = fork(compiled('server'), [JSON.stringify(options)], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc']
    })
    const [{ port }] = await Promise.race([once(child, 'message'), once(child, 'exit').then(() => [{ port: 0 }])])
    if (port === 0) throw new Error(`the server ${options.variant} did not start`)
    pin(child.pid!, cores)
    return new Served(child, options, port)
  }

  get pid(): number {
    return this.#child.pid!
  }

  pin(cores: string): void {
    pin(this.pid, cores)
  }

  /** Sends for some seconds, and makes sure that all that was answered is stored. */
  async play(connections: number, seconds: number): Promise<Round> {
    const folder = mkdtempSync(join(tmpdir(), 'posthorn-bench-'))
    try {
      const script = requests(this.#payload, this.#ids, folder, seconds)
      const url = `http://127.0.0.1:${this.port}${payloads()[this.#payload].path}`
      const before = await this.ask('begin')
      const options = ['-t1', `-c${connections}`, `-d${seconds}s`, '--latency', '-s', script, url]
      const { stdout } = await run('taskset', ['-c', CLIENT_CORE, 'wrk', ...options])
      const { answered, failed, rate, p99 } = read(stdout)
      const after = await this.ask('report')
      const stored = after.stored - before.stored
      // Requests on their way when the client stops are stored, but not answered to it.
      if (answered === 0 || failed > 0 || stored < answered || stored > answered + connections) {
        throw new Error(`${answered} answered, ${failed} failed, ${stored} stored\n${stdout}`)
      }
      return { rate, p99, cpu: after.cpu / stored, stall: after.stall }
    } finally {
      rmSync(folder, { recursive: true })
    }
  }

  async ask(question: Question): Promise<Report> {
    const answered = once(this.#child, 'message')
    this.#child.send(question)
    return (await Promise.race([answered, this.#ended]))[0] as Report
  }

  async stop(): Promise<void> {
    if (this.#child.connected) this.#child.disconnect()
    await this.#ended.catch(() => {})
  }
}

export function pin(pid: number, cores: string): void {
  execFileSync('taskset', ['-a', '-p', '-c', cores, String(pid)], { stdio: 'ignore' })
}

function read(printed: string): { answered: number; failed: number; rate: number; p99: number } {
  const number = (pattern: RegExp): number => Number(pattern.exec(printed)?.[1] ?? 0)
  const [, p99, unit] = /99%\s+([\d.]+)(us|ms|s)/.exec(printed)!
  return {
    answered: number(/(\d+) requests in/),
    failed: number(/Non-2xx or 3xx responses: (\d+)/),
    rate: number(/Requests\/sec:\s+([\d.]+)/),
    p99: Number(p99) * { us: 0.001, ms: 1, s: 1000 }[unit as 'us' | 'ms' | 's']
  }
}
