import type { Scheme } from '../receiver.ts'
import { equalSecrets } from './compare.ts'
import { header } from './place.ts'

const CREDENTIALS = /^Basic ((?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?)$/i

/**
 * HTTP Basic authentication (RFC 7617). The secret is `user:password`, 16 characters at least. It proves who sends, not
 * what: the body is not covered, so the receiver demands HTTPS.
 */
export function basic(): Scheme {
  const place = header('authorization')
  return {
    key: { min: 16 },
    covers: { body: false, time: false },
    carries: place.carries,

    verify(request, { secrets }) {
      if (secrets.length === 0) return { ok: false, reason: 'secret-missing' }
      const text = place.read(request)
      if (text === undefined) return { ok: false, reason: 'token-missing' }
      const encoded = typeof text === 'string' ? CREDENTIALS.exec(text)?.[1] : undefined
      if (encoded === undefined) return { ok: false, reason: 'token-malformed' }
      const given = Buffer.from(encoded, 'base64').toString()
      const secret = secrets.findIndex(candidate => candidate !== '' && equalSecrets(candidate, given))
      return secret === -1 ? { ok: false, reason: 'token-mismatch' } : { ok: true, secret }
    },

    sign: (request, key) => place.write(request, `Basic ${Buffer.from(key).toString('base64')}`)
  }
}
