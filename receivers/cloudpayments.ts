import { date, hmac, joined, query, type Receiver, text } from '../src/kit.ts'

const action = query('action')

/**
 * Signs the body as it comes, in `Content-HMAC`; the other header, over its decoded text, is not looked at. What happened
 * is told by the URL alone, one for each notification: so `?action=pay` names the event, and is not signed. Check and pay
 * share their transaction. The answer must be `{"code":0}`; another code of `check` refuses the payment.
 */
export const cloudpayments: Receiver<'cloudpayments', CloudpaymentsEvents> = {
  name: 'cloudpayments',
  docs: 'https://developers.cloudpayments.ru/en/#notifications',
  scheme: hmac({ header: 'content-hmac', hash: 'sha256', encoding: 'base64' }),
  body: ['form', 'json'],
  describe({ body, request }) {
    const event = text(action.read(request))
    return {
      event,
      // A transaction may have several receipts.
      id: event === 'receipt' ? undefined : joined(event, body.TransactionId),
      // UTC without saying so.
      occurredAt: date(text(body.DateTime)?.replace(' ', 'T').concat('Z'), 'iso'),
      subject: text(body.InvoiceId) ?? text(body.SubscriptionId) ?? text(body.Id),
      account: text(body.AccountId)
    }
  },
  accepted: { status: 200, body: { code: 0 } }
}

/**
 * What an inline handler may reply to `check`: 0 lets the payment go on, 10 knows no such order, 11 no such account, 12
 * expects another amount, 13 refuses it, 20 is too late. To all others only 0 is an answer.
 */
export interface CloudpaymentsAnswer {
  code: 0 | 10 | 11 | 12 | 13 | 20
}

/** By the `action` of the URL. In a form all values are texts. */
export interface CloudpaymentsEvents {
  check: CloudpaymentsPayment
  pay: CloudpaymentsPayment & { Token?: string }
  fail: Omit<CloudpaymentsPayment, 'Status'> & { Reason: string; ReasonCode: string | number }
  confirm: Omit<CloudpaymentsPayment, 'OperationType'>
  refund: CloudpaymentsTransaction & { PaymentTransactionId: string | number }
  cancel: CloudpaymentsTransaction
  recurrent: { Id: string; AccountId: string; Status: string; Amount: string | number; Currency: string }
  [action: string]: any
}

export interface CloudpaymentsTransaction {
  TransactionId: string | number
  Amount: string | number
  DateTime: string
  InvoiceId?: string
  AccountId?: string
}

export interface CloudpaymentsPayment extends CloudpaymentsTransaction {
  Currency: string
  Status: string
  OperationType: string
  TestMode: string | number
  SubscriptionId?: string
  Email?: string
  Data?: string
}
