import { date, fields, hmac, joined, type Receiver, text } from '../src/kit.ts'

/**
 * Signs `<time>.<body>`; the time counts for 3 minutes. Calendly gives no id, so ours is made of the event, what it is
 * about and when: a retry repeats the body. The subject is the scheduled event, where there is one.
 */
export const calendly: Receiver<'calendly', CalendlyEvents> = {
  name: 'calendly',
  docs: 'https://developer.calendly.com/api-docs/ZG9jOjM2MzE2MDM4-webhook-signatures',
  scheme: hmac({
    header: 'calendly-webhook-signature',
    hash: 'sha256',
    encoding: 'hex',
    layout: fields({ signature: 'v1', timestamp: 't' }),
    timestamp: { as: 'seconds', tolerance: 180 },
    content: ({ body }, timestamp) => [`${timestamp}.`, body]
  }),
  describe: ({ body: { event, created_at, created_by, payload } }) => ({
    event: text(event),
    id: joined(event, payload?.uri, created_at),
    occurredAt: date(created_at, 'iso'),
    subject: text(payload?.scheduled_event?.uri) ?? text(payload?.uri),
    account: text(created_by)
  })
}

export interface CalendlyEvents {
  'invitee.created': CalendlyEvent<CalendlyInvitee>
  'invitee.canceled': CalendlyEvent<CalendlyInvitee>
  'invitee_no_show.created': CalendlyEvent<CalendlyInvitee & { no_show: { uri: string; created_at: string } }>
  'routing_form_submission.created': CalendlyEvent<{
    uri: string
    routing_form: string
    questions_and_answers: { question: string; answer: string }[]
  }>
  [event: string]: CalendlyEvent
}

export interface CalendlyEvent<Payload = any> {
  event: string
  created_at: string
  created_by: string
  payload: Payload
}

export interface CalendlyInvitee {
  uri: string
  email: string
  name: string
  status: string
  timezone: string
  rescheduled: boolean
  old_invitee: string | null
  new_invitee: string | null
  cancellation?: { canceled_by: string; reason: string | null; canceler_type: string }
  questions_and_answers: { question: string; answer: string; position: number }[]
  scheduled_event: { uri: string; name: string; status: string; start_time: string; end_time: string }
}
