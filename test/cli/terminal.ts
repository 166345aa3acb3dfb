import { EventEmitter } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { main } from '../../src/cli/cli.ts'
import type { Io } from '../../src/cli/command.ts'
import { StoreUnavailable } from '../../src/errors.ts'
import { openStore } from '../../src/store/open.ts'
import type { Store } from '../../src/store/store.ts'
import { MemoryState } from '../store/memory/state.ts'
import { memoryStore } from '../store/memory.ts'

export interface Printed {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** A terminal of so many columns, or a pipe, and what is printed on it. */
export class FakeTerminal {
  readonly signals = new EventEmitter()
  readonly exits: number[] = []
  readonly #columns: number | undefined
  readonly #waiting: { readonly holds: () => boolean; readonly resolve: () => void }[] = []
  out = ''
  err = ''

  constructor(columns?: number) {
    this.#columns = columns
  }

  async run(line: readonly string[], env: Io['env'] = {}): Promise<Printed> {
    const tty = this.#columns === undefined ? {} : { isTTY: true, columns: this.#columns }
    const code = await main(line, {
      stdout: { ...tty, write: text => this.#write('out', text) },
      stderr: { ...tty, write: text => this.#write('err', text) },
      env,
      signals: this.signals,
      exit: exitCode => void this.exits.push(exitCode),
      openStore: open
    })
    return { code, out: this.out, err: this.err }
  }

  /** Resolves once this has been printed. */
  printed(text: string): Promise<void> {
    return this.#once(() => this.out.includes(text))
  }

  /** The same for what is told to the person. */
  told(text: RegExp): Promise<void> {
    return this.#once(() => text.test(this.err))
  }

  #once(holds: () => boolean): Promise<void> {
    if (holds()) return Promise.resolve()
    return new Promise(resolve => this.#waiting.push({ holds, resolve }))
  }

  #write(stream: 'out' | 'err', text: string | Uint8Array): void {
    this[stream] += typeof text === 'string' ? text : Buffer.from(text).toString()
    for (const { holds, resolve } of this.#waiting) if (holds()) resolve()
  }
}

const memory = new Map<string, { state: MemoryState; failing: { method: keyof Store; call: number } | undefined }>()

/** In memory where it is one of the tests' own, such as `memory:1`. */
async function open(address: string): Promise<Store> {
  const known = memory.get(address)
  if (known === undefined) return openStore(address)
  const store = memoryStore({ state: known.state })
  const { failing } = known
  known.failing = undefined
  return failing === undefined ? store : failingAt(store, failing.method, failing.call)
}

function failingAt(store: Store, method: keyof Store, call: number): Store {
  let calls = 0
  return new Proxy(store, {
    get(target, name) {
      if (name === method && ++calls === call) return () => Promise.reject(new StoreUnavailable('memory', 'it failed'))
      const member = Reflect.get(target, name, target)
      return typeof member === 'function' ? member.bind(target) : member
    }
  })
}

/** A store that every command opens and closes, as if it was in a file. */
export class FakeStore {
  readonly address = `memory:${memory.size}`
  readonly env = { WEBHOOKS_STORE: this.address }

  constructor() {
    memory.set(this.address, { state: new MemoryState(), failing: undefined })
  }

  /** Whoever opens it next finds that this call of a method fails. */
  failAt(method: keyof Store, call: number): void {
    memory.get(this.address)!.failing = { method, call }
  }

  /** Opens it as a server does, and closes it. */
  async with<Result>(use: (store: Store, pepper: Uint8Array) => Promise<Result>): Promise<Result> {
    const store = await open(this.address)
    const { pepper } = await store.open()
    try {
      return await use(store, pepper)
    } finally {
      await store.close()
    }
  }

  /** What one types, as a program sees the answer. */
  posthorn(line: string, env: Io['env'] = {}): Promise<Printed> {
    return new FakeTerminal().run(line.split(' '), { ...this.env, ...env })
  }
}

export class Folder {
  readonly path = mkdtempSync(join(tmpdir(), 'posthorn-cli-'))

  write(name: string, source: string): string {
    const path = join(this.path, name)
    writeFileSync(path, source)
    return path
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true })
  }
}
