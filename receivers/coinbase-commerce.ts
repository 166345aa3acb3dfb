import { date, hmac, type Receiver, text } from '../src/kit.ts'

/**
 * Signs the body. What happened stands in `event`, with id and time; the outer `id` is the delivery's. Charges of older
 * days have no `id`, but a `code`.
 */
export const coinbaseCommerce: Receiver<'coinbase-commerce', CoinbaseCommerceEvents> = {
  name: 'coinbase-commerce',
  docs: 'https://docs.cdp.coinbase.com/commerce/api-arcitecture/webhooks-overview',
  scheme: hmac({ header: 'x-cc-webhook-signature', hash: 'sha256', encoding: 'hex' }),
  describe: ({ body: { event } }) => ({
    event: text(event?.type),
    id: text(event?.id),
    occurredAt: date(event?.created_at, 'iso'),
    subject: text(event?.data?.id) ?? text(event?.data?.code)
  })
}

export interface CoinbaseCommerceEvents {
  'charge:created': CoinbaseCommerceEvent
  'charge:pending': CoinbaseCommerceEvent
  'charge:confirmed': CoinbaseCommerceEvent
  'charge:failed': CoinbaseCommerceEvent
  [type: string]: CoinbaseCommerceEvent
}

export interface CoinbaseCommerceEvent {
  id: string | number
  attempt_number: number
  scheduled_for: string
  event: { id: string; type: string; api_version: string; created_at: string; data: CoinbaseCommerceCharge }
}

export interface CoinbaseCommerceCharge {
  id?: string
  code: string
  name?: string
  description?: string
  hosted_url: string
  pricing_type: 'fixed_price' | 'no_price'
  pricing?: Record<string, { amount: string; currency: string }>
  created_at: string
  expires_at: string
  /** The newest last: `NEW`, `SIGNED`, `PENDING`, `COMPLETED`, `EXPIRED`, `FAILED`. */
  timeline: { time: string; status: string }[]
  payments: any[]
  metadata: Record<string, any>
}
