import { MalformedBody } from '../errors.ts'
import { text } from './text.ts'

const MAX_FIELDS = 1000
const MAX_DEPTH = 8
const BRACKETED = /^[^[\]]+(?:\[[^[\]]*\])+$/

/** The decoded fields of a form, in their order, repetitions kept (WHATWG URL, application/x-www-form-urlencoded). */
export function parsePairs(body: Uint8Array): [string, string][] {
  const source = text(body, 'form')
  let fields = 1
  for (let at = source.indexOf('&'); at !== -1; at = source.indexOf('&', at + 1)) fields++
  if (fields > MAX_FIELDS) throw new MalformedBody('form', `it has more than ${MAX_FIELDS} fields`)
  return [...new URLSearchParams(source)]
}

/** A form as a plain object. */
export function parseForm(body: Uint8Array): Record<string, unknown> {
  if (body.length === 0) throw new MalformedBody('form', 'it is empty')
  return nest(parsePairs(body), 'form')
}

/**
 * Fields as a plain object: `a[b]=1` nests, `a[]=1` and a repeated name make arrays, so do keys that count from 0.
 */
export function nest(pairs: readonly (readonly [string, unknown])[], kind: string): Record<string, unknown> {
  if (pairs.length > MAX_FIELDS) throw new MalformedBody(kind, `it has more than ${MAX_FIELDS} fields`)
  const root: Record<string, unknown> = {}
  for (const [name, value] of pairs) {
    const path = fieldPath(name)
    if (path.includes('__proto__')) throw new MalformedBody(kind, 'a field would set a prototype')
    place(root, path.length > MAX_DEPTH ? [name] : path, value)
  }
  for (const key of Object.keys(root)) root[key] = countedToArrays(root[key])
  return root
}

/** `data[merges][FNAME]` → `data`, `merges`, `FNAME`; a name that is not bracketed cleanly is itself. */
export function fieldPath(name: string): string[] {
  return BRACKETED.test(name) ? name.slice(0, -1).replace('[', '][').split('][') : [name]
}

function place(root: Record<string, unknown>, path: readonly string[], value: unknown): void {
  let target = root
  for (const [depth, key] of path.entries()) {
    const existing = Object.hasOwn(target, key) ? target[key] : undefined
    const rest = path.slice(depth + 1)
    if (rest.length === 0 || (rest.length === 1 && rest[0] === '')) {
      const list = rest.length === 1 || existing !== undefined
      target[key] = list
        ? [...(Array.isArray(existing) ? existing : existing === undefined ? [] : [existing]), value]
        : value
      return
    }
    if (existing === undefined) target[key] = {}
    else if (typeof existing !== 'object' || Array.isArray(existing)) {
      // `a=1&a[b]=2`: both are kept, the second under its literal name.
      root[fieldName(path)] = value
      return
    }
    target = target[key] as Record<string, unknown>
  }
}

function fieldName(path: readonly string[]): string {
  const [first, ...rest] = path
  return `${first}${rest.map(segment => `[${segment}]`).join('')}`
}

function countedToArrays(value: unknown): unknown {
  if (value === null || typeof value !== 'object' || Object.getPrototypeOf(value) !== Object.prototype) return value
  const record = value as Record<string, unknown>
  const keys = Object.keys(record)
  for (const key of keys) record[key] = countedToArrays(record[key])
  return keys.length > 0 && keys.every((key, index) => key === String(index)) ? Object.values(record) : record
}
