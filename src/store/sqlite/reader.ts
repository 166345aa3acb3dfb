import { setTimeout } from 'node:timers/promises'
import type { MessagePort } from 'node:worker_threads'
import { type Call, reads } from './calls.ts'
import { Connection, PAGE } from './connection.ts'
import { type Item, type Packed, pack, unpack } from './pack.ts'
import { failed } from './problem.ts'
import { type Order, pause, type Setting, WRITTEN } from './shared.ts'

/** From the end of a checkpoint to the next, in milliseconds. */
const REST = 200
/** A log of more bytes is emptied while the writer pauses: in passing it would never be, as long as the writer is busy. */
const MOST_LOG = 64 * 1024 * 1024

/** Searches go through the file once: a small cache does, in KiB. */
const CACHE = 4096

/** Reads, and moves into the file what the writer has logged. Neither keeps the writer waiting. */
export function serveReads(port: MessagePort, { path, shared }: Setting): void {
  const reader = new Reader(path, new Int32Array(shared))
  let turn: Promise<unknown> = Promise.resolve()
  let rested: Promise<unknown> = Promise.resolve()

  port.on('message', (message: Packed | Order) => {
    if (message === 'close') {
      reader.close()
      port.close()
    } else if (message === 'checkpoint') {
      rested = rested.then(() => {
        reader.checkpoint()
        return setTimeout(REST, undefined, { ref: false })
      })
    } else if (typeof message !== 'string') {
      for (const call of unpack(message)) {
        turn = turn.then(async () => {
          const packed = pack([await reader.answer(call)])
          port.postMessage(packed, [packed.buffer])
        })
      }
    }
  })
}

class Reader {
  readonly #path: string
  readonly #numbers: Int32Array
  #db: Connection | undefined

  constructor(path: string, numbers: Int32Array) {
    this.#path = path
    this.#numbers = numbers
  }

  async answer({ head, bytes }: Item): Promise<Item> {
    const [name, ...args] = head as [keyof typeof reads, ...unknown[]]
    const bodies: Uint8Array[] = []
    try {
      this.#db ??= new Connection(this.#path, CACHE)
      const value = await (reads[name] as Call)(this.#db, { given: bytes, bodies }, ...args)
      return { head: { value }, bytes: bodies }
    } catch (error) {
      this.close()
      return failed(error)
    }
  }

  checkpoint(): void {
    Atomics.store(this.#numbers, WRITTEN, 0)
    try {
      this.#db ??= new Connection(this.#path, CACHE)
      const db = this.#db
      const logged = db.one('PRAGMA wal_checkpoint(PASSIVE)')![1] as number
      if (logged * PAGE > MOST_LOG) pause(this.#numbers, () => db.one('PRAGMA wal_checkpoint(RESTART)'))
    } catch {
      // The disk is full, or another process is at it: the log keeps everything until the next time.
    }
  }

  close(): void {
    this.#db?.close()
    this.#db = undefined
  }
}
