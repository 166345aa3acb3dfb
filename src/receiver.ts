/**
 * The contracts of Posthorn. One word for one thing, in code, docs and logs:
 *
 * receiver      knows one provider: how a request proves itself, what it is called, how it wants to be answered
 * instance      one configured id of a receiver with its own secrets: the `:id` of the URL; the unnamed one is `''`
 * scheme        how a proof is checked, and made: HMAC, token, Ed25519, certificate …
 * handshake     a request that is no delivery: a challenge, a ping, a URL check
 * delivery      one event, verified and described; a request may carry several
 * handler       the user's code for deliveries: a class with a name, an order and what it accepts
 * chain         the handlers that accept a delivery, in order
 */
import type { Reason } from './errors.ts'

/** A request as it arrived. Nothing in it is trusted yet. */
export interface WebhookRequest {
  readonly method: string
  /** The public URL as registered with the provider, query included: some providers sign this exact text. */
  readonly url: string
  /** Names in lower case. A header that came twice is a list. */
  readonly headers: Headers
  /** The exact bytes. */
  readonly body: Uint8Array
  /** The sender's IP address, by the socket or by a proxy that is trusted. For proofs alone: it is not stored. */
  readonly address?: string | undefined
}

export type Headers = Readonly<Record<string, string | readonly string[] | undefined>>

/** What one instance was configured with. */
export interface Credentials {
  /** The newest first, as configured: `appKey:secret` for Pusher, the public key for Ed25519. */
  readonly secrets: readonly string[]
  /** The receiver's settings by name, such as `verify-token`. */
  readonly settings: Readonly<Record<string, string>>
  /** Guarded (addresses, redirects, size, time), and only for what a provider makes us fetch: certificates, confirmations. */
  readonly fetch: typeof fetch
}

/** The outcome of a proof. A failed proof is a value: it is the normal life of a public URL. */
export type Verdict =
  /** `secret`: which of the secrets matched, so that a rotation can be watched; 0 where there is none. */
  { readonly ok: true; readonly secret: number } | { readonly ok: false; readonly reason: Reason }

export interface Scheme {
  /**
   * The shortest secret allowed at start, in characters. `false`: no secret; the required settings make the instance.
   * `isPublic`: what is configured is no secret but an id, so that a delivery may show it.
   */
  readonly key: { readonly min: number; readonly isPublic?: true } | false
  readonly covers: Covers
  /** Where the secret itself travels. It is hidden from everything after the proof. */
  readonly carries?: Carries
  /** Loads a heavy library: awaited before the server listens, and by `verify`. */
  load?(): Promise<void>
  verify(request: WebhookRequest, credentials: Credentials, now: Date): Verdict | Promise<Verdict>
  /**
   * The scheme that an instance's settings choose, where they choose one. `verify` goes by it; the rest of this object
   * says what holds for every choice: the longest minimum, the weakest `covers`. Pure, and asked for each request.
   */
  choose?(settings: Credentials['settings']): Scheme | Unusable
  /** Adds the proof to a request: in a header, the URL or the body, wherever it goes. */
  sign?(request: WebhookRequest, key: string, now: Date): WebhookRequest | Promise<WebhookRequest>
  /** Credentials to verify with and the key to sign with, where they are not one and the same secret. */
  testKeys?(): { readonly credentials: Partial<Credentials>; readonly sign: string }
}

/** A setting of an instance that can't be used. Found at start; where it was not, nothing is proven. */
export interface Unusable {
  readonly setting: string
  /** What is wrong with it, to be read after the name of its variable. Never its value. */
  readonly problem: string
}

/** What the proof proves. */
export interface Covers {
  /** `bytes`: every byte of the body. `values`: decoded values, not their spelling. `false`: anything could stand there. */
  readonly body: 'bytes' | 'values' | false
  /** Whether a request that is replayed an hour later is refused. */
  readonly time: boolean
  /** Whether the public URL is part of the proof; then it must be known at start. */
  readonly url?: boolean
}

export interface Carries {
  readonly headers?: readonly string[]
  readonly query?: readonly string[]
  /** Names of form fields, JSON properties or XML elements, at any depth. */
  readonly fields?: readonly string[]
}

export type BodyKind = 'json' | 'form' | 'xml' | 'multipart' | 'text'

/** Where a request was refused. */
export type Stage = 'proof' | 'body' | 'describe'

/**
 * One provider, as data. `Events` maps event names to payload types: closed (typos don't compile) or open, with an
 * index signature (`{ 'invoice.paid': Paid; [event: string]: StripeEvent }`).
 */
