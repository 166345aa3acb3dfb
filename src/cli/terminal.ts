import { stripVTControlCharacters, styleText } from 'node:util'
import type { Io, Output } from './command.ts'

type Style = 'red' | 'green' | 'yellow' | 'cyan' | 'dim' | 'bold'

export interface Column<Row> {
  readonly title: string
  readonly text: (row: Row) => string | number | undefined
  readonly style?: (row: Row) => Style | undefined
}

/** What commands write to. All that comes from a stranger's request goes through `clean`. */
export class Terminal {
  readonly #out: Output
  readonly #err: Output
  readonly #isColored: boolean
  readonly isJson: boolean

  constructor({ stdout, stderr, env }: Io, isJson: boolean) {
    this.#out = stdout
    this.#err = stderr
    this.#isColored = stdout.isTTY === true && (env.NO_COLOR ?? '') === '' && env.TERM !== 'dumb'
    this.isJson = isJson
  }

  line(text = ''): void {
    this.#out.write(`${text}\n`)
  }

  bytes(bytes: Uint8Array): void {
    this.#out.write(bytes)
  }

  /** For the person, not for the pipe. */
  note(text: string): void {
    this.#err.write(`${text}\n`)
  }

  /** A line that the next one takes the place of. Only on a terminal. */
  progress(text: string): void {
    if (this.#err.isTTY === true) this.#err.write(`\r\x1b[K${text}`)
  }

  /** What is not there is null, so that programs always find the same names. */
  json(value: unknown): void {
    const indent = this.#out.isTTY === true ? 2 : undefined
    this.line(JSON.stringify(value, (_, part) => (part === undefined ? null : part), indent))
  }

  style(text: string, style: Style | undefined): string {
    return this.#isColored && style !== undefined ? styleText(style, text, { validateStream: false }) : text
  }

  /** Aligned; on a terminal the last column is cut where the line ends. */
  table<Row>(rows: readonly Row[], columns: readonly Column<Row>[]): void {
    const used = columns.filter(({ text }) => rows.some(row => (text(row) ?? '') !== ''))
    const cells = rows.map(row => used.map(({ text }) => clean(String(text(row) ?? ''))))
    const widths = used.map(({ title }, index) => Math.max(title.length, ...cells.map(row => row[index]!.length)))
    const room = this.#out.isTTY === true ? (this.#out.columns ?? Number.POSITIVE_INFINITY) : Number.POSITIVE_INFINITY
    const starts = widths.map((_, index) => widths.slice(0, index).reduce((sum, width) => sum + width + 2, 0))
    const print = (texts: readonly string[], styleAt: (index: number) => Style | undefined): void => {
      const last = texts.findLastIndex((text, index) => text !== '' && starts[index]! < room)
      const parts = texts.slice(0, last + 1).map((text, index) => {
        const padded = index === last ? text : text.padEnd(widths[index]!)
        return this.style(padded.slice(0, room - starts[index]!), styleAt(index))
      })
      this.line(parts.join('  '))
    }
    print(
      used.map(({ title }) => title),
      () => 'dim'
    )
    for (const [at, row] of cells.entries()) print(row, index => used[index]!.style?.(rows[at]!))
  }

  /** Names and what they stand for, one under the other; those that stand for nothing are left out. */
  list(pairs: readonly (readonly [name: string, text: string | number | undefined])[], indent = ''): void {
    const shown = pairs.filter(([, text]) => text !== undefined && text !== '')
    const width = Math.max(...shown.map(([name]) => name.length))
    for (const [name, text] of shown)
      this.line(`${indent}${this.style(name.padEnd(width), 'dim')}  ${clean(String(text))}`)
  }
}

/** Without what a terminal would obey, or would turn around: requests are strangers' texts. */
export function clean(text: string): string {
  return stripVTControlCharacters(text).replace(/[\0-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '\uFFFD')
}

/** The same for a text of several lines. */
export function cleanLines(text: string): string {
  return text
    .split(/\r?\n/)
    .map(line => clean(line.replaceAll('\t', '  ')))
    .join('\n')
}

export function timeText(date: Date | undefined): string | undefined {
  return date?.toISOString().replace(/\.\d+Z$/, 'Z')
}

/** An error in one line, without the password that an address may hold. */
export function told(error: unknown): string {
  const message = error instanceof Error ? error.message || error.name : String(error)
  return clean(message.trim().replaceAll(/\s*\n\s*/g, ' ')).replace(/\/\/[^\s/@]*@/g, '//***@')
}
