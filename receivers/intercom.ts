import { date, hmac, plain, type Receiver, text } from '../src/kit.ts'

/**
 * Signs the body with SHA-1, under the client secret of the app. The id is the notification's; a test ping has none. When
 * the URL is saved, an unsigned HEAD must hear 200.
 */
export const intercom: Receiver<'intercom', IntercomEvents> = {
  name: 'intercom',
  docs: 'https://developers.intercom.com/docs/webhooks/setting-up-webhooks',
  scheme: hmac({ header: 'x-hub-signature', hash: 'sha1', encoding: 'hex', layout: plain('sha1=') }),
  handshakes: [{ trust: 'unsigned', methods: ['HEAD'], reply: () => ({ status: 200 }) }],
  describe: ({ body }) => ({
    event: text(body.topic),
    id: text(body.id),
    occurredAt: date(body.created_at, 'seconds'),
    subject: text(body.data?.item?.id),
    account: text(body.app_id)
  })
}

export interface IntercomEvents {
  'conversation.user.created': IntercomEvent<IntercomConversation>
  'conversation.user.replied': IntercomEvent<IntercomConversation>
  'conversation.admin.replied': IntercomEvent<IntercomConversation>
  'conversation.admin.closed': IntercomEvent<IntercomConversation>
  'contact.user.created': IntercomEvent<IntercomContact>
  'contact.lead.created': IntercomEvent<IntercomContact>
  'contact.deleted': IntercomEvent<{ id: string; type: string }>
  ping: IntercomEvent<{ type: 'ping'; message: string }>
  [topic: string]: IntercomEvent
}

export interface IntercomEvent<Item = any> {
  type: 'notification_event'
  topic: string
  id: string | null
  app_id: string
  created_at: number
  delivery_attempts: number
  data: { type: string; item: Item }
}

export interface IntercomConversation {
  id: string
  state: string
  admin_assignee_id: number | null
  source: { type: string; subject: string; body: string; author: { type: string; id: string; email?: string } }
}

export interface IntercomContact {
  id: string
  role: string
  email: string | null
  name: string | null
  external_id: string | null
}
