import { date, type Receiver, standardWebhooks, text } from '../src/kit.ts'

/**
 * Sent by Svix: signs `<id>.<time>.<body>`. The id is a header, `svix-id`, which is signed. The subject is the mail, or
 * the contact or domain.
 */
export const resend: Receiver<'resend', ResendEvents> = {
  name: 'resend',
  docs: 'https://resend.com/docs/webhooks/verify-webhooks-requests',
  scheme: standardWebhooks({ prefix: 'svix' }),
  describe: ({ headers, body }) => ({
    event: text(body.type),
    id: headers['svix-id'],
    occurredAt: date(body.created_at, 'iso'),
    subject: text(body.data?.email_id) ?? text(body.data?.id)
  })
}

export interface ResendEvents {
  'email.sent': ResendEvent<ResendEmail>
  'email.delivered': ResendEvent<ResendEmail>
  'email.delivery_delayed': ResendEvent<ResendEmail>
  'email.opened': ResendEvent<ResendEmail>
  'email.clicked': ResendEvent<ResendEmail & { click: { link: string; timestamp: string } }>
  'email.bounced': ResendEvent<ResendEmail & { bounce: { message: string; type: string; subType: string } }>
  'email.complained': ResendEvent<ResendEmail>
  'email.received': ResendEvent<ResendEmail>
  'contact.created': ResendEvent<ResendContact>
  'contact.updated': ResendEvent<ResendContact>
  'contact.deleted': ResendEvent<ResendContact>
  [event: string]: ResendEvent
}

export interface ResendEvent<Item = any> {
  type: string
  created_at: string
  data: Item
}

export interface ResendEmail {
  email_id: string
  from: string
  to: string[]
  subject: string
  tags?: Record<string, string>
}

export interface ResendContact {
  id: string
  email: string
  first_name?: string | null
  last_name?: string | null
  unsubscribed: boolean
}
