import { date, ip, joined, type Receiver, text } from '../src/kit.ts'

/**
 * Signs nothing and sends no secret: the sender's address is the only proof, so ask the API for the object before you
 * believe it. An object comes to a status once, so event and object are the id. Of the times in it, only a payment's
 * capture and a payout's success are those of their events. A refund keeps the order of its payment.
 */
export const yookassa: Receiver<'yookassa', YookassaEvents> = {
  name: 'yookassa',
  docs: 'https://yookassa.ru/developers/using-api/webhooks',
  scheme: ip(
    '185.71.76.0/27',
    '185.71.77.0/27',
    '77.75.153.0/25',
    '77.75.154.128/25',
    '77.75.156.11',
    '77.75.156.35',
    '2a02:5180::/32'
  ),
  describe({ body: { event, object } }) {
    return {
      event: text(event),
      id: joined(event, object?.id),
      occurredAt: occurredAt(event, object),
      subject: text(object?.payment_id) ?? text(object?.id),
      account: text(object?.recipient?.account_id)
    }
  }
}

/** A payment that is canceled after its capture still tells the capture, so the event chooses the field. */
function occurredAt(event: unknown, object: any): Date | undefined {
  if (event === 'payment.succeeded') return date(object?.captured_at, 'iso')
  return event === 'payout.succeeded' ? date(object?.succeeded_at, 'iso') : undefined
}

export interface YookassaEvents {
  'payment.waiting_for_capture': YookassaNotification<YookassaPayment>
  'payment.succeeded': YookassaNotification<YookassaPayment>
  'payment.canceled': YookassaNotification<YookassaPayment>
  'refund.succeeded': YookassaNotification<YookassaRefund>
  'payout.succeeded': YookassaNotification<YookassaPayout>
  'payout.canceled': YookassaNotification<YookassaPayout>
  'deal.closed': YookassaNotification
  [event: string]: YookassaNotification
}

/** The object as it was when its status changed. It is not proven: read it again by the API. */
export interface YookassaNotification<Item = any> {
  type: 'notification'
  event: string
  object: Item
}

/** `value` is a decimal number as text: `2.00`. */
export interface YookassaAmount {
  value: string
  currency: string
}

export interface YookassaPayment {
  id: string
  status: 'waiting_for_capture' | 'succeeded' | 'canceled'
  paid: boolean
  test: boolean
  amount: YookassaAmount
  income_amount?: YookassaAmount
  refunded_amount?: YookassaAmount
  refundable: boolean
  description?: string
  recipient: { account_id: string; gateway_id: string }
  payment_method?: { type: string; id: string; saved: boolean; title?: string }
  created_at: string
  captured_at?: string
  expires_at?: string
  cancellation_details?: { party: string; reason: string }
  metadata?: Record<string, string>
}

export interface YookassaRefund {
  id: string
  payment_id: string
  status: string
  amount: YookassaAmount
  created_at: string
  description?: string
}

export interface YookassaPayout {
  id: string
  status: string
  amount: YookassaAmount
  created_at: string
  succeeded_at?: string
  description?: string
  cancellation_details?: { party: string; reason: string }
  metadata?: Record<string, string>
}
