import { date, hmac, joined, type Receiver, text } from '../src/kit.ts'

/**
 * Signs the body. `meta` names the event and brings an id, but nothing says that another event never has it: so ours is
 * made of that, the event, the resource and its last change, all of which a retry repeats. No time is signed besides.
 */
export const lemonSqueezy: Receiver<'lemon-squeezy', LemonSqueezyEvents> = {
  name: 'lemon-squeezy',
  docs: 'https://docs.lemonsqueezy.com/help/webhooks/signing-requests',
  scheme: hmac({ header: 'x-signature', hash: 'sha256', encoding: 'hex' }),
  describe({ body: { meta, data } }) {
    const { updated_at, store_id } = data?.attributes ?? {}
    const subject = joined(data?.type, data?.id)
    return {
      event: text(meta?.event_name),
      id: joined(meta?.webhook_id, meta?.event_name, subject, updated_at),
      occurredAt: date(updated_at, 'iso'),
      subject,
      account: text(store_id)
    }
  }
}

export interface LemonSqueezyEvents {
  order_created: LemonSqueezyEvent<LemonSqueezyOrder>
  order_refunded: LemonSqueezyEvent<LemonSqueezyOrder>
  subscription_created: LemonSqueezyEvent<LemonSqueezySubscription>
  subscription_updated: LemonSqueezyEvent<LemonSqueezySubscription>
  subscription_cancelled: LemonSqueezyEvent<LemonSqueezySubscription>
  subscription_expired: LemonSqueezyEvent<LemonSqueezySubscription>
  subscription_payment_success: LemonSqueezyEvent<LemonSqueezyInvoice>
  subscription_payment_failed: LemonSqueezyEvent<LemonSqueezyInvoice>
  license_key_created: LemonSqueezyEvent<{ key: string; status: string; order_id: number; user_email: string }>
  [event: string]: LemonSqueezyEvent
}

export interface LemonSqueezyEvent<Attributes = any> {
  meta: { event_name: string; webhook_id?: string; test_mode?: boolean; custom_data?: Record<string, unknown> }
  data: { type: string; id: string; attributes: Attributes & { store_id: number; updated_at: string } }
}

export interface LemonSqueezyOrder {
  identifier: string
  order_number: number
  customer_id: number
  user_email: string
  status: string
  currency: string
  total: number
  refunded: boolean
}

export interface LemonSqueezySubscription {
  customer_id: number
  order_id: number
  product_id: number
  variant_id: number
  user_email: string
  status: string
  cancelled: boolean
  renews_at: string
  ends_at: string | null
}

export interface LemonSqueezyInvoice {
  subscription_id: number
  customer_id: number
  billing_reason: string
  status: string
  currency: string
  total: number
}
