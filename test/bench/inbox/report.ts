export interface Goal {
  readonly what: string
  readonly found: string
  readonly wanted: string
  readonly reached: boolean
}

export function atLeast(what: string, found: number, wanted: number): Goal {
  return { what, found: found.toFixed(2), wanted: `≥ ${wanted.toFixed(2)}`, reached: found >= wanted }
}

export function atMost(what: string, found: number, wanted: number, unit: string): Goal {
  return { what, found: `${found.toFixed(1)} ${unit}`, wanted: `≤ ${wanted} ${unit}`, reached: found <= wanted }
}

export function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)]!
}

/** The first column is text, the others numbers. */
export function table(title: string, head: readonly string[], rows: readonly (readonly (string | number)[])[]): void {
  console.log(`\n### ${title}\n`)
  console.log(`| ${head.join(' | ')} |\n| --- |${' ---: |'.repeat(head.length - 1)}`)
  for (const row of rows) console.log(`| ${row.join(' | ')} |`)
}

export function goals(list: readonly Goal[]): void {
  console.log('\n### Goals\n\n| | found | goal | |\n| --- | ---: | ---: | --- |')
  for (const { what, found, wanted, reached } of list) {
    console.log(`| ${what} | ${found} | ${wanted} | ${reached ? 'reached' : 'missed'} |`)
  }
}

/** Each round begins with another one, so that none always follows the same. */
export function turned<Item>(items: readonly Item[], round: number): Item[] {
  const at = Math.max(round, 0) % items.length
  return [...items.slice(at), ...items.slice(0, at)]
}
