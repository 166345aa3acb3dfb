import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads'
import { type Call, writes } from './calls.ts'
import { Connection } from './connection.ts'
import { migrate } from './migrations.ts'
import { type Item, type Packed, pack, unpack } from './pack.ts'
import { failed, problemOf } from './problem.ts'
import { awaitTurn, type Notice, type Order, type Setting, WRITTEN } from './shared.ts'

/** The most that goes into one commit: it bounds how long the first of them waits for the last. */
const MOST_CALLS = 1000
const MOST_BYTES = 16 * 1024 * 1024
/** Checkpoints cost two more flushes to the disk: only after so many KiB were written. */
const WORTH_A_CHECKPOINT = 4096
/** About how many KiB a call writes beside its bytes: some pages of indexes. */
const PAGES = 16
/** How often to look whether another process has written, in milliseconds. */
const LOOK = 100

/**
 * Group commit: whatever waits when a commit has ended goes into the next one. While one is under way, calls pile up in
 * the port; so the busier the store, the less a call costs, and one that comes alone waits for nobody.
 */
export function serveWrites(port: MessagePort, { path, shared }: Setting): void {
  const writer = new Writer(path)
  const numbers = new Int32Array(shared)
  const obey: Partial<Record<Order, () => void>> = {
    close() {
      writer.close()
      port.close()
    },
    watch() {
      const timer = setInterval(() => writer.sawOthers() && port.postMessage('changed' satisfies Notice), LOOK)
      port.once('close', () => clearInterval(timer))
    }
  }

  /** What waits in the port, if anything does; orders between calls are obeyed on the way. */
  const nextOf = (): Packed | undefined => {
    for (;;) {
      const message: Packed | Order | undefined = receiveMessageOnPort(port)?.message
      if (typeof message !== 'string') return message
      obey[message]?.()
    }
  }

  port.on('message', (first: Packed | Order) => {
    if (typeof first === 'string') return obey[first]?.()
    const calls = [...waiting(first, nextOf)]
    awaitTurn(numbers)
    const answers = writer.commit(calls)
    const packed = pack(answers)
    port.postMessage(packed, [packed.buffer])
    const size = calls.length * PAGES + Math.ceil(sizeOf(calls) / 1024)
    const before = Atomics.add(numbers, WRITTEN, size)
    if (before < WORTH_A_CHECKPOINT && before + size >= WORTH_A_CHECKPOINT) port.postMessage('logged' satisfies Notice)
  })
}

/** The calls that came first, and those that wait behind them. */
function* waiting(first: Packed, next: () => Packed | undefined): Generator<Item> {
  let count = 0
  let size = 0
  for (let packed: Packed | undefined = first; packed !== undefined; ) {
    const calls = unpack(packed)
    yield* calls
    count += calls.length
    size += packed.buffer.byteLength
    if (count >= MOST_CALLS || size >= MOST_BYTES) return
    packed = next()
  }
}

class Writer {
  readonly #path: string
  #db: Connection | undefined
  #version = 0

  constructor(path: string) {
    this.#path = path
  }

  /** All in one transaction. One that fails, fails alone; where the file is the problem, all do, and nothing is changed. */
  commit(calls: readonly Item[]): Item[] {
    try {
      const db = this.#connected()
      try {
        return db.transaction(() => calls.map(call => answer(db, call)))
      } catch (error) {
        if (problemOf(error).kind !== 'failed') throw error
        return db.transaction(() => calls.map(call => answerAlone(db, call)))
      }
    } catch (error) {
      // A connection that failed is not trusted again: the next group makes a new one.
      this.close()
      return calls.map(() => failed(error))
    }
  }

  /** Whether another process has written since it was asked last. */
  sawOthers(): boolean {
    if (this.#db === undefined) return false
    try {
      const before = this.#version
      this.#version = versionOf(this.#db)
      return this.#version !== before
    } catch {
      return false
    }
  }

  close(): void {
    this.#db?.close()
    this.#db = undefined
  }

  #connected(): Connection {
    if (this.#db === undefined) {
      const db = new Connection(this.#path)
      try {
        migrate(db)
        this.#version = versionOf(db)
      } catch (error) {
        db.close()
        throw error
      }
      this.#db = db
    }
    return this.#db
  }
}

/** Goes up when another connection writes. */
function versionOf(db: Connection): number {
  return db.one('PRAGMA data_version')![0] as number
}

function answer(db: Connection, { head, bytes }: Item): Item {
  const [name, ...args] = head as [keyof typeof writes, ...unknown[]]
  const bodies: Uint8Array[] = []
  const value = (writes[name] as Call)(db, { given: bytes, bodies }, ...args)
  return { head: { value }, bytes: bodies }
}

function answerAlone(db: Connection, call: Item): Item {
  db.exec('SAVEPOINT one')
  try {
    const answered = answer(db, call)
    db.exec('RELEASE one')
    return answered
  } catch (error) {
    if (problemOf(error).kind !== 'failed') throw error
    db.exec('ROLLBACK TO one; RELEASE one')
    return failed(error)
  }
}

function sizeOf(calls: readonly Item[]): number {
  return calls.reduce((sum, { bytes }) => sum + bytes.reduce((size, part) => size + part.byteLength, 0), 0)
}
