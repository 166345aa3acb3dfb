import { exactText } from '../body/text.ts'
import type { Scheme } from '../receiver.ts'
import { hmac } from './hmac.ts'
import { fields } from './layout.ts'
import { withHeaders } from './place.ts'
import { formatTime } from './timestamp.ts'

const HEADER = 'stripe-signature'

/**
 * Stripe's signature: HMAC-SHA256 of `<time>.<body>`, several while a secret is rolled. `v0` is Stripe's fake for its test
 * mode; it is passed over like any name that is not `v1`. What signs for tests is the official code, the package `stripe`,
 * so that nothing here proves itself.
 */
export function stripe(): Scheme {
  return {
    ...hmac({
      header: HEADER,
      hash: 'sha256',
      encoding: 'hex',
      layout: fields({ signature: 'v1', timestamp: 't' }),
      timestamp: { as: 'seconds' },
      content: ({ body }, time) => [`${time}.`, body],
      utf8: true
    }),

    async sign(request, secret, now) {
      const { default: official } = await import('stripe')
      const payload = exactText(request.body) ?? ''
      const timestamp = Number(formatTime(now, 'seconds'))
      const header = await official.webhooks.generateTestHeaderStringAsync({ payload, secret, timestamp })
      return withHeaders(request, { [HEADER]: header })
    }
  }
}
