import { date, type Receiver, stripe as signature, text } from '../src/kit.ts'

/**
 * Signs `<time>.<body>`; while a secret is rolled, the header carries a signature of each. Snapshot
 * events bring their object along, thin ones (`v2.core.event`) only its id, and write the time as text. The account is
 * Connect's, or the context an organisation's event came from.
 */
export const stripe: Receiver<'stripe', StripeEvents> = {
  name: 'stripe',
  docs: 'https://docs.stripe.com/webhooks',
  scheme: signature(),
  describe({ body }) {
    const thin = body.object === 'v2.core.event'
    return {
      event: text(body.type),
      id: text(body.id),
      occurredAt: date(body.created, thin ? 'iso' : 'seconds'),
      subject: text(thin ? body.related_object?.id : body.data?.object?.id),
      account: text(body.account) ?? text(body.context)
    }
  }
}

export interface StripeEvents {
  'payment_intent.succeeded': StripeEvent<StripePaymentIntent>
  'checkout.session.completed': StripeEvent<StripeCheckoutSession>
  'invoice.paid': StripeEvent<StripeInvoice>
  'invoice.payment_failed': StripeEvent<StripeInvoice>
  'customer.subscription.created': StripeEvent<StripeSubscription>
  'customer.subscription.updated': StripeEvent<StripeSubscription>
  'customer.subscription.deleted': StripeEvent<StripeSubscription>
  'charge.refunded': StripeEvent<StripeCharge>
  [event: string]: StripeEvent | StripeThinEvent
}

/** The official types as a map of events: `withPayloads<StripePayloads<Stripe.Event>>()(stripe)`. */
export type StripePayloads<Event extends { type: string }> = { [Each in Event as Each['type']]: Each }

export interface StripeEvent<Item = { id?: string; object: string }> {
  id: string
  object: 'event'
  type: string
  created: number
  livemode: boolean
  api_version: string | null
  account?: string
  context?: string
  data: { object: Item; previous_attributes?: Partial<Item> }
}

export interface StripeThinEvent {
  id: string
  object: 'v2.core.event'
  type: string
  created: string
  livemode: boolean
  context?: string
  related_object?: { id?: string; type: string; url: string } | null
}

export interface StripePaymentIntent {
  id: string
  object: 'payment_intent'
  amount: number
  amount_received: number
  currency: string
  customer: string | null
  status: string
  metadata: Record<string, string>
}

export interface StripeCheckoutSession {
  id: string
  object: 'checkout.session'
  mode: 'payment' | 'setup' | 'subscription'
  payment_status: 'no_payment_required' | 'paid' | 'unpaid'
  amount_total: number | null
  currency: string | null
  client_reference_id: string | null
  customer: string | null
  payment_intent: string | null
  subscription: string | null
  metadata: Record<string, string> | null
}

export interface StripeInvoice {
  id: string
  object: 'invoice'
  customer: string | null
  billing_reason: string | null
  status: string | null
  amount_due: number
  amount_paid: number
  currency: string
  attempt_count: number
  hosted_invoice_url?: string | null
}

export interface StripeSubscription {
  id: string
  object: 'subscription'
  customer: string
  status: string
  cancel_at_period_end: boolean
  items: { data: { id: string; quantity?: number; price: { id: string; product: string } }[] }
  metadata: Record<string, string>
}

export interface StripeCharge {
  id: string
  object: 'charge'
  amount: number
  amount_refunded: number
  refunded: boolean
  currency: string
  customer: string | null
  payment_intent: string | null
}
