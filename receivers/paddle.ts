import { date, fields, hmac, type Layout, type Receiver, text } from '../src/kit.ts'

const parts = fields({ signature: 'h1', timestamp: 'ts', separator: ';' })
/** A comma joins two headers, and there is only one. */
const layout: Layout = { ...parts, read: header => (header.includes(',') ? undefined : parts.read(header)) }

/**
 * Paddle Billing. Signs `<time>:<body>`; the header's parts are separated by semicolons, and while a secret is rotated it
 * carries a signature of each. The id is the event's, whatever destination it goes to.
 */
export const paddle: Receiver<'paddle', PaddleEvents> = {
  name: 'paddle',
  docs: 'https://developer.paddle.com/webhooks/signature-verification',
  scheme: hmac({
    header: 'paddle-signature',
    hash: 'sha256',
    encoding: 'hex',
    layout,
    timestamp: { as: 'seconds' },
    content: ({ body }, timestamp) => [`${timestamp}:`, body]
  }),
  describe: ({ body }) => ({
    event: text(body.event_type),
    id: text(body.event_id),
    occurredAt: date(body.occurred_at, 'iso'),
    subject: text(body.data?.id)
  })
}

export interface PaddleEvents {
  'transaction.completed': PaddleEvent<PaddleTransaction>
  'transaction.paid': PaddleEvent<PaddleTransaction>
  'transaction.payment_failed': PaddleEvent<PaddleTransaction>
  'subscription.created': PaddleEvent<PaddleSubscription>
  'subscription.updated': PaddleEvent<PaddleSubscription>
  'subscription.canceled': PaddleEvent<PaddleSubscription>
  'customer.created': PaddleEvent<{ id: string; email: string; name: string | null; status: string }>
  'adjustment.created': PaddleEvent<{ id: string; action: string; transaction_id: string; status: string }>
  [event: string]: PaddleEvent
}

export interface PaddleEvent<Item = any> {
  event_id: string
  event_type: string
  occurred_at: string
  notification_id: string
  data: Item
}

export interface PaddleTransaction {
  id: string
  status: string
  customer_id: string | null
  subscription_id: string | null
  invoice_number: string | null
  currency_code: string
  custom_data: Record<string, unknown> | null
  details: { totals: { total: string; grand_total: string; tax: string } }
}

export interface PaddleSubscription {
  id: string
  status: string
  customer_id: string
  currency_code: string
  next_billed_at: string | null
  custom_data: Record<string, unknown> | null
  items: { status: string; quantity: number; price: { id: string; product_id: string } }[]
}
