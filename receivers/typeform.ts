import { date, hmac, plain, type Receiver, text } from '../src/kit.ts'

/**
 * Signs the body, in base64 behind `sha256=`. The subject is the response by its token, which answers over the API are
 * found by. No time is signed besides that of the answer.
 */
export const typeform: Receiver<'typeform', TypeformEvents> = {
  name: 'typeform',
  docs: 'https://www.typeform.com/developers/webhooks/secure-your-webhooks/',
  scheme: hmac({ header: 'typeform-signature', hash: 'sha256', encoding: 'base64', layout: plain('sha256=') }),
  describe: ({ body }) => ({
    event: text(body.event_type),
    id: text(body.event_id),
    occurredAt: date(body.form_response?.submitted_at, 'iso'),
    subject: text(body.form_response?.token)
  })
}

export interface TypeformEvents {
  form_response: TypeformEvent
  form_response_partial: TypeformEvent
  [event: string]: TypeformEvent
}

export interface TypeformEvent {
  event_id: string
  event_type: string
  form_response: {
    form_id: string
    token: string
    landed_at: string
    submitted_at?: string
    hidden?: Record<string, string>
    definition: { id: string; title: string; fields: { id: string; ref: string; type: string; title: string }[] }
    answers: TypeformAnswer[]
  }
}

/** The answer stands under its type: `{ type: 'email', email: 'ada@example.com' }`. */
export interface TypeformAnswer {
  type: string
  field: { id: string; ref: string; type: string }
  [type: string]: unknown
}
