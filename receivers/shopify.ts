import { date, hmac, joined, type Receiver, text } from '../src/kit.ts'

/**
 * Signs the body with the app's client secret. Event, id, time and shop are headers, which are not signed; the id is the
 * delivery's, the same on retries. Webhooks made in the admin are signed with another key than the app's. A webhook may
 * be set to XML. Ids are larger than a number can be exact, so the subject is the text `admin_graphql_api_id`.
 */
export const shopify: Receiver<'shopify', ShopifyEvents> = {
  name: 'shopify',
  docs: 'https://shopify.dev/docs/apps/build/webhooks',
  scheme: hmac({ header: 'x-shopify-hmac-sha256', hash: 'sha256', encoding: 'base64' }),
  body: ['json', 'xml'],
  describe({ headers, body }) {
    const event = headers['x-shopify-topic']
    return {
      event,
      id: headers['x-shopify-webhook-id'],
      occurredAt: date(headers['x-shopify-triggered-at'], 'iso'),
      subject: text(body.admin_graphql_api_id) ?? joined(event?.split('/', 1)[0], body.id),
      account: headers['x-shopify-shop-domain']
    }
  }
}

export interface ShopifyEvents {
  'orders/create': ShopifyOrder
  'orders/updated': ShopifyOrder
  'orders/paid': ShopifyOrder
  'orders/cancelled': ShopifyOrder
  'products/create': ShopifyProduct
  'products/update': ShopifyProduct
  'customers/create': ShopifyCustomer
  'app/uninstalled': { id: number; domain: string; myshopify_domain: string }
  'customers/data_request': ShopifyRedaction & { orders_requested: number[]; data_request: { id: number } }
  'customers/redact': ShopifyRedaction & { orders_to_redact: number[] }
  'shop/redact': { shop_id: number; shop_domain: string }
  [topic: string]: any
}

export interface ShopifyOrder {
  id: number
  admin_graphql_api_id: string
  name: string
  email: string | null
  financial_status: string | null
  fulfillment_status: string | null
  currency: string
  total_price: string
  cancelled_at: string | null
  customer?: ShopifyCustomer
  line_items: { id: number; product_id: number | null; variant_id: number | null; title: string; quantity: number }[]
}

export interface ShopifyProduct {
  id: number
  admin_graphql_api_id: string
  title: string
  handle: string
  status: string
  variants: { id: number; sku: string | null; price: string; inventory_quantity: number }[]
}

export interface ShopifyCustomer {
  id: number
  admin_graphql_api_id: string
  email: string | null
  first_name: string | null
  last_name: string | null
}

export interface ShopifyRedaction {
  shop_id: number
  shop_domain: string
  customer: { id: number; email: string; phone: string }
}
