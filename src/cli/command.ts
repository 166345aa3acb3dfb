/** What a command is, and what it is given. */
import type { Store } from '../store/store.ts'
import type { Terminal } from './terminal.ts'

/** The process, or what a test puts in its place. */
export interface Io {
  readonly stdout: Output
  readonly stderr: Output
  readonly env: Readonly<Record<string, string | undefined>>
  readonly signals: Signals
  /** The store at an address, not opened yet. */
  openStore(address: string): Promise<Store>
  /** Ends the process at once. */
  exit(code: number): void
}

export interface Output {
  write(text: string | Uint8Array): unknown
  readonly isTTY?: boolean | undefined
  readonly columns?: number | undefined
}

export interface Signals {
  on(name: 'SIGTERM' | 'SIGINT', listener: () => void): unknown
  off(name: 'SIGTERM' | 'SIGINT', listener: () => void): unknown
}

export interface Option {
  readonly type: 'string' | 'boolean'
  /** May be given several times. */
  readonly multiple?: true
  /** What stands behind it in the help: `<seq>`. */
  readonly value?: string
  readonly help: string
}

export interface Command {
  /** What follows the name: `<seq…>`. */
  readonly takes?: string
  readonly summary: string
  /** More than fits into one line. */
  readonly help?: string
  readonly options: Readonly<Record<string, Option>>
  /** What one types behind `posthorn`, and what it does. */
  readonly examples: readonly (readonly [line: string, does: string])[]
  run(call: Call): Promise<void>
}

export interface Call {
  readonly values: Values
  readonly positionals: readonly string[]
  readonly terminal: Terminal
  readonly io: Io
}

export interface Values {
  readonly [option: string]: string | boolean | readonly (string | boolean)[] | undefined
}
