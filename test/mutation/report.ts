import type { Mutant } from './mutants.ts'
import type { Verdict } from './workshop.ts'

export interface Result {
  readonly mutant: Mutant
  readonly verdict: Verdict
}

const HEAD = ['file', 'mutants', 'killed', 'hung', 'survived', 'score']

/** A table in Markdown, a row a file. What hung counts as killed. */
export function table(results: readonly Result[]): string {
  const files = [...Map.groupBy(results, ({ mutant }) => mutant.file)].sort(([a], [b]) => (a < b ? -1 : 1))
  const rows = [HEAD, ...files.map(([file, some]) => row(`\`${file}\``, some)), row('**all**', results)]
  const widths = HEAD.map((_, column) => Math.max(...rows.map(cells => cells[column]!.length)))
  const lines = rows.map(cells => cells.map((cell, column) => pad(cell, widths[column]!, column)))
  lines.splice(
    1,
    0,
    widths.map((width, column) => (column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`))
  )
  return lines.map(cells => `| ${cells.join(' | ')} |`).join('\n')
}

export function scoreOf(results: readonly Result[]): number {
  return results.filter(({ verdict }) => verdict !== 'passed').length / results.length
}

/** One a line, in the order of the sources. */
export function survivors(results: readonly Result[], sources: ReadonlyMap<string, string>): string {
  return results
    .filter(({ verdict }) => verdict === 'passed')
    .map(({ mutant }) => mutant)
    .sort((a, b) => (a.file === b.file ? a.start - b.start : a.file < b.file ? -1 : 1))
    .map(mutant => describe(mutant, sources.get(mutant.file)!))
    .join('\n')
}

/** `file:line change: before → after`. */
export function describe({ file, line, start, end, text, change }: Mutant, source: string): string {
  return `${file}:${line} ${change}: ${brief(source.slice(start, end))} → ${brief(text)}`
}

function row(name: string, results: readonly Result[]): string[] {
  const count = (verdict: Verdict) => results.filter(result => result.verdict === verdict).length
  const numbers = [results.length, count('failed'), count('hung'), count('passed')].map(String)
  return [name, ...numbers, `${(scoreOf(results) * 100).toFixed(1)} %`]
}

function pad(cell: string, width: number, column: number): string {
  return column === 0 ? cell.padEnd(width) : cell.padStart(width)
}

function brief(text: string): string {
  const line = text.replace(/\s+/g, ' ')
  return line === '' ? 'nothing' : line.length > 100 ? `${line.slice(0, 99)}…` : line
}
