import type { AnyReceiver, BodyKind, WebhookRequest } from '../receiver.ts'
import { parseForm, parsePairs } from './form.ts'
import { parseJson } from './json.ts'
import { parseMultipart } from './multipart.ts'
import { text } from './text.ts'
import { parseXml } from './xml.ts'

/** A proof in the body is looked for in this many bytes at most: nothing is proven yet. */
export const PEEK_LIMIT = 1024 * 1024

export type Parsed = { readonly kind: BodyKind } & ({ readonly value: any } | { readonly error: unknown })

/** Only what was peeked at: a weak map is dear to the garbage collector, and most bodies are read after their proof. */
const peeked = new WeakMap<WebhookRequest, Parsed>()

/**
 * Reads a body that has not proved itself, for a proof or an unsigned handshake that lies in it. Parsed once a request,
 * also for the receiver afterwards. Undefined where the body is malformed, too large or of another kind; never throws.
 */
export function peek(request: WebhookRequest, kind: BodyKind): any {
  if (!mayBe(request, kind)) return undefined
  // The parts of a multipart body are found without parsing them.
  if (request.body.length > PEEK_LIMIT && kind !== 'multipart') return undefined
  const parsed = readBody(request, kind)
  peeked.set(request, parsed)
  return 'value' in parsed ? parsed.value : undefined
}

/** The decoded fields of a form in their order, for a proof over them; undefined where `peek` is. */
export function peekPairs(request: WebhookRequest): [name: string, value: string][] | undefined {
  if (request.body.length > PEEK_LIMIT || !mayBe(request, 'form')) return undefined
  try {
    return parsePairs(request.body)
  } catch {
    return undefined
  }
}

function mayBe(request: WebhookRequest, kind: BodyKind): boolean {
  const declared = declaredKind(request)
  return declared === undefined || declared === 'text' || declared === kind
}

/** The parsed body. Throws `MalformedBody`. */
export function parseBody(request: WebhookRequest, kind: BodyKind): any {
  return bodyOf(readBody(request, kind))
}

export function bodyOf(parsed: Parsed): any {
  if ('error' in parsed) throw parsed.error
  return parsed.value
}

/** The parsed body, or the `MalformedBody` that says why there is none. What was not peeked at, the caller keeps. */
export function readBody(request: WebhookRequest, kind: BodyKind): Parsed {
  const known = peeked.get(request)
  if (known?.kind === kind) return known
  try {
    return { kind, value: parse(request, kind) }
  } catch (error) {
    return { kind, error }
  }
}

/** Which of its receiver's kinds a body is: the one its content type names, else the first. */
export function kindOf(receiver: AnyReceiver, request: WebhookRequest): BodyKind {
  const kinds = receiver.body
  if (kinds === undefined) return 'json'
  const declared = kinds.length > 1 ? declaredKind(request) : undefined
  return declared !== undefined && kinds.includes(declared) ? declared : kinds[0]!
}

function parse(request: WebhookRequest, kind: BodyKind): unknown {
  switch (kind) {
    case 'json':
      return parseJson(request.body)
    case 'form':
      return parseForm(request.body)
    case 'xml':
      return parseXml(request.body)
    case 'multipart':
      return parseMultipart(request.body, contentType(request))
    case 'text':
      return text(request.body, 'text')
  }
}

function declaredKind(request: WebhookRequest): BodyKind | undefined {
  const given = contentType(request)
  // As nearly all write it: no pattern has to read it.
  if (given === 'application/json') return 'json'
  const type = given?.replace(/;.*/s, '').trim().toLowerCase()
  if (type === undefined) return undefined
  if (type === 'application/json' || type === 'text/json' || type.endsWith('+json')) return 'json'
  if (type === 'application/x-www-form-urlencoded') return 'form'
  if (type === 'multipart/form-data') return 'multipart'
  if (type === 'application/xml' || type === 'text/xml' || type.endsWith('+xml')) return 'xml'
  return type.startsWith('text/') ? 'text' : undefined
}

function contentType(request: WebhookRequest): string | undefined {
  const value = request.headers['content-type']
  return typeof value === 'string' ? value : undefined
}
