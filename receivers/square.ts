import { date, hmac, type Receiver, text } from '../src/kit.ts'

/**
 * Signs the notification URL exactly as it was registered and, behind it, the body. The older header `x-square-signature`
 * is not looked at. Id and time are the event's; the account is the merchant.
 */
export const square: Receiver<'square', SquareEvents> = {
  name: 'square',
  docs: 'https://developer.squareup.com/docs/webhooks/step3validate',
  scheme: hmac({
    header: 'x-square-hmacsha256-signature',
    hash: 'sha256',
    encoding: 'base64',
    content: ({ url, body }) => [url, body],
    covers: { url: true }
  }),
  describe: ({ body }) => ({
    event: text(body.type),
    id: text(body.event_id),
    occurredAt: date(body.created_at, 'iso'),
    subject: text(body.data?.id),
    account: text(body.merchant_id)
  })
}

export interface SquareEvents {
  'payment.created': SquareEvent<{ payment: SquarePayment }>
  'payment.updated': SquareEvent<{ payment: SquarePayment }>
  'refund.updated': SquareEvent<{
    refund: { id: string; payment_id: string; status: string; amount_money: SquareMoney }
  }>
  'order.created': SquareEvent<{ order_created: SquareOrder }>
  'order.updated': SquareEvent<{ order_updated: SquareOrder }>
  'customer.created': SquareEvent<{ customer: { id: string; email_address?: string; given_name?: string } }>
  [event: string]: SquareEvent
}

export interface SquareEvent<Item = Record<string, any>> {
  merchant_id: string
  location_id?: string
  type: string
  event_id: string
  created_at: string
  data: { type: string; id: string; object?: Item; deleted?: boolean }
}

export interface SquarePayment {
  id: string
  status: string
  amount_money: SquareMoney
  order_id?: string
  location_id: string
  customer_id?: string
  /** Not in every payment. */
  version?: number
  version_token?: string
}

export interface SquareOrder {
  order_id: string
  state: string
  location_id: string
  version: number
}

export interface SquareMoney {
  amount: number
  currency: string
}
