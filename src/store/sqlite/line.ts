import { once } from 'node:events'
import type { Worker } from 'node:worker_threads'
import { StoreUnavailable } from '../../errors.ts'
import type { Call } from './calls.ts'
import { type Packed, pack, unpack } from './pack.ts'
import { errorOf, type Problem } from './problem.ts'
import type { Notice, Order } from './shared.ts'

/** So many packs are with the thread at a time: one it works on, and one to go on with. The next waits and grows. */
const UNDER_WAY = 2
/** What a pack holds at most: calls, and bytes beyond which no other call is put in. */
const MOST_CALLS = 500
const MOST_BYTES = 8 * 1024 * 1024

export type Args<Made> = Made extends (db: never, bytes: never, ...args: infer Rest) => unknown ? Rest : never
export type Value<Made> = Made extends (...args: never[]) => infer Result ? Awaited<Result> : never

export interface Answer<Result> {
  readonly value: Result
  readonly bytes: readonly Uint8Array[]
}

interface Pending {
  readonly head: readonly unknown[]
  readonly bytes: readonly Uint8Array[]
  resolve(answer: Answer<any>): void
  reject(error: Error): void
}

interface On {
  notice(notice: Notice): void
  /** The thread is gone: it was ended, or it failed. */
  end(): void
}

/** The main thread's end of a thread: calls made in one turn of the event loop travel together, answers come in order. */
export class Line<Calls extends Record<keyof Calls, Call>> {
  readonly #name: string
  readonly #start: () => Worker
  readonly #on: On
  #worker: Worker | undefined
  #queue: Pending[] = []
  #posted: Pending[] = []
  /** How many calls each pack under way still has. */
  #packs: number[] = []
  #isScheduled = false
  #idle: (() => void)[] = []

  constructor(name: string, start: () => Worker, on: On) {
    this.#name = name
    this.#start = start
    this.#on = on
  }

  call<Name extends keyof Calls>(
    name: Name,
    args: Args<Calls[Name]>,
    bytes: readonly Uint8Array[] = []
  ): Promise<Answer<Value<Calls[Name]>>> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ head: [name, ...args], bytes, resolve, reject })
      this.#schedule()
    })
  }

  tell(order: Order): void {
    this.#running().postMessage(order)
  }

  /** Ends what is under way, then the thread. */
  async close(): Promise<void> {
    if (this.#queue.length + this.#posted.length > 0) await new Promise<void>(resolve => this.#idle.push(resolve))
    const worker = this.#worker
    if (worker === undefined) return
    worker.ref()
    worker.postMessage('close' satisfies Order)
    await once(worker, 'exit')
  }

  #schedule(): void {
    if (this.#isScheduled || this.#queue.length === 0 || this.#packs.length >= UNDER_WAY) return
    this.#isScheduled = true
    setImmediate(() => this.#post())
  }

  #post(): void {
    this.#isScheduled = false
    const calls = this.#take()
    this.#posted.push(...calls)
    this.#packs.push(calls.length)
    const packed = pack(calls)
    const worker = this.#running()
    worker.ref()
    worker.postMessage(packed, [packed.buffer])
    this.#schedule()
  }

  #take(): Pending[] {
    let count = 0
    for (let size = 0; count < Math.min(this.#queue.length, MOST_CALLS) && size < MOST_BYTES; count++) {
      for (const { byteLength } of this.#queue[count]!.bytes) size += byteLength
    }
    return this.#queue.splice(0, count)
  }

  #running(): Worker {
    if (this.#worker !== undefined) return this.#worker
    const worker = this.#start()
    worker.unref()
    worker.on('message', (message: Packed | Notice) => {
      if (typeof message === 'string') this.#on.notice(message)
      else this.#answered(message)
    })
    // An uncaught error is followed by the exit.
    worker.on('error', () => {})
    worker.on('exit', () => this.#ended())
    this.#worker = worker
    return worker
  }

  #answered(packed: Packed): void {
    const answers = unpack(packed)
    const calls = this.#posted.splice(0, answers.length)
    let left = answers.length
    while (left > 0 && this.#packs[0]! <= left) left -= this.#packs.shift()!
    if (left > 0) this.#packs[0]! -= left
    this.#schedule()
    for (const [index, { head, bytes }] of answers.entries()) {
      const { value, problem } = head as { readonly value: unknown; readonly problem?: Problem }
      if (problem === undefined) calls[index]!.resolve({ value, bytes })
      else calls[index]!.reject(errorOf(problem, this.#name))
    }
    this.#rest()
  }

  /** What was under way may or may not have been committed: nobody can say any more. The next call starts a new thread. */
  #ended(): void {
    this.#worker = undefined
    this.#on.end()
    const calls = this.#posted
    this.#posted = []
    this.#packs = []
    for (const { reject } of calls) reject(new StoreUnavailable(this.#name, 'its thread ended'))
    this.#schedule()
    this.#rest()
  }

  /** An idle thread doesn't keep the process alive. */
  #rest(): void {
    if (this.#queue.length + this.#posted.length > 0) return
    this.#worker?.unref()
    for (const resolve of this.#idle.splice(0)) resolve()
  }
}
