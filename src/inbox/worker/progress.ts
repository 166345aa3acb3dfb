/** How far a delivery has come, and what was tried: the two texts that the store keeps for the inbox. */
import type { AnyHandler } from '../../handler.ts'

/**
 * Handlers are known by their names. One that was renamed is a new handler, which has not run: it runs. One that was
 * removed is passed over. One that was added runs when the delivery is handled the next time, wherever it stands in the
 * chain; a delivery that is done stays done.
 */
export interface Progress {
  /** The handlers that are done, as they ended. */
  readonly done: readonly string[]
  /** Inline handlers that may have begun in a process that died: they never run again. */
  readonly begun?: readonly string[]
  /** A handler ended the chain. */
  readonly stopped?: true
  /** What the steps of `once` gave, by handler and key. */
  readonly steps?: Readonly<Record<string, Readonly<Record<string, unknown>>>>
}

/** The newest 50 tries, oldest first. */
export type History = readonly Try[]

/** What became of a delivery between a claim and its end. */
export interface Try {
  /** The how-manyth it was. A released one does not count: the next has the same number. */
  readonly attempt: number
  /** Who, and when in milliseconds since 1970. Undefined where nobody said how it ended. */
  readonly worker?: string
  readonly startedAt?: number
  readonly endedAt?: number
  /** Before the answer, by the process that received it. */
  readonly inline?: true
  /** `released`: the worker closed. `lapsed`: nobody said how it ended. */
  readonly outcome: 'done' | 'retry' | 'dead' | 'ignored' | 'released' | 'lapsed'
  readonly handlers: readonly HandlerTry[]
}

export interface HandlerTry {
  readonly name: string
  /** How long it took. */
  readonly ms: number
  readonly outcome: 'done' | 'stopped' | 'failed'
  readonly error?: string
}

const MOST_TRIES = 50
const LONGEST_ERROR = 2048
const NONE: Progress = { done: [] }

/** What is no progress reads as none: handlers rather run again than not at all. */
export function parseProgress(text: string): Progress {
  if (text === '') return NONE
  const progress = parsed(text) as Partial<Progress> | undefined
  return Array.isArray(progress?.done) ? (progress as Progress) : NONE
}

export function parseHistory(text: string): History {
  if (text === '') return []
  const history = parsed(text)
  return Array.isArray(history) ? history : []
}

export function writeProgress(progress: Progress): string {
  return JSON.stringify(progress)
}

export function writeHistory(history: History): string {
  return history.length === 0 ? '' : JSON.stringify(history.slice(-MOST_TRIES))
}

/** What is left of a chain. */
export function restOf(chain: readonly AnyHandler[], { done, begun = [], stopped }: Progress): readonly AnyHandler[] {
  if (stopped) return []
  if (done.length + begun.length === 0) return chain
  return chain.filter(({ name }) => !done.includes(name) && !begun.includes(name))
}

/** The progress of a delivery that is stored before its inline handlers run. */
export function progressBegun(names: readonly string[]): string {
  return writeProgress({ done: [], begun: names })
}

/** What an error says, in a text that every store can keep. Never more than that: no stack, no properties. */
export function errorText(error: unknown): string {
  return spoken(error).slice(0, LONGEST_ERROR).toWellFormed().replaceAll('\0', '\uFFFD')
}

function spoken(error: unknown): string {
  try {
    return error instanceof Error ? error.message || error.name : String(error)
  } catch {
    return 'an error that cannot be read'
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
