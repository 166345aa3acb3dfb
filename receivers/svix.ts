import { date, type Receiver, standardWebhooks, text } from '../src/kit.ts'

/**
 * Signs `<id>.<time>.<body>` as Standard Webhooks, with headers of its own name: for senders that use Svix and have no
 * receiver of their own. Their bodies differ, so the event is looked for under its usual names, and is `message` where
 * there is none. Id and time of the attempt are headers, both signed.
 */
export const svix: Receiver<'svix', SvixEvents> = {
  name: 'svix',
  docs: 'https://docs.svix.com/receiving/verifying-payloads/how-manual',
  scheme: standardWebhooks({ prefix: 'svix' }),
  describe: ({ headers, body }) => ({
    event: text(body.type) ?? text(body.eventType) ?? text(body.event_type) ?? text(body.event) ?? 'message',
    id: headers['svix-id'],
    occurredAt: date(body.timestamp, 'iso'),
    subject: text(body.data?.id)
  })
}

export interface SvixEvents {
  /** Whatever the sender wrote. */
  [event: string]: any
}
