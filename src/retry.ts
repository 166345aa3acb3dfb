/** What a handler throws to say what becomes of its delivery, and when it is tried again otherwise. */

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE

/** Ten tries over about three days. */
export const DEFAULT_RETRY: readonly number[] = [
  10 * SECOND,
  MINUTE,
  5 * MINUTE,
  15 * MINUTE,
  HOUR,
  3 * HOUR,
  8 * HOUR,
  24 * HOUR,
  36 * HOUR
]

export interface RetryOptions {
  /** When to try again: in so many milliseconds, or at a time. Between now and 30 days. */
  readonly after: number | Date
  /** For the operator and the log. Nothing secret. */
  readonly reason?: string
  /** The error behind it. */
  readonly cause?: unknown
}

/**
 * Thrown by a handler: the delivery is handled again, from this handler on, at the time it says. It counts as one of the
 * handler's tries. Without an inbox it is an error like any other.
 */
export class Retry extends Error {
  override readonly name = 'Retry'
  readonly after: number | Date

  constructor({ after, reason = 'the handler asked for another try', cause }: RetryOptions) {
    super(reason, cause === undefined ? undefined : { cause })
    this.after = after
  }
}

/**
 * Thrown by a handler: no try will ever succeed, so the delivery is a dead letter at once. Without an inbox it is an
 * error like any other.
 */
export class Reject extends Error {
  override readonly name = 'Reject'

  constructor(reason: string, options?: ErrorOptions) {
    super(reason, options)
  }
}
