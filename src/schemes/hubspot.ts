import { createHash } from 'node:crypto'
import { exactText } from '../body/text.ts'
import type { Scheme, Verdict, WebhookRequest } from '../receiver.ts'
import { equalMacs } from './compare.ts'
import { hmac } from './hmac.ts'

const V3 = 'x-hubspot-signature-v3'
const OLD = 'x-hubspot-signature'
const VERSION = 'x-hubspot-signature-version'
const HEX = /^[0-9a-fA-F]{64}$/

/** HubSpot signs the URL with these characters as they are, however they came. */
const ESCAPES = /%(?:3A|2F|3F|40|21|24|27|28|29|2A|2C|3B)/gi

/**
 * HubSpot's signatures. The third version is an HMAC over method, URL, body and time. Some requests have only an older
 * one, a plain hash of the secret and the body (`v1`), or of the secret, method, URL and body (`v2`), without a time.
 * Where the third is there, it alone counts. Signs by the third.
 */
export function hubspot(): Scheme {
  const v3 = hmac({
    header: V3,
    hash: 'sha256',
    encoding: 'base64',
    timestamp: { header: 'x-hubspot-request-timestamp', as: 'milliseconds' },
    content: ({ method, url, body }, timestamp) => [method, url, body, timestamp],
    variants: request => [request, { ...request, url: request.url.replace(ESCAPES, decodeURIComponent) }]
  })
  return {
    ...v3,
    // What the older versions prove as well.
    covers: { body: 'bytes', time: false },
    verify: (request, credentials, now) =>
      request.headers[V3] === undefined ? verifyOld(request, credentials.secrets) : v3.verify(request, credentials, now)
  }
}

function verifyOld(request: WebhookRequest, secrets: readonly string[]): Verdict {
  if (secrets.length === 0) return { ok: false, reason: 'secret-missing' }
  const given = request.headers[OLD]
  const version = request.headers[VERSION]
  if (given === undefined || given === '') return { ok: false, reason: 'signature-missing' }
  if (typeof given !== 'string' || !HEX.test(given)) return { ok: false, reason: 'signature-malformed' }
  if (version !== 'v1' && version !== 'v2') return { ok: false, reason: 'signature-malformed' }
  // A plain hash can be continued by anybody, but only behind a byte that ends every text.
  if (exactText(request.body) === undefined) return { ok: false, reason: 'body-not-utf8' }

  const before = version === 'v1' ? '' : request.method + request.url
  const secret = secrets.findIndex(candidate => {
    const hash = createHash('sha256')
      .update(candidate + before)
      .update(request.body)
      .digest('hex')
    return candidate !== '' && equalMacs(hash, given.toLowerCase())
  })
  return secret === -1 ? { ok: false, reason: 'signature-mismatch' } : { ok: true, secret }
}
