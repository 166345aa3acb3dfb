import type { Credentials, WebhookRequest } from '../receiver.ts'

/**
 * A real request with its verdict: what the shared suite runs a receiver against. One JSON file a receiver, a list of
 * these, `test/vectors/<name>.json`.
 */
export interface Vector {
  readonly name: string
  /** Where the request comes from: the provider's documentation, its SDK's tests. `posthorn`: made by ourselves. */
  readonly source: string
  readonly method: string
  readonly headers: Readonly<Record<string, string | readonly string[]>>
  /** The public URL, where it is signed or carries a secret or a challenge. */
  readonly url?: string
  /** Where it came from, for proofs by address. */
  readonly address?: string
  /** The exact bytes; `body` instead where they are readable text. */
  readonly bodyBase64?: string
  readonly body?: string

  /** One secret, or several (newest first); an object gives `name:value` each, as Pusher's keys. */
  readonly secret?: string
  readonly secrets?: readonly string[] | Readonly<Record<string, string>>
  /** Ed25519 and ECDSA: stands for the secret. */
  readonly publicKey?: string
  readonly settings?: Readonly<Record<string, string>>
  /** What `credentials.fetch` answers, with `certUrl` as its address. */
  readonly cert?: string
  readonly certUrl?: string
  /** Seconds since 1970 to set the clock to. Default: now. */
  readonly now?: number

  /** The verdict on the proof. Whether a proven body is in the provider's format is another matter. */
  readonly valid: boolean
  /** Why it is not valid. */
  readonly reason?: string
  /** `no-time-check`: the timestamp is not in the provider's format, so the signature alone is judged. */
  readonly requires?: 'no-time-check'
  /** `handshake`: no delivery; the answer is compared with `expect`. */
  readonly scheme?: string
  readonly expect?: {
    readonly status: number
    readonly contentType?: string
    readonly headers?: Readonly<Record<string, string>>
    readonly body?: string
    readonly json?: unknown
  }

  /** What `describe` must say; `occurredAt` as ISO 8601. A list for batches. */
  readonly describes?: ExpectedDescription | readonly ExpectedDescription[]
  /** For a proof that does not cover the body: a change that must still be accepted. */
  readonly unsigned?: Change
  /** For a proof that covers values: a change of a signed value, and one of its spelling only. */
  readonly signed?: Change
  readonly respelled?: Change
  /** Anything else about it. */
  readonly note?: string
}

export interface ExpectedDescription {
  readonly event: string
  readonly id?: string
  readonly occurredAt?: string
  readonly subject?: string
  readonly account?: string
}

/** The first `find` in the body's text becomes `replace`. */
export interface Change {
  readonly find: string
  readonly replace: string
}

/** The request as `receive()` takes it. */
export function toRequest(vector: Vector): WebhookRequest {
  const headers = Object.entries(vector.headers).map(([name, value]) => [name.toLowerCase(), value])
  return {
    method: vector.method,
    url: vector.url ?? 'https://example.com/webhooks',
    headers: Object.fromEntries(headers),
    body: Buffer.from(vector.bodyBase64 ?? vector.body ?? '', vector.bodyBase64 === undefined ? 'utf8' : 'base64'),
    ...(vector.address !== undefined && { address: vector.address })
  }
}

export function credentialsOf(vector: Vector): Credentials {
  return { secrets: secretsOf(vector), settings: vector.settings ?? {}, fetch: fetchOf(vector) }
}

export function clockOf({ now }: Vector): Date {
  return now === undefined ? new Date() : new Date(now * 1000)
}

/** Undefined where the body has no such text. */
export function withChange(request: WebhookRequest, { find, replace }: Change): WebhookRequest | undefined {
  const body = Buffer.from(request.body).toString()
  return body.includes(find) ? { ...request, body: Buffer.from(body.replace(find, () => replace)) } : undefined
}

export function isHandshake({ scheme }: Vector): boolean {
  return scheme === 'handshake'
}

/** Whether somebody else made the request. */
export function isFromOutside({ source }: Vector): boolean {
  return !/^posthorn\b/i.test(source)
}

/** A receiver is proven by requests that somebody else signed. A handshake proves only itself. */
export function isProven(vectors: readonly Vector[]): boolean {
  return vectors.some(vector => vector.valid && !isHandshake(vector) && isFromOutside(vector))
}

function secretsOf({ secret, secrets, publicKey }: Vector): readonly string[] {
  if (Array.isArray(secrets)) return secrets
  if (secrets !== undefined) return Object.entries(secrets).map(pair => pair.join(':'))
  const one = secret ?? publicKey
  return one === undefined ? [] : [one]
}

/** Nothing in a vector reaches the network. */
function fetchOf({ cert, certUrl }: Vector): typeof fetch {
  return async input => {
    const url = input instanceof Request ? input.url : String(input)
    if (cert === undefined || url !== certUrl) throw new TypeError(`The vector has nothing for ${url}.`)
    return new Response(cert)
  }
}
