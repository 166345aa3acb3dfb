/** Imported before a server: its clock is wrong by as many milliseconds as stand in the file `clock`, in all its threads. */
import { readFileSync } from 'node:fs'
import { isMainThread } from 'node:worker_threads'

// Threads have the environment, but no arguments.
if (isMainThread) process.env.CLOCK = (JSON.parse(process.argv[2]!) as { clock: string }).clock
const Right = Date
const now = (): number => Right.now() + Number(readFileSync(process.env.CLOCK!, 'utf8'))

globalThis.Date = class extends Right {
  constructor(...time: [] | [number]) {
    if (time.length === 0) super(now())
    else super(...time)
  }

  static override now(): number {
    return now()
  }
} as DateConstructor
