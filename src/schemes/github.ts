import { exactText } from '../body/text.ts'
import type { Scheme } from '../receiver.ts'
import { isOn } from '../settings.ts'
import { hmac } from './hmac.ts'
import { plain } from './layout.ts'
import { withHeaders } from './place.ts'

const HEADER = 'x-hub-signature-256'

/**
 * GitHub's signature: HMAC-SHA256 of the body. `allow-sha1` lets the legacy `X-Hub-Signature` prove a request, but only
 * one without the SHA-256 header. What signs for tests is the official code, `@octokit/webhooks-methods`, so that nothing
 * here proves itself.
 */
export function github(): Scheme {
  const sha256 = hmac({ header: HEADER, hash: 'sha256', encoding: 'hex', layout: plain('sha256='), utf8: true })
  const sha1 = hmac({ header: 'x-hub-signature', hash: 'sha1', encoding: 'hex', layout: plain('sha1=') })

  return {
    ...sha256,

    verify(request, credentials, now) {
      const isLegacy = request.headers[HEADER] === undefined && isOn(credentials.settings['allow-sha1'])
      return (isLegacy ? sha1 : sha256).verify(request, credentials, now)
    },

    async sign(request, secret) {
      const { sign } = await import('@octokit/webhooks-methods')
      return withHeaders(request, { [HEADER]: await sign(secret, exactText(request.body) ?? '') })
    }
  }
}
