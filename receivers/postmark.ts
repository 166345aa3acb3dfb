import { basic, date, joined, type Receiver, text } from '../src/kit.ts'

/** When it happened, by the kind of record. */
const TIMES = ['BouncedAt', 'DeliveredAt', 'ReceivedAt', 'ChangedAt']

/**
 * No signature: user and password in the URL come as HTTP Basic, and prove who sends, not what. The event is `RecordType`;
 * a received mail has none and is `Inbound`. The id is all that makes a record one: message, recipient, time and link.
 * A bounce's own `ID` is larger than a number can be exact.
 */
export const postmark: Receiver<'postmark', PostmarkEvents> = {
  name: 'postmark',
  docs: 'https://postmarkapp.com/developer/webhooks/webhooks-overview',
  scheme: basic(),
  limit: 50 * 1024 * 1024,
  describe({ body }) {
    const isMail = body.RecordType === undefined && typeof body.MailboxHash === 'string'
    const time = TIMES.map(name => text(body[name])).find(found => found !== undefined)
    return {
      event: isMail ? 'Inbound' : text(body.RecordType),
      id: isMail ? joined('Inbound', body.MessageID) : idOf(body, time),
      occurredAt: date(time, 'iso'),
      subject: text(body.MessageID),
      account: text(body.ServerID)
    }
  },
  // 403 ends Postmark's retries, and a body that can't be read will be no better next time.
  rejected: stage => ({ status: stage === 'proof' ? 401 : 403 })
}

function idOf(record: any, time: string | undefined): string | undefined {
  const link = text(record.OriginalLink)
  const recipient = record.Recipient ?? record.Email
  return joined(record.RecordType, record.MessageID, recipient, time, ...(link === undefined ? [] : [link]))
}

export interface PostmarkEvents {
  Delivery: PostmarkRecord & { DeliveredAt: string; Details: string }
  Bounce: PostmarkBounce
  SpamComplaint: PostmarkBounce
  Open: PostmarkRecord & { ReceivedAt: string; FirstOpen: boolean; UserAgent: string }
  Click: PostmarkRecord & { ReceivedAt: string; OriginalLink: string; UserAgent: string }
  SubscriptionChange: PostmarkSubscriptionChange
  Inbound: PostmarkMail
  [type: string]: PostmarkRecord | PostmarkBounce | PostmarkSubscriptionChange | PostmarkMail
}

export interface PostmarkRecord {
  RecordType: string
  MessageID: string
  ServerID: number
  MessageStream: string
  Recipient: string
  Tag?: string
  Metadata?: Record<string, string>
}

export interface PostmarkBounce extends Omit<PostmarkRecord, 'Recipient'> {
  ID: number
  Type: string
  TypeCode: number
  Email: string
  Description: string
  BouncedAt: string
  Inactive: boolean
}

export interface PostmarkSubscriptionChange extends Omit<PostmarkRecord, 'MessageID' | 'Tag'> {
  /** Null where somebody of the account suppresses or reactivates an address: no message was the reason. */
  MessageID: string | null
  Tag: string | null
  ChangedAt: string
  Origin: string
  SuppressSending: boolean
  /** Null for a reactivation. */
  SuppressionReason: string | null
}

export interface PostmarkMail {
  MessageID: string
  From: string
  To: string
  OriginalRecipient: string
  MailboxHash: string
  Subject: string
  TextBody: string
  HtmlBody: string
  StrippedTextReply?: string
  Headers: { Name: string; Value: string }[]
  Attachments: { Name: string; Content: string; ContentType: string; ContentLength: number }[]
}
