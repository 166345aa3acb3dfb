import { createHmac, timingSafeEqual } from 'node:crypto'
import { readBody } from '../../body/body.ts'
import type { BodyKind, Carries, WebhookRequest } from '../../receiver.ts'
import { searchOf } from '../../schemes/place.ts'

/**
 * Keyed hashes of the secrets that travelled in a request, one for each place where one stood: enough to recognise a
 * secret, not to learn it. Undefined where none travelled.
 */
export function hashOf(
  request: WebhookRequest,
  kind: BodyKind,
  carries: Carries,
  pepper: Uint8Array
): string | undefined {
  const hashes = carriedValues(request, kind, carries).map(value =>
    createHmac('sha256', pepper).update(value).digest('base64url')
  )
  return hashes.length === 0 ? undefined : [...new Set(hashes)].join(' ')
}

/** Whether all that travelled in one request travels in the other as well. */
export function isAmong(hashes: string, others: string | undefined): boolean {
  const known = others?.split(' ').map(hash => Buffer.from(hash)) ?? []
  return hashes
    .split(' ')
    .map(hash => Buffer.from(hash))
    .every(hash => known.filter(other => other.length === hash.length && timingSafeEqual(other, hash)).length > 0)
}

function carriedValues(request: WebhookRequest, kind: BodyKind, { headers, query, fields }: Carries): string[] {
  const search = query === undefined ? undefined : searchOf(request.url)
  return [
    ...(headers ?? []).flatMap(name => request.headers[name] ?? []),
    ...(query ?? []).flatMap(name => search!.getAll(name)),
    ...(fields === undefined || fields.length === 0 ? [] : fieldsIn(request, kind, new Set(fields)))
  ].filter(value => value !== '')
}

function fieldsIn(request: WebhookRequest, kind: BodyKind, names: ReadonlySet<string>): string[] {
  const parsed = readBody(request, kind)
  const found: string[] = []
  const open: unknown[] = 'value' in parsed ? [parsed.value] : []
  // Not by recursion: nobody has proved that the body is not deeper than the stack.
  while (open.length > 0) {
    const value = open.pop()
    if (typeof value !== 'object' || value === null || value instanceof Uint8Array) continue
    for (const [name, child] of Object.entries(value)) {
      if (names.has(name)) found.push(...[child].flat().filter(text => typeof text === 'string'))
      open.push(child)
    }
  }
  return found
}
