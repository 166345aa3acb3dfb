import { date, echo, fieldByKind, hmac, joined, peek, type Receiver, text } from '../src/kit.ts'

/**
 * Adyen's standard webhooks. The signature stands in the body, over eight values of the item; its other values, such as
 * `eventDate`, `reason` and all of `additionalData`, are not signed. JSON and forms carry one item, so what carries more
 * is refused. A payment and its modifications have one subject.
 */
export const adyen: Receiver<'adyen', AdyenEvents> = {
  name: 'adyen',
  docs: 'https://docs.adyen.com/development-resources/webhooks',
  scheme: hmac({
    place: fieldByKind({
      json: ['notificationItems', '0', 'NotificationRequestItem', 'additionalData', 'hmacSignature'],
      form: ['additionalData.hmacSignature']
    }),
    hash: 'sha256',
    encoding: 'base64',
    content(request) {
      const signed = signedText(itemOf(peek(request, 'json') ?? peek(request, 'form')))
      return signed === undefined ? undefined : [signed]
    },
    key: secret => (/^[0-9a-f]{64}$/i.test(secret) ? Buffer.from(secret, 'hex') : undefined),
    min: 64,
    covers: { body: false }
  }),
  body: ['json', 'form'],
  describe({ body }) {
    const item = itemOf(body) ?? {}
    return {
      event: text(item.eventCode),
      id: joined(item.pspReference, item.eventCode, item.success),
      occurredAt: date(item.eventDate, 'iso'),
      subject: text(item.originalReference) ?? text(item.pspReference),
      account: text(item.merchantAccountCode),
      data: item
    }
  },
  accepted: echo('[accepted]')
}

/** A form is one item; value and currency stand among its fields. */
function itemOf(body: any): any {
  const items = body?.notificationItems
  if (items === undefined) return body && { ...body, amount: { value: body.value, currency: body.currency } }
  return Array.isArray(items) && items.length === 1 ? items[0]?.NotificationRequestItem : undefined
}

/**
 * Nothing escapes a colon. So that every text has one reading, only the merchant's reference may have one: left and right
 * of it, values are counted by their colons.
 */
function signedText(item: any): string | undefined {
  const { pspReference, originalReference, merchantAccountCode, merchantReference } = item ?? {}
  const { amount, eventCode, success } = item ?? {}
  const before = writtenOf([pspReference, originalReference, merchantAccountCode])
  const after = writtenOf([amount?.value, amount?.currency, eventCode, success])
  const [reference] = writtenOf([merchantReference])
  const isClear = [...before, ...after].every(value => value !== undefined && !value.includes(':'))
  return isClear && reference !== undefined ? [...before, reference, ...after].join(':') : undefined
}

/** What is missing is signed as nothing; what is neither text nor number, not at all. */
function writtenOf(values: readonly unknown[]): (string | undefined)[] {
  return values.map(value => (value === undefined || value === null || value === '' ? '' : text(value)))
}

export interface AdyenEvents {
  AUTHORISATION: AdyenItem
  CAPTURE: AdyenItem
  CAPTURE_FAILED: AdyenItem
  CANCELLATION: AdyenItem
  CANCEL_OR_REFUND: AdyenItem
  REFUND: AdyenItem
  REFUND_FAILED: AdyenItem
  CHARGEBACK: AdyenItem
  NOTIFICATION_OF_CHARGEBACK: AdyenItem
  /** `pspReference` is the name of the report, `reason` its URL. */
  REPORT_AVAILABLE: AdyenItem
  [eventCode: string]: AdyenItem
}

/** In a form all values are texts, and what is in `additionalData` stands beside them, as `additionalData.…`. */
export interface AdyenItem {
  pspReference: string
  originalReference?: string
  merchantAccountCode: string
  merchantReference: string
  /** In minor units. */
  amount: { value: number | string; currency: string }
  eventCode: string
  eventDate: string
  success: 'true' | 'false'
  paymentMethod?: string
  reason?: string
  operations?: string[] | string
  additionalData?: Record<string, string>
}
