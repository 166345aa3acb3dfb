import type { Headers, WebhookRequest } from '../../receiver.ts'

/** Shorter ones are no secrets, and stand everywhere. */
const SHORTEST = 8
const STAR = 0x2a

/** The request without these texts, wherever and however they are spelled in it: `***`, in the body as many `*`. */
export function withoutTexts(request: WebhookRequest, secrets: readonly string[]): WebhookRequest {
  const texts = secrets.flatMap(spellings)
  const hide = (text: string): string => texts.reduce((left, secret) => left.replaceAll(secret, '***'), text)
  return {
    ...request,
    url: hide(request.url),
    headers: eachOf(request.headers, hide),
    body: starred(request.body, texts)
  }
}

/** Where a secret stands that belongs elsewhere: the name of a header or query parameter. */
export function placeOf({ url, headers }: WebhookRequest, secrets: readonly string[]): string | undefined {
  const search = new URLSearchParams(url.split('#', 1)[0]!.split('?').slice(1).join('?'))
  const holds = (text: string): boolean =>
    secrets.flatMap(partsOf).some(secret => text === secret || text.endsWith(` ${secret}`))
  for (const [name, value] of search) if (holds(value)) return `the query parameter ${name}`
  for (const [name, value] of Object.entries(headers)) if ([value ?? []].flat().some(holds)) return `the header ${name}`
  return undefined
}

/** Also the part behind the colon: `key:secret`, `user:password`. */
function partsOf(secret: string): string[] {
  return [secret, secret.slice(secret.indexOf(':') + 1)].filter(part => part.length >= SHORTEST)
}

function spellings(secret: string): string[] {
  const all = partsOf(secret).flatMap(part => [
    part,
    // As Node reads the bytes of a header.
    Buffer.from(part).toString('latin1'),
    encodeURIComponent(part.toWellFormed()),
    new URLSearchParams({ '': part }).toString().slice(1),
    JSON.stringify(part).slice(1, -1),
    Buffer.from(part).toString('base64'),
    Buffer.from(part).toString('base64url')
  ])
  return [...new Set(all)]
}

function eachOf(headers: Headers, change: (text: string) => string): Headers {
  const changed = (value: Headers[string]) => (typeof value === 'string' ? change(value) : value?.map(change))
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, changed(value)]))
}

function starred(body: Uint8Array, texts: readonly string[]): Uint8Array {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength)
  const found = texts.map(text => Buffer.from(text)).filter(text => bytes.includes(text))
  if (found.length === 0) return body
  const starred = Buffer.from(bytes)
  for (const text of found) {
    for (let at = starred.indexOf(text); at !== -1; at = starred.indexOf(text, at))
      starred.fill(STAR, at, at + text.length)
  }
  return starred
}
