/** Arguments as what they stand for. What they can't stand for is an `InvalidCommand`. */
import { InvalidCommand } from '../errors.ts'
import type { Io, Values } from './command.ts'

const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

export function text(values: Values, name: string): string | undefined {
  const value = values[name]
  return typeof value === 'string' ? value : undefined
}

export function oneOf<Choice extends string>(
  values: Values,
  name: string,
  choices: readonly Choice[]
): Choice | undefined {
  const value = text(values, name)
  if (value === undefined || choices.includes(value as Choice)) return value as Choice | undefined
  throw new InvalidCommand(`--${name} is one of ${choices.join(', ')}.`)
}

export function number(values: Values, name: string): number | undefined {
  const value = text(values, name)
  return value === undefined ? undefined : wholeNumber(value, `--${name}`)
}

export function seqs(positionals: readonly string[]): number[] {
  return positionals.map(text => wholeNumber(text, 'A delivery’s number'))
}

/** `2h` ago, or a point in time. */
export function time(values: Values, name: string, now: number): Date | undefined {
  const value = text(values, name)
  if (value === undefined) return undefined
  const [, count, unit] = /^(\d{1,9})([smhd])$/.exec(value) ?? []
  const date = new Date(unit === undefined ? Date.parse(value) : now - Number(count) * UNITS[unit]!)
  if (Number.isNaN(date.getTime())) {
    throw new InvalidCommand(`--${name} is a time such as 2026-03-01T12:00:00Z, or how long ago: 30s, 15m, 2h, 7d.`)
  }
  return date
}

/** Where a server of ours listens: `--port`, `PORT` or 3000. */
export function portOf(values: Values, { env }: Pick<Io, 'env'>): number {
  const given = text(values, 'port') ?? env.PORT ?? '3000'
  if (/^\d{1,5}$/.test(given) && Number(given) <= 65_535) return Number(given)
  throw new InvalidCommand('--port, or PORT, is a number from 0 to 65535.')
}

function wholeNumber(text: string, what: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text)
  throw new InvalidCommand(`${what} is a whole number.`)
}
