import { date, fields, hmac, joined, type Receiver } from '../src/kit.ts'

/**
 * Signs `<time>.<body>`, in milliseconds and base64url. What the body says is the projection that the webhook's owner
 * wrote, perhaps nothing: so event, id, time and document are headers, which are not signed.
 */
export const sanity: Receiver<'sanity', SanityEvents> = {
  name: 'sanity',
  docs: 'https://www.sanity.io/docs/content-lake/webhooks',
  scheme: hmac({
    header: 'sanity-webhook-signature',
    hash: 'sha256',
    encoding: 'base64url',
    layout: fields({ signature: 'v1', timestamp: 't' }),
    // Retries go on for half an hour, and nothing says that they are signed anew.
    timestamp: { as: 'milliseconds', tolerance: 30 * 60 },
    content: ({ body }, timestamp) => [timestamp, '.', body]
  }),
  describe({ headers }) {
    return {
      event: headers['sanity-operation'],
      id: headers['idempotency-key'],
      occurredAt: date(headers['sanity-transaction-time'], 'iso'),
      subject: headers['sanity-document-id'],
      account: joined(headers['sanity-project-id'], headers['sanity-dataset'])
    }
  }
}

/** The whole document, unless the webhook has a projection. */
export interface SanityEvents {
  create: SanityDocument
  update: SanityDocument
  delete: SanityDocument
}

export interface SanityDocument {
  _id: string
  _type: string
  _rev: string
  _createdAt: string
  _updatedAt: string
  [field: string]: any
}
