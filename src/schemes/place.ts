import { kindOf, PEEK_LIMIT, peek } from '../body/body.ts'
import { parts } from '../body/multipart.ts'
import type { AnyReceiver, BodyKind, Carries, Headers, WebhookRequest } from '../receiver.ts'

const MAX_PAIR = 1024

/** Where a proof, a timestamp or a token stands in a request. */
export interface Place {
  /** A list where it came twice; undefined where it is missing. */
  read(request: WebhookRequest): string | readonly string[] | undefined
  write(request: WebhookRequest, value: string): WebhookRequest
  /** What to hide where a secret travels here. */
  readonly carries: Carries
}

export function header(name: string): Place {
  return {
    read: ({ headers }) => headers[name],
    write: (request, value) => withHeaders(request, { [name]: value }),
    carries: { headers: [name] }
  }
}

export function query(name: string): Place {
  return {
    read: ({ url }) => {
      const values = searchOf(url).getAll(name)
      return values.length > 1 ? values : values[0]
    },
    write: (request, value) => {
      const [path, search = ''] = request.url.split('?', 2) as [string, string?]
      const params = new URLSearchParams(search)
      params.set(name, value)
      return { ...request, url: `${path}?${params}` }
    },
    carries: { query: [name] }
  }
}

/**
 * A value in the body, by its path: `field(['json'], 'signature', 'token')`. The kinds are those the body may have, in
 * the receiver's order.
 */
export function field(kinds: readonly BodyKind[], ...path: readonly string[]): Place {
  return fieldByKind(Object.fromEntries(kinds.map(kind => [kind, path])))
}

/** A value whose path depends on the kind of body: `fieldByKind({ json: ['signature', 'token'], form: ['token'] })`. */
export function fieldByKind(paths: Partial<Record<BodyKind, readonly string[]>>): Place {
  const receiver = { body: Object.keys(paths) } as unknown as AnyReceiver
  return {
    read(request) {
      const kind = kindOf(receiver, request)
      const path = paths[kind]!
      if (kind === 'form' && request.body.length > PEEK_LIMIT) return findInForm(request.body, fieldName(path))
      let value = peek(request, kind)
      for (const key of path)
        value = typeof value === 'object' && value !== null && Object.hasOwn(value, key) ? value[key] : undefined
      return typeof value === 'string' || isTexts(value) ? value : undefined
    },
    write(request, value) {
      const kind = kindOf(receiver, request)
      return writeField(request, kind, paths[kind]!, value)
    },
    carries: { fields: [...new Set(Object.values(paths).flatMap(path => path.slice(-1)))] }
  }
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every(item => typeof item === 'string')
}

/**
 * One field of a form that is too large to be parsed before it has proved itself, such as a whole mail with its
 * attachments. Only its plain spelling is looked for, and no more of its value than a proof can have.
 */
function findInForm(body: Uint8Array, name: string): string | readonly string[] | undefined {
  const form = Buffer.from(body.buffer, body.byteOffset, body.byteLength)
  const key = Buffer.from(`&${name}=`)
  const starts = form.subarray(0, key.length - 1).equals(key.subarray(1)) ? [0] : []
  for (let at = form.indexOf(key); at !== -1 && starts.length < 2; at = form.indexOf(key, at + 1)) starts.push(at + 1)
  const values = starts.map(start => {
    const pair = form.toString('utf8', start, start + MAX_PAIR).split('&', 1)
    return new URLSearchParams(pair[0]).get(name) ?? ''
  })
  return values.length > 1 ? values : values[0]
}

function writeField(request: WebhookRequest, kind: BodyKind, path: readonly string[], value: string): WebhookRequest {
  if (kind === 'json') {
    const root = JSON.parse(Buffer.from(request.body).toString() || '{}')
    let target = root
    for (const key of path.slice(0, -1)) target = target[key] ??= {}
    target[path.at(-1)!] = value
    return { ...request, body: Buffer.from(JSON.stringify(root)) }
  }
  if (kind === 'form') {
    const params = new URLSearchParams(Buffer.from(request.body).toString())
    params.set(fieldName(path), value)
    return { ...request, body: Buffer.from(params.toString()) }
  }
  if (kind === 'multipart') return { ...request, body: writePart(request, fieldName(path), value) }
  throw new TypeError(`A field can be written into JSON, forms and multipart, not into ${kind}.`)
}

function writePart({ headers, body }: WebhookRequest, name: string, value: string): Uint8Array {
  const part = parts(body, String(headers['content-type'])).find(candidate => candidate.name === name)
  if (part === undefined) throw new TypeError(`The body has no part ${name} to write into.`)
  return Buffer.concat([body.subarray(0, part.start), Buffer.from(value), body.subarray(part.end)])
}

function fieldName(path: readonly string[]): string {
  return path.reduce((name, key) => `${name}[${key}]`)
}

export function withHeaders(request: WebhookRequest, headers: Headers): WebhookRequest {
  return { ...request, headers: { ...request.headers, ...headers } }
}

/** The query of a URL, which need not be absolute. */
export function searchOf(url: string): URLSearchParams {
  const [start = ''] = url.split('#', 1)
  const at = start.indexOf('?')
  return new URLSearchParams(at === -1 ? '' : start.slice(at + 1))
}
