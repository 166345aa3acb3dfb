import Fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify'
import { bitbucket } from '../../receivers/bitbucket.ts'
import { dropbox } from '../../receivers/dropbox.ts'
import { github } from '../../receivers/github.ts'
import { mailchimp } from '../../receivers/mailchimp.ts'
import { slack } from '../../receivers/slack.ts'
import { FunctionHandler, on } from '../../src/handler.ts'
import type { WebhooksOptions } from '../../src/options.ts'
import webhooks from '../../src/plugin.ts'
import type { AnyReceiver, Delivery, WebhookRequest } from '../../src/receiver.ts'

export const SECRET = 'a-secret-for-the-tests'
export const CODE = 'a-code-for-the-url-of-32-letters-'

export const env = {
  WEBHOOKS_GITHUB_SECRET: SECRET,
  WEBHOOKS_GITHUB_SECRETS: `acme=${SECRET}-of-acme`,
  WEBHOOKS_BITBUCKET_SECRET: SECRET,
  WEBHOOKS_DROPBOX_SECRET: SECRET,
  WEBHOOKS_MAILCHIMP_SECRET: CODE,
  WEBHOOKS_SLACK_SECRET: SECRET
}

export const receivers: readonly AnyReceiver[] = [bitbucket, dropbox, github, mailchimp, slack]

/** An application with the plugin, and the deliveries that reached its one handler. */
export async function appWith(
  options: Partial<WebhooksOptions> = {},
  server: FastifyServerOptions = {},
  prepare: (app: FastifyInstance) => unknown = () => {}
): Promise<{ app: FastifyInstance; arrived: Delivery[] }> {
  const arrived: Delivery[] = []
  const app = Fastify(server)
  await prepare(app)
  const recorder = new FunctionHandler(on('**'), { name: 'recorder' }, delivery => void arrived.push(delivery))
  await app.register(webhooks, { env, receivers, handlers: [recorder], ...options })
  return { app, arrived }
}

export const push = JSON.stringify({
  ref: 'refs/heads/main',
  repository: { full_name: 'octo/hello', owner: { login: 'octo' } }
})

/** A GitHub push, signed, as `app.inject` takes it. */
export async function signedPush(
  changes: Partial<{ url: string; body: string | Uint8Array; headers: object; secret: string }> = {}
) {
  const { url = '/api/webhooks/incoming/github', body = push, secret = SECRET } = changes
  const bytes = typeof body === 'string' ? Buffer.from(body) : Buffer.from(body)
  const headers = { 'content-type': 'application/json', 'x-github-event': 'push', 'x-github-delivery': 'd-1' }
  const request: WebhookRequest = { method: 'POST', url, headers, body: bytes }
  const signed = bytes.length === 0 ? request : await github.scheme.sign!(request, secret, new Date())
  return {
    method: 'POST' as const,
    url,
    payload: bytes,
    headers: { ...signed.headers, ...changes.headers } as Record<string, string>
  }
}
