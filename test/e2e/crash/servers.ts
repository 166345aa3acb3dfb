/** Servers as processes of their own, which end with this one. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Said, ServerOptions } from './server.ts'

/** Starting is most of a cycle, and compiling most of a start. */
const compiled = mkdtempSync(join(tmpdir(), 'posthorn-compiled-'))
const running = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
  rmSync(compiled, { recursive: true, force: true })
})

/** A server that listens, or has not come that far. */
export class Server {
  readonly #child: ChildProcess
  readonly #ended: Promise<unknown>
  /** Resolves to its port. Rejects with what kept it from starting. */
  readonly ready: Promise<number>

  constructor(options: ServerOptions) {
    const clock = new URL('clock.ts', import.meta.url)
    const execArgv = options.clock === undefined ? [] : ['--import', clock.href]
    const env = { ...process.env, NODE_COMPILE_CACHE: compiled }
    const child = fork(new URL('server.ts', import.meta.url), [JSON.stringify(options)], { execArgv, env })
    running.add(child)
    this.#child = child
    this.#ended = once(child, 'exit').then(() => running.delete(child))
    this.ready = this.#firstWord()
    this.ready.catch(() => {})
  }

  get pid(): number {
    return this.#child.pid!
  }

  get hasEnded(): boolean {
    return !running.has(this.#child)
  }

  /** How it ended: a number, or the signal. */
  get end(): number | string | null {
    return this.#child.exitCode ?? this.#child.signalCode
  }

  ended(): Promise<unknown> {
    return this.#ended
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.#ended
  }

  /** As an operator stops it. */
  async stop(): Promise<void> {
    this.#child.kill('SIGTERM')
    await this.#ended
  }

  /** In megabytes: now, and the most it ever was. */
  async memory(): Promise<{ megabytes: number; peak: number }> {
    this.#child.send('memory')
    const [said] = await once(this.#child, 'message')
    return said
  }

  async #firstWord(): Promise<number> {
    const ended = this.#ended.then(() => {
      throw new Error(`the server ended (${this.end}) before it listened`)
    })
    const [said] = (await Promise.race([once(this.#child, 'message'), ended])) as [Said]
    if ('error' in said) throw Object.assign(new Error(said.error.message), { code: said.error.code })
    return (said as { port: number }).port
  }
}
