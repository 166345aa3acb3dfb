import { randomBytes } from 'node:crypto'
import { date, fieldByKind, hmac, type Place, type Receiver, text } from '../src/kit.ts'

const token = proof('token')

/**
 * Signs a time and a random token, which stand in the body beside the signature; the event itself is not signed. Whoever
 * sees one request can send others with its proof for five minutes: only HTTPS prevents that. Reports come as JSON,
 * received mails as a form, or multipart with attachments; those have no id but the token.
 */
export const mailgun: Receiver<'mailgun', MailgunEvents> = {
  name: 'mailgun',
  docs: 'https://documentation.mailgun.com/docs/mailgun/user-manual/webhooks/securing-webhooks',
  scheme: hmac({
    place: proof('signature'),
    hash: 'sha256',
    encoding: 'hex',
    timestamp: { place: proof('timestamp'), as: 'seconds' },
    content(request, timestamp) {
      const given = token.read(request)
      return typeof given === 'string' && given !== '' ? [timestamp, given] : undefined
    },
    announce: request => token.write(request, randomBytes(25).toString('hex')),
    covers: { body: false }
  }),
  body: ['json', 'form', 'multipart'],
  limit: 25 * 1024 * 1024,
  describe({ body }) {
    const report = body['event-data']
    return report === undefined ? describeFields(body) : describeReport(report)
  },
  // 406 ends Mailgun's retries, and a body that can't be read will be no better next time. A failed proof may be a key that
  // is being corrected: that is worth the retry.
  rejected: stage => ({ status: stage === 'proof' ? 401 : 406 })
}

function proof(name: string): Place {
  return fieldByKind({ json: ['signature', name], form: [name], multipart: [name] })
}

function describeReport(report: any) {
  const event = text(report?.event)
  const severity = text(report?.severity)
  return {
    event: event === 'failed' && severity !== undefined ? `failed.${severity}` : event,
    id: text(report?.id),
    occurredAt: moment(report?.timestamp),
    subject: text(report?.message?.headers?.['message-id']) ?? text(report?.recipient),
    // The key is the whole account's; what tells its tenants apart is the domain they send from.
    account: text(report?.domain?.name),
    data: report
  }
}

/** A received mail, or a report in the old form, which has an `event`. */
function describeFields(fields: any) {
  return {
    event: text(fields.event) ?? (text(fields.recipient) === undefined ? undefined : 'inbound'),
    id: text(fields.token),
    occurredAt: moment(fields.timestamp),
    subject: text(fields['Message-Id']) ?? text(fields.recipient),
    account: text(fields.domain)
  }
}

/** Seconds with a fraction. */
function moment(seconds: unknown): Date | undefined {
  return date(Math.round(Number(text(seconds) ?? Number.NaN) * 1000), 'milliseconds')
}

export interface MailgunEvents {
  accepted: MailgunReport
  delivered: MailgunReport & { 'delivery-status': MailgunDeliveryStatus }
  'failed.permanent': MailgunFailure
  'failed.temporary': MailgunFailure
  opened: MailgunVisit
  clicked: MailgunVisit & { url: string }
  unsubscribed: MailgunVisit
  complained: MailgunReport
  inbound: MailgunMail
  [event: string]: MailgunReport | MailgunOldReport | MailgunMail
}

export interface MailgunReport {
  event: string
  id: string
  timestamp: number
  recipient: string
  domain?: { name: string }
  tags?: string[]
  /** An empty list where there are none. */
  'user-variables'?: Record<string, unknown> | []
  message?: { headers: { 'message-id': string; from?: string; to?: string; subject?: string } }
}

/** In the old form, which is flat: all fields are text, and the user's variables stand among them. */
export interface MailgunOldReport {
  event: string
  recipient: string
  timestamp: string
  domain?: string
  [field: string]: unknown
}

/** What a recipient did, and from where. */
export interface MailgunVisit extends MailgunReport {
  ip?: string
  'client-info'?: Record<string, string | null>
}

export interface MailgunFailure extends MailgunReport {
  severity: 'permanent' | 'temporary'
  reason: string
  'delivery-status': MailgunDeliveryStatus
}

export interface MailgunDeliveryStatus {
  code: number
  message: string
  description?: string | null
  'attempt-no'?: number
}

/** Attachments are the `FilePart`s `attachment-1` and so on; of a raw forward only `body-mime` has the content. */
export interface MailgunMail {
  recipient: string
  sender: string
  from: string
  subject?: string
  'body-plain'?: string
  'body-html'?: string
  'body-mime'?: string
  'stripped-text'?: string
  'message-headers'?: string
  'Message-Id'?: string
  'attachment-count'?: string
  [field: string]: unknown
}
