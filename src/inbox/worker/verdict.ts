/** What becomes of a delivery whose handler failed. */
import { MalformedBody } from '../../errors.ts'
import type { AnyHandler } from '../../handler.ts'
import { Reject, Retry } from '../../retry.ts'

export type Verdict = { readonly state: 'dead' } | { readonly state: 'waiting'; readonly due: number }

/** How far a delay may be from what the schedule says: deliveries that failed together do not come back together. */
const JITTER = 0.15
const LONGEST_DELAY = 30 * 86_400_000

export interface Failure {
  readonly handler: AnyHandler
  readonly error: unknown
  /** How often the handler was tried, this time included. */
  readonly tries: number
  readonly now: number
  /** Between 0 and 1. */
  readonly random: number
}

export function verdictOf({ handler, error, tries, now, random }: Failure): Verdict {
  const delay = handler.retry[tries - 1]
  if (isFinal(error) || delay === undefined) return { state: 'dead' }
  return { state: 'waiting', due: dueAfter(error, delay * (1 + JITTER * (2 * random - 1)), now) }
}

/** No try will ever succeed. */
export function isFinal(error: unknown): boolean {
  return error instanceof Reject || error instanceof MalformedBody
}

/** When to try again: as the handler asked, or after the delay. */
export function dueAfter(error: unknown, delay: number, now: number): number {
  return now + Math.round(error instanceof Retry ? asked(error, now) : delay)
}

/** Whether so many claims ended without a word that another one would be the same. */
export function isHopeless(handler: AnyHandler, { tries, lapses }: { tries: number; lapses: number }): boolean {
  return lapses > 0 && tries > handler.retry.length + 1
}

/** What is no time at all is now. */
function asked({ after }: Retry, now: number): number {
  const delay = typeof after === 'number' ? after : after.getTime() - now
  return Number.isNaN(delay) ? 0 : Math.min(Math.max(delay, 0), LONGEST_DELAY)
}
