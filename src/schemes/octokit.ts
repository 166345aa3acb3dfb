import { exactText } from '../body/text.ts'
import type { Scheme, WebhookRequest } from '../receiver.ts'
import { isOn } from '../settings.ts'
import { hmac } from './hmac.ts'
import { plain } from './layout.ts'
import { withHeaders } from './place.ts'

const HEADER = 'x-hub-signature-256'

type Methods = typeof import('@octokit/webhooks-methods')

/**
 * GitHub's signature by its official code, `@octokit/webhooks-methods`. That takes the body as a string and so would
 * accept other bytes that decode to the same text: a body that is no valid UTF-8 is refused before it.
 *
 * `allow-sha1` lets the legacy `X-Hub-Signature` prove a request, but only one without the SHA-256 header.
 */
export function octokit(): Scheme {
  const sha1 = hmac({ header: 'x-hub-signature', hash: 'sha1', encoding: 'hex', layout: plain('sha1=') })
  let methods: Methods | undefined

  async function load(): Promise<void> {
    methods ??= await import('@octokit/webhooks-methods')
  }

  return {
    key: { min: 16 },
    covers: { body: 'bytes', time: false },
    load,

    async verify(request, credentials, now) {
      if (credentials.secrets.length === 0) return { ok: false, reason: 'secret-missing' }
      const signature = request.headers[HEADER]
      if (signature === undefined && isOn(credentials.settings['allow-sha1'])) {
        return sha1.verify(request, credentials, now)
      }
      if (signature === undefined || signature === '') return { ok: false, reason: 'signature-missing' }
      if (typeof signature !== 'string' || !/^sha256=[0-9a-fA-F]{64}$/.test(signature)) {
        return { ok: false, reason: 'signature-malformed' }
      }
      const payload = exactText(request.body)
      if (payload === undefined) return { ok: false, reason: 'body-not-utf8' }
      // The official code throws on an empty secret or body; neither proves anything.
      if (payload === '') return { ok: false, reason: 'signature-mismatch' }

      if (methods === undefined) await load()
      const spelled = signature.toLowerCase()
      for (const [secret, candidate] of credentials.secrets.entries()) {
        if (candidate !== '' && (await methods!.verify(candidate, payload, spelled))) return { ok: true, secret }
      }
      return { ok: false, reason: 'signature-mismatch' }
    },

    async sign(request: WebhookRequest, key) {
      await load()
      return withHeaders(request, { [HEADER]: await methods!.sign(key, exactText(request.body) ?? '') })
    }
  }
}
