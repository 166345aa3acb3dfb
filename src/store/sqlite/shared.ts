/** What the two threads of a store are started with. */
export interface Setting {
  readonly role: 'writer' | 'reader'
  readonly path: string
  /** Numbers that both see, at the places below. */
  readonly shared: SharedArrayBuffer
}

/** What a thread is told beside calls. */
export type Order = 'close' | 'watch' | 'checkpoint'

/** What a thread tells beside answers: another process has written; a checkpoint is due. */
export type Notice = 'changed' | 'logged'

/** 1 while the reader needs the writer to pause. */
export const PAUSE = 0
/** About how many KiB were written since the last checkpoint. */
export const WRITTEN = 1
export const NUMBERS = 2

/** Lets the writer wait for the end of a pause; if the reader died in it, not for ever. */
export function awaitTurn(shared: Int32Array): void {
  Atomics.wait(shared, PAUSE, 1, 5000)
}

export function pause<Result>(shared: Int32Array, work: () => Result): Result {
  Atomics.store(shared, PAUSE, 1)
  try {
    return work()
  } finally {
    endPause(shared)
  }
}

export function endPause(shared: Int32Array): void {
  Atomics.store(shared, PAUSE, 0)
  Atomics.notify(shared, PAUSE)
}
