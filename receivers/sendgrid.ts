import { date, ecdsa, type Receiver, text } from '../src/kit.ts'

/**
 * Signs the time and the body with ECDSA; the secret is the public key that the settings page shows. A request is a batch
 * with CRLF between and behind its events, one delivery each, with the id `sg_event_id`. Nothing names the account. The
 * event of a test on the settings page is a made-up one, and signed as well.
 */
export const sendgrid: Receiver<'sendgrid', SendgridEvents> = {
  name: 'sendgrid',
  docs: 'https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/getting-started-event-webhook-security-features',
  scheme: ecdsa({
    header: 'x-twilio-email-event-webhook-signature',
    timestamp: { header: 'x-twilio-email-event-webhook-timestamp', as: 'seconds' }
  }),
  limit: 5 * 1024 * 1024,
  describe({ body }) {
    if (!Array.isArray(body)) return { event: undefined }
    return body.map(item => ({
      event: text(item?.event),
      id: text(item?.sg_event_id),
      occurredAt: date(item?.timestamp, 'seconds'),
      subject: text(item?.sg_message_id) ?? text(item?.email),
      data: item
    }))
  }
}

export interface SendgridEvents {
  processed: SendgridEvent
  delivered: SendgridEvent & { response: string }
  deferred: SendgridEvent & { response: string; attempt: string }
  bounce: SendgridEvent & { reason: string; status: string; type: 'bounce' | 'blocked' }
  dropped: SendgridEvent & { reason: string; status?: string }
  open: SendgridEvent & { useragent: string; ip: string; sg_machine_open?: boolean }
  click: SendgridEvent & { url: string; useragent: string; ip: string }
  spamreport: SendgridEvent
  unsubscribe: SendgridEvent
  group_unsubscribe: SendgridEvent & { asm_group_id: number }
  group_resubscribe: SendgridEvent & { asm_group_id: number }
  /** Your unique arguments stand beside these fields. */
  [event: string]: SendgridEvent
}

export interface SendgridEvent {
  event: string
  email: string
  timestamp: number
  sg_event_id: string
  sg_message_id?: string
  'smtp-id'?: string
  category?: string | string[]
  [argument: string]: unknown
}
