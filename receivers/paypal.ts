import { crc32 } from 'node:zlib'
import { certificate, date, header, type Receiver, text } from '../src/kit.ts'

/**
 * Signs `<transmission id>|<time>|<webhook id>|<CRC-32 of the body>` with a certificate whose URL a header names. The
 * webhook id (the setting, from the dashboard) takes the place of a secret. The event is `event_type`, id and time are
 * the event's own and stay over retries. A CRC is linear: who has a captured signature can make another body of the same
 * CRC, so read an amount again from PayPal's API before you trust it. Events of the simulator do not verify.
 */
export const paypal: Receiver<'paypal', PaypalEvents> = {
  name: 'paypal',
  docs: 'https://developer.paypal.com/api/rest/webhooks/rest/',
  scheme: certificate({
    signature: header('paypal-transmission-sig'),
    url: header('paypal-cert-url'),
    from: { host: /^api(?:-m)?(?:\.sandbox)?\.paypal\.com$/, path: /^\/v1\/notifications\/[\w/-]+$/ },
    subject: /^[a-z0-9.-]+\.paypal\.com$/,
    // No time: PayPal retries for three days.
    covers: { body: 'bytes', time: false },
    content({ headers, body }, { 'webhook-id': webhook }) {
      const id = headers['paypal-transmission-id']
      const time = headers['paypal-transmission-time']
      const algorithm = headers['paypal-auth-algo']
      if (!webhook) return { reason: 'secret-missing' }
      if (!id || !time || !algorithm) return { reason: 'signature-missing' }
      if (typeof id !== 'string' || typeof time !== 'string' || algorithm !== 'SHA256withRSA') {
        return { reason: 'signature-malformed' }
      }
      return { hash: 'sha256', text: `${id}|${time}|${webhook}|${crc32(body)}` }
    },
    announce: (request, now) => ({
      ...request,
      headers: {
        ...request.headers,
        'paypal-transmission-id': '00000000-0000-1000-8000-000000000000',
        'paypal-transmission-time': now.toISOString(),
        'paypal-auth-algo': 'SHA256withRSA'
      }
    }),
    sample: {
      url: 'https://api.sandbox.paypal.com/v1/notifications/certs/CERT-test',
      settings: { 'webhook-id': 'WEBHOOK_ID' }
    }
  }),
  settings: ['webhook-id'],
  describe: ({ body }) => ({
    event: text(body.event_type),
    id: text(body.id),
    occurredAt: date(body.create_time, 'iso'),
    subject: text(body.resource?.id),
    // An order has one payee for each of its units.
    account: text(body.resource?.payee?.merchant_id) ?? text(body.resource?.purchase_units?.[0]?.payee?.merchant_id)
  })
}

export interface PaypalEvents {
  'PAYMENT.CAPTURE.COMPLETED': PaypalEvent<PaypalCapture>
  'CHECKOUT.ORDER.APPROVED': PaypalEvent<PaypalOrder>
  'BILLING.SUBSCRIPTION.ACTIVATED': PaypalEvent<PaypalSubscription>
  'BILLING.SUBSCRIPTION.CANCELLED': PaypalEvent<PaypalSubscription>
  'PAYMENT.SALE.COMPLETED': PaypalEvent<PaypalSale>
  [event: string]: PaypalEvent
}

export interface PaypalEvent<Resource = { id?: string }> {
  id: string
  event_type: string
  create_time: string
  resource_type: string
  resource_version?: string
  summary: string
  resource: Resource
}

/** Amounts are decimal texts: `10.00`. */
export interface PaypalAmount {
  currency_code: string
  value: string
}

export interface PaypalPayee {
  merchant_id?: string
  email_address?: string
}

export interface PaypalCapture {
  id: string
  status: string
  amount: PaypalAmount
  payee?: PaypalPayee
  custom_id?: string
  invoice_id?: string
  supplementary_data?: { related_ids?: { order_id?: string } }
}

export interface PaypalOrder {
  id: string
  intent: 'CAPTURE' | 'AUTHORIZE'
  status: string
  purchase_units: { reference_id?: string; amount: PaypalAmount; payee?: PaypalPayee; custom_id?: string }[]
  payer?: { payer_id?: string; email_address?: string }
}

export interface PaypalSubscription {
  id: string
  plan_id: string
  status: string
  custom_id?: string
  subscriber?: { payer_id?: string; email_address?: string }
  /** Once it is cancelled there is no next time. */
  billing_info?: {
    outstanding_balance?: PaypalAmount
    failed_payments_count?: number
    last_payment?: { amount: PaypalAmount; time: string }
    next_billing_time?: string
  }
}

/** A payment of a subscription, in the first version of the API. */
export interface PaypalSale {
  id: string
  state: string
  amount: { total: string; currency: string }
  billing_agreement_id?: string
  custom?: string
}
