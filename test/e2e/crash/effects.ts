/** What handlers did, written down where no kill can undo it: a line each, appended by one write. */
import { openSync, readFileSync, writeSync } from 'node:fs'

export interface Effect {
  /** Of the delivery. */
  readonly id: string
  readonly handler: string
  readonly attempt: number
  readonly pid: number
}

/** The handlers of the chain in order, and the step that the second one takes by `once`. */
export const HANDLERS = ['first', 'second', 'third'] as const
export const STEP = 'second: its step'

export class Effects {
  readonly #file: number

  constructor(path: string) {
    this.#file = openSync(path, 'a')
  }

  append(handler: string, { id, attempt }: { readonly id: string | undefined; readonly attempt: number }): void {
    writeSync(this.#file, `${JSON.stringify({ id, handler, attempt, pid: process.pid })}\n`)
  }
}

/** All of them, in the order in which they happened. */
export function effectsIn(path: string): Effect[] {
  const lines = readFileSync(path, { encoding: 'utf8', flag: 'a+' }).split('\n')
  return lines.filter(line => line !== '').map(line => JSON.parse(line))
}
