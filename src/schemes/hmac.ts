import { isUtf8 } from 'node:buffer'
import { createHmac, createSecretKey, type KeyObject } from 'node:crypto'
import { BoundedMap } from '../bounded.ts'
import type { Covers, Scheme, Verdict, WebhookRequest } from '../receiver.ts'
import { equalMacs } from './compare.ts'
import { type Layout, plain } from './layout.ts'
import { header, type Place } from './place.ts'
import { formatTime, type TimeFormat, untimely } from './timestamp.ts'

export interface HmacOptions {
  /** The header with the signature; `place` where it stands elsewhere. */
  readonly header?: string
  readonly place?: Place
  readonly hash: 'sha1' | 'sha256' | 'sha512'
  /** `base64url` comes without `=`. */
  readonly encoding: 'hex' | 'base64' | 'base64url'
  /** How it is written there. Default: the signature alone. */
  readonly layout?: Layout
  /** A signed time. Without header or place, it stands in the layout. `tolerance` in seconds, both ways; default 300. */
  readonly timestamp?: {
    readonly header?: string
    readonly place?: Place
    readonly as: TimeFormat
    readonly tolerance?: number
  }
  /**
   * What is signed, in parts that go to the MAC one by one: a body is never copied or decoded. `timestamp` is the text
   * as it came, '' where there is none. Undefined: such a request can't be signed. Default: the body.
   */
  readonly content?: (request: WebhookRequest, timestamp: string) => Parts | undefined
  /** The key made from a configured secret; undefined: not a secret for this request. Default: its UTF-8 bytes. */
  readonly key?: (secret: string, request: WebhookRequest) => string | Uint8Array | undefined
  /** Other spellings of the request that the provider may have signed, such as its URL without a port. */
  readonly variants?: (request: WebhookRequest) => readonly WebhookRequest[]
  /** What a signed request says besides, such as the name of its key. */
  readonly announce?: (request: WebhookRequest, secret: string) => WebhookRequest
  /** The shortest secret, in characters. Default 16. */
  readonly min?: number
  /** Refuses a body that is no UTF-8: the provider's own code signs a text, and other bytes would give the same. */
  readonly utf8?: boolean
  /** Default: every byte of the body, and the time where there is one. */
  readonly covers?: Partial<Covers>
}

type Parts = readonly (string | Uint8Array)[]

const ALPHABETS = {
  hex: /^[0-9a-fA-F]+$/,
  base64: /^[A-Za-z0-9+/]+={0,2}$/,
  base64url: /^[A-Za-z0-9_-]+$/
}
/** The keys of bytes that were last used, more than most servers have. */
const keys = new BoundedMap<string, KeyObject>(1000)

const SIZES = { sha1: 20, sha256: 32, sha512: 64 }

/**
 * A keyed hash (RFC 2104). The given text's alphabet and length are checked, then the encoded texts are compared in
 * constant time: a decoder would forgive junk. The signature is judged before the time.
 */
export function hmac(options: HmacOptions): Scheme {
  const { hash, encoding, layout = plain(), timestamp, key, content, variants, announce } = options
  const signatureAt = options.place ?? header(options.header!)
  const timeAt = timestamp?.place ?? (timestamp?.header === undefined ? undefined : header(timestamp.header))
  const alphabet = ALPHABETS[encoding]
  const length = Buffer.alloc(SIZES[hash]).toString(encoding).length

  function isSpelled(signature: string): boolean {
    return signature.length === length && alphabet.test(signature)
  }

  function mac(request: WebhookRequest, parts: Parts | undefined, secret: string): string | undefined {
    // Anybody could sign with an empty key.
    if (parts === undefined || secret.trim() === '') return undefined
    const keyed = key === undefined ? secret : key(secret, request)
    if (keyed === undefined || keyed.length === 0) return undefined
    const running = createHmac(hash, typeof keyed === 'string' ? keyed : keyOf(keyed))
    for (const part of parts) running.update(part)
    return running.digest(encoding)
  }

  /** The place of the secret that one of the given signatures was made with; -1: of none. */
  function matchingSecret(
    request: WebhookRequest,
    time: string,
    secrets: readonly string[],
    given: readonly string[]
  ): number {
    // A request that is not proven yet is read once a spelling, not once a secret.
    const parts = content === undefined ? [request.body] : content(request, time)
    return secrets.findIndex(secret => {
      const expected = mac(request, parts, secret)
      return expected !== undefined && given.some(signature => equalMacs(expected, signature))
    })
  }

  return {
    key: { min: options.min ?? 16 },
    covers: { body: 'bytes', time: timestamp !== undefined, ...options.covers },

    verify(request, { secrets }, now): Verdict {
      if (secrets.length === 0) return refuse('secret-missing')
      const text = signatureAt.read(request)
      if (text === undefined || text === '') return refuse('signature-missing')
      const read = typeof text === 'string' ? layout.read(text) : undefined
      if (read === undefined) return refuse('signature-malformed')
      let given = read.signatures.filter(isSpelled)
      if (given.length === 0) return refuse('signature-malformed')
      if (encoding === 'hex') given = given.map(signature => signature.toLowerCase())

      const time = timestamp === undefined ? '' : timeAt === undefined ? read.timestamp : timeAt.read(request)
      if (time === undefined) return refuse('timestamp-missing')
      if (typeof time !== 'string') return refuse('timestamp-malformed')
      if (options.utf8 && !isUtf8(request.body)) return refuse('body-not-utf8')

      let secret = -1
      for (const variant of variants === undefined ? [request] : variants(request)) {
        secret = matchingSecret(variant, time, secrets, given)
        if (secret !== -1) break
      }
      if (secret === -1) return refuse('signature-mismatch')
      return (timestamp && untimely(time, timestamp.as, timestamp.tolerance ?? 300, now)) ?? { ok: true, secret }
    },

    sign(request, secret, now) {
      const time = timestamp === undefined ? '' : formatTime(now, timestamp.as)
      let signed = announce === undefined ? request : announce(request, secret)
      if (timeAt !== undefined) signed = timeAt.write(signed, time)
      const signature = mac(signed, content === undefined ? [signed.body] : content(signed, time), secret)
      if (signature === undefined) throw new TypeError('This request cannot be signed with this key.')
      return signatureAt.write(signed, layout.write(signature, time))
    }
  }
}

/** Node takes several times as long over a key of plain bytes, and half as long as over the proof to make a key of them. */
function keyOf(bytes: Uint8Array): KeyObject {
  const spelled = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
  const known = keys.get(spelled)
  if (known !== undefined) return known
  const key = createSecretKey(bytes)
  keys.set(spelled, key)
  return key
}

function refuse(reason: Extract<Verdict, { ok: false }>['reason']): Verdict {
  return { ok: false, reason }
}
