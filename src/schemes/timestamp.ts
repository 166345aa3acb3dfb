import type { Verdict } from '../receiver.ts'

export type TimeFormat = 'seconds' | 'milliseconds' | 'iso'

/** RFC 3339 as providers write it: date and time to the second or finer, with offset. */
const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:?\d\d)$/

/** Beyond it a Date is invalid, and throws where it is written. */
const LAST_TIME = 8.64e15

/** Milliseconds since 1970, or undefined: `1700000000abc`, ` 1700000000`, `01700000000` and `1e9` are no times. */
export function parseTime(text: string, format: TimeFormat): number | undefined {
  if (format === 'iso') {
    const time = ISO.test(text) ? Date.parse(text) : Number.NaN
    return Number.isNaN(time) ? undefined : time
  }
  if (!/^(?:0|[1-9]\d{0,14})$/.test(text)) return undefined
  const time = format === 'seconds' ? Number(text) * 1000 : Number(text)
  return time <= LAST_TIME ? time : undefined
}

export function formatTime(now: Date, format: TimeFormat): string {
  if (format === 'iso') return now.toISOString()
  return String(format === 'seconds' ? Math.floor(now.getTime() / 1000) : now.getTime())
}

/** Undefined where the time is within `tolerance` seconds of now, in the past and in the future. */
export function untimely(text: string, format: TimeFormat, tolerance: number, now: Date): Verdict | undefined {
  const time = parseTime(text, format)
  if (time === undefined) return { ok: false, reason: 'timestamp-malformed' }
  const apart = Math.abs(now.getTime() - time)
  return apart <= tolerance * 1000 ? undefined : { ok: false, reason: 'timestamp-outside-tolerance' }
}
