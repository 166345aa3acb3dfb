import { date, hmac, type Receiver, text } from '../src/kit.ts'

const EVENT = 'zen:event-type:'
/** What Zendesk's API calls the subscription of a trigger or an automation. */
const CONDITIONAL = 'conditional_ticket_events'

/**
 * Signs `<time><body>`; the secret looks like base64 and is used as it is. Two kinds: Zendesk's own events come as JSON
 * with type, id and time. For triggers and automations the admin chooses method, format and content, even none, so their
 * event is always `conditional_ticket_events` and their id the invocation's; no field of theirs means anything to us.
 */
export const zendesk: Receiver<'zendesk', ZendeskEvents> = {
  name: 'zendesk',
  docs: 'https://developer.zendesk.com/documentation/webhooks/verifying/',
  scheme: hmac({
    header: 'x-zendesk-webhook-signature',
    hash: 'sha256',
    encoding: 'base64',
    timestamp: { header: 'x-zendesk-webhook-signature-timestamp', as: 'iso' },
    content: ({ body }, timestamp) => [timestamp, body]
  }),
  methods: ['POST', 'GET', 'PUT', 'PATCH', 'DELETE'],
  body: ['json', 'xml', 'form'],
  describe(message) {
    const { headers, request } = message
    const data = request.body.length === 0 ? undefined : message.body
    const conditional = {
      event: CONDITIONAL,
      id: headers['x-zendesk-webhook-invocation-id'],
      account: headers['x-zendesk-account-id'],
      data
    }
    if (!text(data?.type)?.startsWith(EVENT)) return conditional
    return {
      event: text(data.type),
      id: text(data.id) ?? conditional.id,
      occurredAt: date(data.time, 'iso'),
      subject: text(data.subject) ?? text(data.detail?.id),
      // In the body it is signed, in the header it is not.
      account: text(data.account_id) ?? conditional.account
    }
  }
}

export interface ZendeskEvents {
  /** Whatever the admin wrote; undefined where there is no body. */
  conditional_ticket_events: any
  'zen:event-type:ticket.created': ZendeskEvent<ZendeskTicket>
  'zen:event-type:ticket.status_changed': ZendeskEvent<ZendeskTicket, ZendeskChange>
  'zen:event-type:ticket.comment_added': ZendeskEvent<
    ZendeskTicket,
    { comment: { id: string; body: string; is_public: boolean } }
  >
  'zen:event-type:user.created': ZendeskEvent<ZendeskUser>
  'zen:event-type:user.deleted': ZendeskEvent<ZendeskUser>
  'zen:event-type:organization.created': ZendeskEvent<{ id: string; name: string; external_id: string | null }>
  [event: string]: ZendeskEvent
}

export interface ZendeskEvent<Detail = { id: string }, Event = object> {
  type: string
  id: string
  account_id: number
  subject: string
  time: string
  zendesk_event_version: string
  detail: Detail
  event: Event
}

export interface ZendeskChange {
  current: string
  previous: string
}

export interface ZendeskTicket {
  id: string
  subject: string
  status: string
  priority: string | null
  requester_id: string
  assignee_id: string | null
  organization_id: string | null
  tags: string[]
}

export interface ZendeskUser {
  id: string
  email: string
  role: string
  organization_id: string
  external_id: string
}
