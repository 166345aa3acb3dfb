import { date, hmac, type Receiver, text } from '../src/kit.ts'

/**
 * Signs the body. The id is a header, which is not signed, and the same on retries. A body holds several entities; the
 * one whose name begins the event's is what it is about: the payment of `payment.captured`, the order of `order.paid`.
 */
export const razorpay: Receiver<'razorpay', RazorpayEvents> = {
  name: 'razorpay',
  docs: 'https://razorpay.com/docs/webhooks/validate-test/',
  scheme: hmac({ header: 'x-razorpay-signature', hash: 'sha256', encoding: 'hex' }),
  describe({ headers, body: { event: name, payload, created_at, account_id } }) {
    const event = text(name)
    const about = Object.keys(payload ?? {}).find(entity => event?.startsWith(`${entity}.`))
    return {
      event,
      id: headers['x-razorpay-event-id'],
      occurredAt: date(created_at, 'seconds'),
      subject: about && text(payload[about]?.entity?.id),
      account: text(account_id)
    }
  }
}

export interface RazorpayEvents {
  'payment.authorized': RazorpayEvent<{ payment: RazorpayPayment }>
  'payment.captured': RazorpayEvent<{ payment: RazorpayPayment }>
  'payment.failed': RazorpayEvent<{ payment: RazorpayPayment }>
  'order.paid': RazorpayEvent<{ payment: RazorpayPayment; order: RazorpayOrder }>
  'refund.created': RazorpayEvent<{ refund: RazorpayRefund; payment: RazorpayPayment }>
  'refund.processed': RazorpayEvent<{ refund: RazorpayRefund; payment: RazorpayPayment }>
  'refund.failed': RazorpayEvent<{ refund: RazorpayRefund; payment: RazorpayPayment }>
  'subscription.activated': RazorpayEvent<{ subscription: RazorpaySubscription }>
  'subscription.charged': RazorpayEvent<{ subscription: RazorpaySubscription; payment: RazorpayPayment }>
  'subscription.cancelled': RazorpayEvent<{ subscription: RazorpaySubscription }>
  [event: string]: RazorpayEvent<any>
}

export interface RazorpayEvent<Entities> {
  entity: 'event'
  account_id: string
  event: string
  /** The names of the entities in `payload`. */
  contains: string[]
  payload: { [Name in keyof Entities]: { entity: Entities[Name] } }
  /** Seconds since 1970. */
  created_at: number
}

/** Amounts are in the smallest unit of the currency: paise. */
export interface RazorpayPayment {
  id: string
  amount: number
  currency: string
  status: 'created' | 'authorized' | 'captured' | 'refunded' | 'failed'
  captured: boolean
  method: string
  order_id: string | null
  invoice_id: string | null
  amount_refunded: number
  email: string | null
  contact: string | null
  error_code: string | null
  error_description: string | null
  /** An empty list where there are none. */
  notes: Record<string, string> | []
}

export interface RazorpayOrder {
  id: string
  amount: number
  amount_paid: number
  amount_due: number
  currency: string
  receipt: string | null
  status: 'created' | 'attempted' | 'paid'
  attempts: number
}

export interface RazorpayRefund {
  id: string
  amount: number
  currency: string
  payment_id: string
  status: string
  receipt: string | null
}

export interface RazorpaySubscription {
  id: string
  plan_id: string
  customer_id: string | null
  status: string
  quantity: number
  paid_count: number
  current_start: number | null
  current_end: number | null
}
