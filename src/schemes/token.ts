import type { Carries, Scheme } from '../receiver.ts'
import { equalSecrets } from './compare.ts'
import type { Place } from './place.ts'

export interface TokenOptions {
  /** Text that stands before the token, such as `Bearer `. */
  readonly prefix?: string
  /** The shortest secret, in characters. Default 32: a secret in a URL travels through logs. */
  readonly min?: number
}

/**
 * A shared secret sent along, in a header, the query or a field of the body: `token(query('code'))`. It proves who
 * sends, not what: the body is not covered, so the receiver demands HTTPS.
 */
export function token(place: Place, { prefix = '', min = 32 }: TokenOptions = {}): Scheme {
  const carries: Carries = place.carries
  return {
    key: { min },
    covers: { body: false, time: false },
    carries,

    verify(request, { secrets }) {
      if (secrets.length === 0) return { ok: false, reason: 'secret-missing' }
      const text = place.read(request)
      if (text === undefined || text === '') return { ok: false, reason: 'token-missing' }
      if (typeof text !== 'string' || !text.startsWith(prefix)) return { ok: false, reason: 'token-malformed' }
      const given = text.slice(prefix.length)
      const secret = secrets.findIndex(candidate => candidate !== '' && equalSecrets(candidate, given))
      return secret === -1 ? { ok: false, reason: 'token-mismatch' } : { ok: true, secret }
    },

    sign: (request, key) => place.write(request, prefix + key)
  }
}