export interface Receiver<Name extends string = string, Events = unknown> {
  /** Also the file name, the segment of the URL, and `WEBHOOKS_<NAME>_SECRET`. Lower case, digits and hyphens. */
  readonly name: Name
  /** The provider's own page about its webhooks. */
  readonly docs: string
  readonly scheme: Scheme
  /** Named in the singular. `webhook-id` is required, `topic*` a list (split at spaces), `allow-sha1?` optional. */
  readonly settings?: readonly string[]
  /** What is wrong with an instance's settings, beyond a missing or empty one. It stops the start. */
  check?(settings: Credentials['settings']): Unusable | undefined
  /** Methods of deliveries. Default: POST. */
  readonly methods?: readonly string[]
  readonly handshakes?: readonly Handshake[]
  /** What a body may be, chosen by its content type; the first where that tells nothing. Default: JSON. */
  readonly body?: readonly BodyKind[]
  /** The largest body, in bytes. Default: 1 MiB. */
  readonly limit?: number
  /** Two equal bodies are one delivery. Only for providers that give no id and never send the same body for two facts. */
  readonly dedupe?: 'body'
  /** Fields that are not the proof, but nobody's business, such as a session's id. Hidden like `carries.fields`. */
  readonly secretFields?: readonly string[]
  /** The deliveries in a request that has proved itself; `[]` where there is nothing to handle. */
  describe(message: Verified, credentials: Credentials): Description | readonly Description[]
  /** The answer once everything is stored, or without inbox handled. Default: 200, empty. */
  readonly accepted?: Reply | ((message: Verified) => Reply)
  /** The answer to a refused request. Default: 401 for a failed proof, else 400. */
  readonly rejected?: (stage: Stage) => Reply
  /** Types only, never set. */
  readonly payloads?: Events
}

/** Any receiver: what options, `receive()` and `testReceiver()` take. */
export type AnyReceiver = Receiver<string, any>

export interface HandshakeBase {
  /** Default: POST. */
  readonly methods?: readonly string[]
}

export type Handshake = HandshakeBase &
  (
    | {
        readonly trust: 'unsigned'
        reply(request: WebhookRequest, credentials: Credentials): Answer | Promise<Answer>
      }
    | { readonly trust: 'verified'; reply(message: Verified, credentials: Credentials): Answer | Promise<Answer> }
  )

export type Answer =
  /** `notice` reaches the operator: a secret offered by the provider, a confirmed subscription. */
  | (Reply & { readonly notice?: string | undefined })
  /** A challenge that failed, such as a wrong verify token. */
  | { readonly reject: Reason; readonly status?: number }
  /** Not mine: go on. */
  | undefined

/** A request that has proved itself. Secrets that travelled in it are already hidden. */
export interface Verified {
  readonly request: WebhookRequest
  /** One that came twice is undefined here. */
  readonly headers: Readonly<Record<string, string | undefined>>
  /** Parsed on first reading, once; throws `MalformedBody`. */
  readonly body: any
}

export interface Reply {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  /** An object is sent as JSON. */
  readonly body?: string | Uint8Array | object
}

export interface Description {
  /** The name of what happened: `issues.opened`, `invoice.paid`. Where it is missing, the body is not the provider's. */
  readonly event: string | undefined
  /** What a redelivery repeats (per item in a batch). Left out: never deduplicated. */
  readonly id?: string | undefined
  readonly occurredAt?: Date | undefined
  /** The resource it is about: the key for keeping order. */
  readonly subject?: string | undefined
  /** Tenant, workspace, shop, owner, installation. */
  readonly account?: string | undefined
  /** One event's part of a batch. Left out: the body, still lazy. The whole body counts as left out: it is stored as it came. */
  readonly data?: unknown
}

/** One event, verified and described. */
export interface Delivery<Name extends string = string, Event extends string = string, Data = any> {
  readonly receiver: Name
  readonly instance: string
  readonly event: Event
  readonly id: string | undefined
  readonly occurredAt: Date | undefined
  readonly receivedAt: Date
  readonly subject: string | undefined
  readonly account: string | undefined
  /** The provider's payload. Parsed on first reading; throws `MalformedBody` if it can't be. */
  readonly data: Data
  readonly headers: Readonly<Record<string, string | undefined>>
  /** 1 for the first try. */
  readonly attempt: number
  /** The request as it came, without the secrets that travelled in it. */
  raw(): WebhookRequest
}
