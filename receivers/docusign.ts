import { date, header, hmac, joined, list, type Place, type Receiver, text } from '../src/kit.ts'

const SIGNATURE = /^x-docusign-signature-(?:[1-9]\d?|100)$/
/** It can't stand in a header, so nobody writes a list into one of them. */
const BETWEEN = '\n'

/** Each key of the account signs in a header of its own, from `-1` to `-100`. They are read as one list. */
const signatures: Place = {
  read({ headers }) {
    const found = Object.entries(headers).flatMap(([name, value]) =>
      SIGNATURE.test(name) && value !== undefined ? [value] : []
    )
    if (found.length === 0) return undefined
    return found.every(value => typeof value === 'string') ? found.join(BETWEEN) : found.flat()
  },
  write: header('x-docusign-signature-1').write,
  carries: {}
}

/**
 * DocuSign Connect. Signs the body once with each active key of the account; one that is ours is enough. JSON messages
 * are about an event, such as `envelope-completed`, and a recipient is part of its id. The older XML messages tell the
 * state of an envelope, so its status is the event, such as `Completed`; their times name no offset and are left out.
 */
export const docusign: Receiver<'docusign', DocusignEvents> = {
  name: 'docusign',
  docs: 'https://developers.docusign.com/platform/webhooks/connect/',
  scheme: hmac({
    place: signatures,
    hash: 'sha256',
    encoding: 'base64',
    layout: list({ separator: BETWEEN, prefix: '' })
  }),
  body: ['json', 'xml'],
  // Documents may come along.
  limit: 25 * 1024 * 1024,
  describe({ body }) {
    const envelope = body.DocuSignEnvelopeInformation?.EnvelopeStatus
    if (envelope) {
      return {
        event: text(envelope.Status),
        id: joined(envelope.EnvelopeID, envelope.Status, envelope.TimeGenerated),
        subject: text(envelope.EnvelopeID)
      }
    }
    const { envelopeId, templateId, recipientId, accountId } = body.data ?? {}
    const subject = text(envelopeId) ?? text(templateId)
    return {
      event: text(body.event),
      id: joined(subject, ...(recipientId === undefined ? [] : [recipientId]), body.event, body.generatedDateTime),
      occurredAt: date(body.generatedDateTime, 'iso'),
      subject,
      account: text(accountId)
    }
  }
}

export interface DocusignEvents {
  'envelope-sent': DocusignMessage
  'envelope-delivered': DocusignMessage
  'envelope-completed': DocusignMessage
  'envelope-declined': DocusignMessage
  'envelope-voided': DocusignMessage
  'recipient-sent': DocusignMessage<{ recipientId: string }>
  'recipient-delivered': DocusignMessage<{ recipientId: string }>
  'recipient-completed': DocusignMessage<{ recipientId: string }>
  'recipient-declined': DocusignMessage<{ recipientId: string }>
  Sent: DocusignXml
  Delivered: DocusignXml
  Completed: DocusignXml
  Declined: DocusignXml
  Voided: DocusignXml
  [event: string]: any
}

export interface DocusignMessage<More = object> {
  event: string
  apiVersion: string
  uri: string
  retryCount: number
  configurationId: number | string
  generatedDateTime: string
  data: {
    accountId: string
    userId?: string
    envelopeId: string
    /** What of the envelope was asked for. */
    envelopeSummary?: {
      status: string
      emailSubject?: string
      sender?: { userName: string; email: string }
      recipients?: {
        signers?: { recipientId: string; name: string; email: string; status: string; signedDateTime?: string }[]
      }
      sentDateTime?: string
      completedDateTime?: string
      voidedReason?: string
    }
  } & More
}

/** In XML all values are texts, and what may come several times is a list only where it does. */
export interface DocusignXml {
  DocuSignEnvelopeInformation: {
    EnvelopeStatus: {
      EnvelopeID: string
      Status: string
      Subject: string
      TimeGenerated: string
      RecipientStatuses: { RecipientStatus: DocusignXmlRecipient | DocusignXmlRecipient[] }
    }
    DocumentPDFs?: any
  }
}

export interface DocusignXmlRecipient {
  RecipientId: string
  Type: string
  Email: string
  UserName: string
  Status: string
}
