import type { JWTPayload } from 'jose'
import type { Reason } from '../errors.ts'
import type { Covers, Credentials, Scheme, Verdict, WebhookRequest } from '../receiver.ts'
import { download, KeySets } from './key-sets.ts'
import type { Place } from './place.ts'
import { jwtFixture } from './test-keys.ts'

type Jose = typeof import('jose')
type Settings = Credentials['settings']

export interface JwtOptions {
  /** Where the token stands, and what stands before it, such as `Bearer `. */
  readonly place: Place
  readonly prefix?: string
  readonly algorithm: 'RS256' | 'ES256'
  /** The URL of the provider's JSON Web Key Set. Left out: each configured secret is one public key, a JWK as JSON. */
  readonly keys?: string
  /** The oldest token, in seconds by its `iat`. It may be 60 seconds off. */
  readonly maxAge: number
  readonly covers: Covers
  /** What the token must say besides; the reason where it doesn't. */
  readonly check: (claims: JWTPayload, request: WebhookRequest, settings: Settings) => Reason | undefined
  /** What `sign` writes into the token besides its time, and the settings for which that holds. */
  readonly sample: { claims(request: WebhookRequest): JWTPayload; readonly settings?: Settings }
}

const SKEW = 60
const PAUSE = 60_000
const TOKEN = /^[\w-]+\.[\w-]+\.[\w-]+$/

/**
 * A JSON Web Token by a public key of the provider (RFC 7519), checked by the package `jose`. A key that the set does
 * not have makes us ask for the set again, once a minute at most: until then it is `key-unavailable`, no failed proof.
 * Which algorithm counts is ours to say, never the token's. `sign` takes a private JWK as JSON.
 */
export function jwt(options: JwtOptions): Scheme {
  const { place, prefix = '', algorithm, keys: url, maxAge, covers, check, sample } = options
  const sets = new KeySets()
  let jose: Jose | undefined
  let anew: { at: number; keys?: Promise<string | undefined> } = { at: Number.NEGATIVE_INFINITY }

  async function load(): Promise<void> {
    jose ??= await import('jose')
  }

  /** Undefined where these keys prove the token. */
  async function refusedBy(keys: string | undefined, token: string, sent: Sent): Promise<Reason | undefined> {
    const set = keys === undefined ? undefined : sets.read(jose!, keys)
    if (set === undefined) return 'key-unavailable'
    try {
      const rules = { algorithms: [algorithm], maxTokenAge: maxAge, clockTolerance: SKEW, currentDate: sent.now }
      const { payload } = await jose!.jwtVerify(token, set, rules)
      return check(payload, sent.request, sent.settings)
    } catch (error) {
      return reasonOf(error)
    }
  }

  async function refusedByUrl(url: string, token: string, sent: Sent): Promise<Reason | undefined> {
    const reason = await refusedBy(await download(sent.fetch, url), token, sent)
    if (reason !== 'key-unavailable') return reason
    const at = sent.now.getTime()
    // What was asked anew is not in the cache of `fetch`: whoever comes within the minute goes by the same answer.
    if (Math.abs(at - anew.at) >= PAUSE) anew = { at, keys: download(sent.fetch, url, { cache: 'no-store' }) }
    return refusedBy(await anew.keys, token, sent)
  }

  return {
    key: url === undefined ? { min: 64, isPublic: true } : false,
    covers,
    carries: place.carries,
    load,

    async verify(request, { secrets, settings, fetch }, now): Promise<Verdict> {
      if (url === undefined && secrets.length === 0) return refuse('secret-missing')
      const text = place.read(request)
      if (text === undefined || text === '') return refuse('token-missing')
      const token = typeof text === 'string' && text.startsWith(prefix) ? text.slice(prefix.length) : ''
      if (!isPlain(token)) return refuse('token-malformed')
      await load()
      const sent = { request, settings, fetch, now }
      let refused: Reason = 'key-unavailable'
      for (const [secret, keys] of (url === undefined ? secrets : [url]).entries()) {
        const reason = await (url === undefined ? refusedBy(keys, token, sent) : refusedByUrl(url, token, sent))
        if (reason === undefined) return { ok: true, secret }
        if (reason !== 'key-unavailable') refused = reason
      }
      return refuse(refused)
    },

    async sign(request, key, now) {
      await load()
      const { kid, ...jwk } = JSON.parse(key)
      const iat = Math.floor(now.getTime() / 1000)
      const token = await new jose!.SignJWT({ iat, exp: iat + 300, ...sample.claims(request) })
        .setProtectedHeader({ alg: algorithm, kid, typ: 'JWT' })
        .sign(await jose!.importJWK(jwk, algorithm))
      return place.write(request, prefix + token)
    },

    testKeys() {
      const { publicKey, privateKey } = jwtFixture(algorithm)
      const settings = sample.settings && { settings: sample.settings }
      const served: typeof fetch = async asked =>
        String(asked) === url ? new Response(`{"keys":[${publicKey}]}`) : new Response(undefined, { status: 404 })
      const keys = url === undefined ? { secrets: [publicKey] } : { fetch: served }
      return { credentials: { ...settings, ...keys }, sign: privateKey }
    }
  }
}

type Sent = Pick<Credentials, 'settings' | 'fetch'> & { readonly request: WebhookRequest; readonly now: Date }

/** A decoder forgives junk; only what it would write itself is taken. */
function isPlain(token: string): boolean {
  return (
    TOKEN.test(token) && token.split('.').every(part => Buffer.from(part, 'base64url').toString('base64url') === part)
  )
}

function reasonOf(error: unknown): Reason {
  const { code, claim } = error as { code?: unknown; claim?: unknown }
  if (code === 'ERR_JWKS_NO_MATCHING_KEY') return 'key-unavailable'
  if (claim === 'exp' || claim === 'iat' || claim === 'nbf') return 'timestamp-outside-tolerance'
  return code === 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED' ? 'signature-mismatch' : 'token-malformed'
}

const refuse = (reason: Reason): Verdict => ({ ok: false, reason })
