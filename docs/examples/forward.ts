import type { FastifyInstance } from 'fastify'
import webhooks, { on } from 'posthorn'
import { Forward } from 'posthorn/handlers/forward'
import { hmac } from 'posthorn/kit'
import { github } from 'posthorn/receivers/github'

/** Two targets, so two names. The second has a secret of its own, and so needs none of GitHub's. */
export async function forwardPushes(app: FastifyInstance, targets: { builds: string; audit: string; key: string }) {
  const signature = hmac({ header: 'x-signature', hash: 'sha256', encoding: 'hex' })
  await app.register(webhooks, {
    receivers: [github],
    handlers: [
      new Forward({ accepts: [on(github, 'push')], to: targets.builds, name: 'forward-to-builds' }),
      new Forward({
        accepts: [on(github, '**')],
        to: targets.audit,
        sign: { scheme: signature, key: targets.key },
        name: 'forward-to-audit'
      })
    ]
  })
}
