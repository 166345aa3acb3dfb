import { createHmac, type KeyObject, randomUUID, sign, verify } from 'node:crypto'
import type { Reason } from '../errors.ts'
import type { Scheme, WebhookRequest } from '../receiver.ts'
import { equalMacs } from './compare.ts'
import { header, withHeaders } from './place.ts'
import { decoded, keyOf, privateKey } from './standard-webhooks-keys.ts'
import { standardWebhooksFixture } from './test-keys.ts'
import { formatTime, untimely } from './timestamp.ts'

export interface StandardWebhooksOptions {
  /** How the names of its three headers begin. Default: `webhook`. */
  readonly prefix?: string
  /** The secret as the specification writes it, from the one that the provider shows. Default: the same. */
  readonly secret?: (shown: string) => string
}

const TOLERANCE = 300
const V1 = /^v1,[A-Za-z0-9+/]{43}=$/
const V1A = /^v1a,[A-Za-z0-9+/]{86}==$/
/** Each one of `v1a` costs a check of its own, and nobody rotates more keys at once. */
const MAX_SIGNATURES = 16

/**
 * Standard Webhooks 1.0 (standardwebhooks.com): `<id>.<time>.<body>`, signed by HMAC-SHA256 (`v1`) under a secret in base64
 * behind `whsec_`, which may be left out, or by Ed25519 (`v1a`) under a public key, `whpk_`. `sign` takes `whsec_`, or the
 * private key behind `whsk_`. The signature is judged before the time, which may be 300 seconds off, both ways.
 */
export function standardWebhooks({ prefix = 'webhook', secret: specified }: StandardWebhooksOptions = {}): Scheme {
  const [idAt, timeAt, signatureAt] = [header(`${prefix}-id`), header(`${prefix}-timestamp`), `${prefix}-signature`]

  return {
    key: { min: 32 },
    covers: { body: 'bytes', time: true },

    verify(request, { secrets }, now) {
      const keys = secrets.map(secret => keyOf(specified?.(secret) ?? secret))
      if (keys.every(key => key === undefined)) return refuse('secret-missing')
      const [id, time, text] = [idAt.read(request), timeAt.read(request), request.headers[signatureAt]]
      if (!text || !id) return refuse('signature-missing')
      const signatures = typeof text === 'string' ? signaturesIn(text) : []
      if (signatures.length === 0 || !isWhole(id)) return refuse('signature-malformed')
      if (time === undefined) return refuse('timestamp-missing')
      if (!isWhole(time)) return refuse('timestamp-malformed')

      const start = `${id}.${time}.`
      const secret = keys.findIndex(key => key !== undefined && proves(key, signatures, start, request.body))
      if (secret === -1) return refuse('signature-mismatch')
      return untimely(time, 'seconds', TOLERANCE, now) ?? { ok: true, secret }
    },

    sign(request, secret, now) {
      const id = idAt.read(request) ?? `msg_${randomUUID()}`
      const named = timeAt.write(idAt.write(request, String(id)), formatTime(now, 'seconds'))
      const start = `${id}.${formatTime(now, 'seconds')}.`
      return withHeaders(named, { [signatureAt]: signatureOf(specified?.(secret) ?? secret, start, request) })
    },

    testKeys: () => ({ credentials: { secrets: [standardWebhooksFixture] }, sign: standardWebhooksFixture })
  }
}

function refuse(reason: Reason) {
  return { ok: false, reason } as const
}

/** Dots join what is signed: one inside would let a part pass for another. */
function isWhole(text: string | readonly string[]): text is string {
  return typeof text === 'string' && text !== '' && !text.includes('.')
}

/** Other versions are passed over. Where one has a second comma, or nothing behind it, headers were joined. */
function signaturesIn(text: string): string[] {
  if (/,(?:$| |[^ ]*,)/.test(text)) return []
  const known = text.split(' ').filter(each => V1.test(each) || V1A.test(each))
  return known.length > MAX_SIGNATURES ? [] : known
}

function proves(key: KeyObject, signatures: readonly string[], start: string, body: Uint8Array): boolean {
  if (key.type === 'secret') {
    const expected = macOf(key, start, body)
    return signatures.some(given => equalMacs(expected, given))
  }
  const given = signatures.filter(each => V1A.test(each)).map(each => decoded(each.slice('v1a,'.length)))
  if (given.length === 0) return false
  const signed = Buffer.concat([Buffer.from(start), body])
  return given.some(signature => signature !== undefined && verify(null, signed, key, signature))
}

function signatureOf(secret: string, start: string, { body }: WebhookRequest): string {
  if (secret.startsWith('whsk_')) {
    const signature = sign(null, Buffer.concat([Buffer.from(start), body]), privateKey(secret))
    return `v1a,${signature.toString('base64')}`
  }
  const key = keyOf(secret)
  if (key?.type !== 'secret') throw new TypeError('The key to sign with must be whsec_ or whsk_, and base64.')
  return macOf(key, start, body)
}

function macOf(key: KeyObject, start: string, body: Uint8Array): string {
  return `v1,${createHmac('sha256', key).update(start).update(body).digest('base64')}`
}
