import assert from 'node:assert/strict'
import type { Io } from '../../src/cli/command.ts'
import { FakeTerminal, type Printed } from './terminal.ts'

/** A command that runs until it is asked to stop, and the URL at which it listens on this machine. */
export class Serving {
  readonly terminal: FakeTerminal
  readonly url: string
  readonly #ended: Promise<Printed>

  private constructor(terminal: FakeTerminal, url: string, ended: Promise<Printed>) {
    this.terminal = terminal
    this.url = url
    this.#ended = ended
  }

  static async start(line: readonly string[], env: Io['env']): Promise<Serving> {
    const terminal = new FakeTerminal()
    const ended = terminal.run([...line, '--port', '0'], env)
    await Promise.race([terminal.told(/at http:\/\/127\.0\.0\.1:\d+\n/), ended])
    const [, url] = /posthorn \w+ at (http:\S+)\n/.exec(terminal.err) ?? []
    assert.ok(url !== undefined, terminal.err)
    return new Serving(terminal, url, ended)
  }

  async stop(): Promise<Printed> {
    this.terminal.signals.emit('SIGTERM')
    return this.#ended
  }
}
