import { readFileSync } from 'node:fs'
import { type Findings, ID_RULE, isId, type Value } from './instance.ts'

/** A value of one instance; `id` is `''` for the unnamed one. */
export interface NamedValue extends Value {
  readonly id: string
}

type Entry = { readonly id: string; readonly texts: readonly string[] } | { readonly wrong: string }

/** In letters. A name further away than this was hardly meant. */
const CLOSE = 3

/** Reads variables, remembers which there are, and collects what is wrong with them. */
export class Environment implements Findings {
  readonly problems: string[] = []
  readonly warnings: string[] = []
  readonly #env: Readonly<Record<string, string | undefined>>
  readonly #readFile: (path: string) => string
  readonly #readers = new Map<string, string>()

  constructor(env: Readonly<Record<string, string | undefined>>, readFile: (path: string) => string = readText) {
    this.#env = env
    this.#readFile = readFile
  }

  has(name: string): boolean {
    return this.#env[name] !== undefined || this.#env[`${name}_FILE`] !== undefined
  }

  /** The variable `name`, or the content of the file that `name_FILE` tells, for `reader`. */
  one(name: string, reader: string): Value | undefined {
    const file = `${name}_FILE`
    this.#claim(name, reader)
    this.#claim(file, reader)
    const text = this.#env[name]
    const path = this.#env[file]
    if (path === undefined) return text === undefined ? undefined : { text, from: name }
    if (text !== undefined) {
      this.problems.push(`${name} and ${file} are both set: remove one of them`)
      return undefined
    }
    try {
      return { text: this.#readFile(path).replace(/\r?\n$/, ''), from: file }
    } catch (error) {
      // Not the path: it could be a secret in the wrong variable. Nor the message, which quotes it.
      this.problems.push(`The file of ${file} cannot be read (${codeOf(error)})`)
      return undefined
    }
  }

  /** The variable `name` of the unnamed instance, and those of the named ones in `nameS`. */
  all(name: string, reader: string): NamedValue[] {
    const unnamed = this.one(name, reader)
    const named = this.one(`${name}S`, reader)
    return [
      ...(unnamed === undefined ? [] : [{ id: '', ...unnamed }]),
      ...(named === undefined ? [] : this.#split(named))
    ]
  }

  #split({ text, from }: Value): NamedValue[] {
    const entries = text.trimStart().startsWith('{') ? entriesOfJson(text) : entriesOfWords(text)
    if (entries === undefined) this.problems.push(`${from} begins like JSON, but is not valid JSON`)
    else if (entries.length === 0) this.problems.push(`${from} is empty`)

    return (entries ?? []).flatMap((entry, index) => {
      const at = `${from} (entry ${index + 1})`
      if ('wrong' in entry) this.problems.push(`${at} ${entry.wrong}`)
      else if (!isId(entry.id)) this.problems.push(`${at} has an id that cannot stand in a URL: ${ID_RULE}`)
      else return entry.texts.map(text => ({ id: entry.id, text, from: at }))
      return []
    })
  }

  #claim(name: string, reader: string): void {
    const other = this.#readers.get(name)
    if (other !== undefined) this.problems.push(`${name} would mean two things, to ${other} and to ${reader}`)
    this.#readers.set(name, reader)
  }

  /**
   * Warns of each `WEBHOOKS_` name that nothing has read; `others` are read elsewhere. One that begins like a `strict`
   * receiver's is a problem.
   */
  tellUnread(others: readonly string[], strict: readonly string[]): void {
    const known = [...this.#readers.keys(), ...others]
    for (const name of Object.keys(this.#env)) {
      if (!name.startsWith('WEBHOOKS_') || this.#env[name] === undefined || known.includes(name)) continue
      const [nearest] = known
        .map(candidate => ({ candidate, far: distance(name, candidate) }))
        .sort((a, b) => a.far - b.far)
      const findings = strict.some(prefix => name.startsWith(prefix)) ? this.problems : this.warnings
      findings.push(
        nearest !== undefined && nearest.far <= CLOSE
          ? `Nothing reads ${name}. Did you mean ${nearest.candidate}?`
          : `Nothing reads ${name}: no receiver that is registered has a variable of this name`
      )
    }
  }
}

/** `acme=k9== beta=q7`: only the first `=` of an entry splits. An id may come twice. */
function entriesOfWords(text: string): Entry[] {
  const words = text.split(/\s+/).filter(word => word !== '')
  return words.map(word => {
    const equals = word.indexOf('=')
    return equals === -1
      ? { wrong: 'is not of the form id=value' }
      : { id: word.slice(0, equals), texts: [word.slice(equals + 1)] }
  })
}

/** `{"acme": "x", "beta": ["new", "old"]}`, up to the first entry of another shape. Undefined: no JSON. */
function entriesOfJson(text: string): Entry[] | undefined {
  let values: Map<string, unknown>
  try {
    values = new Map(Object.entries(JSON.parse(text)))
  } catch {
    return undefined
  }
  const entries: Entry[] = []
  const seen = new Set<string>()
  for (const id of keysOfJson(text)) {
    const texts = [values.get(id)].flat()
    if (texts.length === 0 || !texts.every(value => typeof value === 'string')) {
      return [...entries, { wrong: 'is neither a text nor a list of texts' }]
    }
    entries.push(seen.has(id) ? { wrong: 'repeats an id: give that id a list' } : { id, texts })
    seen.add(id)
  }
  return entries
}

/** In the order of the text, each as often as it is there: the parser keeps only the last of two equal ones. */
function keysOfJson(text: string): string[] {
  return [...text.matchAll(/("(?:[^"\\]|\\.)*")(\s*:)?/g)]
    .filter(([, , colon]) => colon !== undefined)
    .map(([, key]) => JSON.parse(key!))
}

/** Refuses what is not UTF-8, which would become another secret. A BOM is dropped. */
function readText(path: string): string {
  return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path))
}

function codeOf(error: unknown): string {
  const code = (error as { readonly code?: unknown } | undefined)?.code
  return typeof code === 'string' && /^[A-Z0-9_]+$/.test(code) ? code : 'no reason given'
}

/** How many letters must be put in, left out or replaced to make `b` of `a` (Levenshtein). */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1]
    for (let j = 0; j < b.length; j++) {
      next.push(Math.min(row[j]! + (letter === b[j] ? 0 : 1), row[j + 1]! + 1, next[j]! + 1))
    }
    row = next
  }
  return row[b.length]!
}
