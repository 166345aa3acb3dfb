import { date, type Receiver, standardWebhooks, text } from '../src/kit.ts'

/**
 * Signs `<id>.<time>.<body>` as Standard Webhooks, but the key is the whole secret as it is shown, with its prefix:
 * `whsec_` is no base64 here. The id is a header, which is signed.
 */
export const polar: Receiver<'polar', PolarEvents> = {
  name: 'polar',
  docs: 'https://polar.sh/docs/integrate/webhooks/delivery',
  scheme: standardWebhooks({ secret: shown => `whsec_${Buffer.from(shown).toString('base64')}` }),
  describe: ({ headers, body }) => ({
    event: text(body.type),
    id: headers['webhook-id'],
    occurredAt: date(body.timestamp, 'iso'),
    subject: text(body.data?.id),
    account: text(body.data?.organization_id) ?? text(body.data?.product?.organization_id)
  })
}

export interface PolarEvents {
  'order.created': PolarEvent<PolarOrder>
  'order.paid': PolarEvent<PolarOrder>
  'order.refunded': PolarEvent<PolarOrder>
  'subscription.created': PolarEvent<PolarSubscription>
  'subscription.active': PolarEvent<PolarSubscription>
  'subscription.updated': PolarEvent<PolarSubscription>
  'subscription.canceled': PolarEvent<PolarSubscription>
  'subscription.revoked': PolarEvent<PolarSubscription>
  'checkout.updated': PolarEvent<{ id: string; status: string; customer_id: string | null }>
  'customer.state_changed': PolarEvent<{ id: string; external_id: string | null; email: string }>
  [event: string]: PolarEvent
}

export interface PolarEvent<Item = any> {
  type: string
  timestamp: string
  data: Item
}

export interface PolarOrder {
  id: string
  status: string
  billing_reason: string
  total_amount: number
  currency: string
  customer_id: string
  product_id: string
  subscription_id: string | null
  metadata: Record<string, unknown>
}

export interface PolarSubscription {
  id: string
  status: string
  cancel_at_period_end: boolean
  current_period_end: string | null
  customer_id: string
  product_id: string
  metadata: Record<string, unknown>
}
