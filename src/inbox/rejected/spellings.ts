/** What may have happened to a secret, a body or a URL between the provider and the check of its signature. */
import { exactText } from '../../body/text.ts'
import type { WebhookRequest } from '../../receiver.ts'

const MOST_DEPTH = 20

/** Another text, and what it is in words that fit behind "It proves itself with". */
export type Spelling<Value> = readonly [value: Value, words: string]

export function secretSpellings(secret: string): Spelling<string>[] {
  const all: Spelling<string | undefined>[] = [
    [secret.trim(), 'the secret without the white space around it'],
    [unquoted(secret.trim()), 'the secret without the quotes around it'],
    [`${secret}\n`, 'the secret and a line break behind it: the provider was given that, too'],
    [secret.slice(secret.indexOf('_') + 1), 'the secret without what stands before its first _'],
    [decoded(secret, 'base64'), 'the secret decoded from base64'],
    [decoded(secret, 'hex'), 'the secret decoded from hex'],
    [Buffer.from(secret).toString('base64'), 'the secret encoded as base64'],
    [Buffer.from(secret).toString('hex'), 'the secret encoded as hex']
  ]
  return all.filter((one): one is Spelling<string> => one[0] !== undefined && one[0] !== '' && one[0] !== secret)
}

export function bodySpellings(body: Uint8Array): Spelling<Uint8Array>[] {
  const text = exactText(body)
  if (text === undefined) return []
  const all: Spelling<string>[] = [
    [text.replace(/\r?\n$/, ''), 'the body without the line break at its end'],
    [`${text}\n`, 'a line break at the end of the body'],
    [text.replaceAll('\r\n', '\n'), 'the body with \\n for \\r\\n'],
    [text.replace(/\r?\n/g, '\r\n'), 'the body with \\r\\n for \\n'],
    [text.replace(/^\uFEFF/, ''), 'the body without its byte order mark'],
    ...jsonSpellings(text).map(json => [json, 'the JSON of the body written in another way'] as const)
  ]
  return all.filter(([spelled]) => spelled !== text).map(([spelled, words]) => [Buffer.from(spelled), words])
}

/** As other languages write the same JSON: something on the way has parsed the body and written it anew. */
function jsonSpellings(text: string): string[] {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return []
  }
  // Indented, a body of nothing but brackets would grow by its square.
  if (isDeeper(value, MOST_DEPTH)) return []
  const short = JSON.stringify(value)
  const all = [short, spaced(value), ...[2, 4].map(indent => JSON.stringify(value, null, indent))]
  return all.flatMap(json => [json, escaped(json), json.replaceAll('/', '\\/')])
}

function isDeeper(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  return depth === 0 || Object.values(value).some(child => isDeeper(child, depth - 1))
}

/** With a space behind every comma and colon. */
function spaced(value: unknown): string {
  // A line break within a text is escaped, so every one here is the writer's.
  return JSON.stringify(value, null, 1)
    .replace(/,\n */g, ', ')
    .replace(/([[{])\n */g, '$1')
    .replace(/\n *([\]}])/g, '$1')
}

function escaped(json: string): string {
  return json.replace(/[^\0-\x7f]/g, unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

/** Where the proof covers the URL: as the sender may have called it. */
export function urlSpellings({ url, headers }: WebhookRequest): Spelling<string>[] {
  const [, origin, path] = /^(https?:\/\/[^/?#]*)(.*)$/is.exec(url) ?? []
  if (origin === undefined || path === undefined) return []
  const origins = [origin.replace(/^https?/i, 'http'), origin.replace(/^https?/i, 'https')]
  if (typeof headers.host === 'string') origins.push(`http://${headers.host}`, `https://${headers.host}`)
  const [pathname = '', ...search] = path.split(/(?=[?#])/)
  const paths = [pathname, pathname.endsWith('/') ? pathname.slice(0, -1) : `${pathname}/`]
  const all = [...new Set(origins)].flatMap(one => paths.map(rest => [one + rest, search.join('')] as const))
  return all.map(([shown, rest]) => [shown + rest, shown] as const).filter(([spelled]) => spelled !== url)
}

function unquoted(text: string): string {
  return text.replace(/^(["'`])(.*)\1$/s, '$2')
}

/** Undefined where it is not written so, or is no text. */
function decoded(text: string, encoding: 'base64' | 'hex'): string | undefined {
  const bytes = Buffer.from(text, encoding)
  const isWhole = bytes.toString(encoding).replace(/=+$/, '') === text.replace(/=+$/, '')
  return isWhole ? exactText(bytes) : undefined
}
