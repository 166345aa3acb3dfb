import { date, hmac, joined, type Receiver, text, type WebhookRequest } from '../src/kit.ts'

/**
 * Signs the body. Event, resource and shop are headers. No id: a delivery's is a hash of webhook and second, so two changes
 * share it, and as nothing is sent twice no redelivery ever repeats it. When a webhook is saved, an unsigned form must
 * hear 200. The secret is the text that the settings page shows; the database may hold `&amp;` for its `&`.
 */
export const woocommerce: Receiver<'woocommerce', WoocommerceEvents> = {
  name: 'woocommerce',
  docs: 'https://developer.woocommerce.com/docs/apis/rest-api/v3/webhooks/',
  scheme: hmac({ header: 'x-wc-webhook-signature', hash: 'sha256', encoding: 'base64' }),
  handshakes: [{ trust: 'unsigned', reply: request => (isPing(request) ? { status: 200 } : undefined) }],
  describe({ headers, body }) {
    const event = headers['x-wc-webhook-topic']
    return {
      event,
      occurredAt: utc(event?.endsWith('.created') ? body.date_created_gmt : body.date_modified_gmt),
      subject: joined(headers['x-wc-webhook-resource'], body.id),
      account: headers['x-wc-webhook-source']
    }
  }
}

/** This and nothing else: what bears a signature is judged by it. */
function isPing({ headers, body }: WebhookRequest): boolean {
  if (headers['x-wc-webhook-signature'] !== undefined || body.length > 40) return false
  return /^webhook_id=\d+$/.test(Buffer.from(body).toString('latin1'))
}

/** The fields in UTC don't say so. */
function utc(time: unknown): Date | undefined {
  return date(text(time)?.concat('Z'), 'iso')
}

export interface WoocommerceEvents {
  'order.created': WoocommerceOrder
  'order.updated': WoocommerceOrder
  'order.restored': WoocommerceOrder
  'order.deleted': WoocommerceDeleted
  'product.created': WoocommerceProduct
  'product.updated': WoocommerceProduct
  'product.restored': WoocommerceProduct
  'product.deleted': WoocommerceDeleted
  'customer.created': WoocommerceCustomer
  'customer.updated': WoocommerceCustomer
  'customer.deleted': WoocommerceDeleted
  'coupon.created': WoocommerceCoupon
  'coupon.updated': WoocommerceCoupon
  'coupon.restored': WoocommerceCoupon
  'coupon.deleted': WoocommerceDeleted
  /** `action.<hook>` has `action` and `arg`; plugins add topics. */
  [topic: string]: any
}

export interface WoocommerceDeleted {
  id: number
}

export interface WoocommerceResource {
  id: number
  date_created_gmt: string | null
  date_modified_gmt: string | null
}

export interface WoocommerceOrder extends WoocommerceResource {
  number: string
  status: string
  currency: string
  total: string
  customer_id: number
  billing: { first_name: string; last_name: string; email: string; phone: string }
  line_items: { id: number; name: string; product_id: number; variation_id: number; quantity: number; total: string }[]
}

export interface WoocommerceProduct extends WoocommerceResource {
  name: string
  sku: string
  type: string
  status: string
  price: string
  stock_quantity: number | null
  stock_status: string
}

export interface WoocommerceCustomer extends WoocommerceResource {
  email: string
  first_name: string
  last_name: string
  username: string
  role: string
}

export interface WoocommerceCoupon extends WoocommerceResource {
  code: string
  amount: string
  discount_type: string
  usage_count: number
}
