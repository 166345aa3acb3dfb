import { InvalidStore, SchemaTooNew, StoreUnavailable } from '../../errors.ts'
import type { Item } from './pack.ts'

/** What went wrong in a thread, as it travels to the one that asked. */
export type Problem =
  | { readonly kind: 'unavailable'; readonly text: string }
  | { readonly kind: 'invalid'; readonly text: string }
  | { readonly kind: 'too-new'; readonly found: number; readonly known: number }
  | { readonly kind: 'failed'; readonly text: string }

/** Thrown in a thread for what SQLite has no error for. */
export class Trouble extends Error {
  readonly problem: Problem

  constructor(problem: Problem) {
    super(problem.kind)
    this.problem = problem
  }
}

/** SQLite's result codes that are about the file, not about one operation. */
const unavailable = new Set([
  5, // BUSY
  6, // LOCKED
  7, // NOMEM
  8, // READONLY
  10, // IOERR
  11, // CORRUPT
  13, // FULL
  14, // CANTOPEN
  15, // PROTOCOL
  23, // AUTH
  26 // NOTADB
])

export function problemOf(error: unknown): Problem {
  if (error instanceof Trouble) return error.problem
  const { errcode, errstr, code, message } = error as {
    readonly errcode?: number
    readonly errstr?: string
    readonly code?: string
    readonly message?: string
  }
  if (errcode !== undefined && unavailable.has(errcode % 256))
    return { kind: 'unavailable', text: errstr ?? 'no reason' }
  if (code === 'ENOENT' || code === 'ENOTDIR') return { kind: 'invalid', text: 'the folder of its file does not exist' }
  if (code !== undefined && /^E[A-Z]+$/.test(code)) return { kind: 'unavailable', text: `its file gives ${code}` }
  return { kind: 'failed', text: message ?? String(error) }
}

export function failed(error: unknown): Item {
  return { head: { problem: problemOf(error) }, bytes: [] }
}

export function errorOf(problem: Problem, store: string): Error {
  if (problem.kind === 'unavailable') return new StoreUnavailable(store, problem.text)
  if (problem.kind === 'invalid') return new InvalidStore(`${store}: ${problem.text}`)
  if (problem.kind === 'too-new') return new SchemaTooNew(store, problem.found, problem.known)
  return new Error(`The store ${store} could not do it: ${problem.text}`)
}
