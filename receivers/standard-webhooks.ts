import { date, type Receiver, standardWebhooks as signature, text } from '../src/kit.ts'

/**
 * Signs `<id>.<time>.<body>`, for any sender that keeps to the specification and has no receiver of its own. Id and time
 * of the attempt are headers, both signed; the time of the event stands in the body, as does its name. Where a body has
 * no `type`, which is only recommended, the event is `message`.
 */
export const standardWebhooks: Receiver<'standard-webhooks', StandardWebhooksEvents> = {
  name: 'standard-webhooks',
  docs: 'https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md',
  scheme: signature(),
  describe: ({ headers, body }) => ({
    event: text(body.type) ?? 'message',
    id: headers['webhook-id'],
    occurredAt: date(body.timestamp, 'iso'),
    subject: text(body.data?.id)
  })
}

export interface StandardWebhooksEvents {
  /** Without a type: whatever the sender wrote. */
  message: any
  [event: string]: { type: string; timestamp?: string; data: any }
}
