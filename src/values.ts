import type { Reply } from './receiver.ts'
import { parseTime, type TimeFormat } from './schemes/timestamp.ts'

/** An id, subject or account out of a payload: a number becomes text; what is neither, or empty, is left out. */
export function text(value: unknown): string | undefined {
  if (typeof value === 'number' || typeof value === 'bigint') return String(value)
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** A time out of a payload; one that is not in this format is left out. */
export function date(value: unknown, format: TimeFormat): Date | undefined {
  const time = parseTime(text(value) ?? '', format)
  return time === undefined ? undefined : new Date(time)
}

/** One id made of several values. Without one of them it is left out: the rest might be the id of other facts, too. */
export function joined(...values: readonly unknown[]): string | undefined {
  const texts = values.map(text)
  return texts.includes(undefined) ? undefined : texts.join('/')
}

/** What a challenge asks to hear again. As plain text that no browser sniffs, or the URL would serve anybody's HTML. */
export function echo(challenge: string): Reply {
  return {
    status: 200,
    headers: { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' },
    body: challenge
  }
}
