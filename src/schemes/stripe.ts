import { exactText } from '../body/text.ts'
import type { Reason } from '../errors.ts'
import type { Scheme } from '../receiver.ts'
import { fields } from './layout.ts'
import { withHeaders } from './place.ts'
import { formatTime, untimely } from './timestamp.ts'

const HEADER = 'stripe-signature'
const TOLERANCE = 300

/** `v0` is Stripe's fake for its test mode; it is passed over like any name that is not `v1`. */
const layout = fields({ signature: 'v1', timestamp: 't' })

type Stripe = typeof import('stripe').default

/**
 * Stripe's signature by its official code, the package `stripe`. That forgives a lot: `t=1700000000abc`, two times, junk
 * between the commas, a body that is no UTF-8, a time in the future. So the header is read strictly here, the official
 * code is handed one written anew, and the time is judged by our rule.
 */
export function stripe(): Scheme {
  let official: Stripe | undefined

  async function load(): Promise<void> {
    official ??= (await import('stripe')).default
  }

  /** Tolerance 0: the signature alone. Asynchronous, since on Bun and Deno the package has nothing else. */
  async function matches(payload: string, signed: Signed, secret: string): Promise<boolean> {
    try {
      return (await official!.webhooks.signature!.verifyHeaderAsync(payload, signed.header, secret, 0)) === true
    } catch (error) {
      if (error instanceof official!.errors.StripeSignatureVerificationError) return false
      throw error
    }
  }

  return {
    key: { min: 16 },
    covers: { body: 'bytes', time: true },
    load,

    async verify(request, { secrets }, now) {
      if (secrets.length === 0) return { ok: false, reason: 'secret-missing' }
      const signed = readHeader(request.headers[HEADER])
      if (typeof signed === 'string') return { ok: false, reason: signed }
      const payload = exactText(request.body)
      if (payload === undefined) return { ok: false, reason: 'body-not-utf8' }

      if (official === undefined) await load()
      for (const [secret, candidate] of secrets.entries()) {
        if (!(await matches(payload, signed, candidate))) continue
        return untimely(signed.timestamp, 'seconds', TOLERANCE, now) ?? { ok: true, secret }
      }
      return { ok: false, reason: 'signature-mismatch' }
    },

    async sign(request, secret, now) {
      await load()
      const payload = exactText(request.body) ?? ''
      const timestamp = Number(formatTime(now, 'seconds'))
      const header = await official!.webhooks.generateTestHeaderStringAsync({ payload, secret, timestamp })
      return withHeaders(request, { [HEADER]: header })
    }
  }
}

interface Signed {
  readonly timestamp: string
  /** As Stripe would have written it, with nothing else in it. */
  readonly header: string
}

function readHeader(text: string | readonly string[] | undefined): Signed | Reason {
  if (text === undefined || text === '') return 'signature-missing'
  const read = typeof text === 'string' ? layout.read(text) : undefined
  const signatures = read?.signatures.filter(signature => /^[0-9a-fA-F]{64}$/.test(signature)) ?? []
  if (read === undefined || signatures.length === 0) return 'signature-malformed'
  const { timestamp } = read
  if (timestamp === undefined) return 'timestamp-missing'
  // The official code signs the number, not its spelling: `t=01700000000` must not pass for `t=1700000000`.
  if (!/^[1-9]\d{0,14}$/.test(timestamp)) return 'timestamp-malformed'
  const header = [`t=${timestamp}`, ...signatures.map(signature => `v1=${signature.toLowerCase()}`)].join(',')
  return { timestamp, header }
}
