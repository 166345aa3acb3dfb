import { createHash, createHmac } from 'node:crypto'
import {
  type Answer,
  type Credentials,
  date,
  echo,
  field,
  hmac,
  joined,
  type Layout,
  parseXml,
  query,
  type Receiver,
  text,
  type WebhookRequest
} from '../src/kit.ts'

const signature = field(['form'], 'bt_signature')
const payload = field(['form'], 'bt_payload')
const challenge = query('bt_challenge')

const PAYLOAD = /^[A-Za-z0-9+/=\n]+$/
const CHALLENGE = /^[a-f0-9]{20,32}$/
/** Far more pairs of keys than a merchant has. */
const MAX_PAIRS = 16

/** `publicKey|mac`, joined by `&`: one for each pair of keys that the merchant has. */
const layout: Layout = {
  read(given) {
    const pairs = given.split('&').map(pair => pair.split('|'))
    const isList = pairs.length <= MAX_PAIRS && pairs.every(pair => pair.length === 2)
    return isList ? { signatures: pairs.map(pair => pair[1]!) } : undefined
  },
  write: mac => mac
}

/**
 * Signs a field of a form, which is XML in base64, by HMAC-SHA1 under the SHA-1 of the private key. Which pair of keys it
 * was is told by the public one, so a secret is configured as `publicKey:privateKey`. A URL is checked by a challenge that
 * wants to be signed by the same key: what looks like one is no payload. There is no id: kind, subject and time make one.
 */
export const braintree: Receiver<'braintree', BraintreeEvents> = {
  name: 'braintree',
  docs: 'https://developer.paypal.com/braintree/docs/guides/webhooks/overview',
  scheme: hmac({
    place: { ...signature, write: (request, mac) => signature.write(request, `${signature.read(request)}${mac}`) },
    layout,
    hash: 'sha1',
    encoding: 'hex',
    content(request) {
      const given = payload.read(request)
      return typeof given === 'string' && PAYLOAD.test(given) && !CHALLENGE.test(given) ? [given] : undefined
    },
    variants: request => [request, withLineBreak(request)],
    key(configured, request) {
      const [publicKey, privateKey] = split(configured)
      return publicKeysIn(request).includes(publicKey) ? keyOf(privateKey) : undefined
    },
    announce: (request, configured) => signature.write(request, `${split(configured)[0]}|`),
    // A public key has 16 characters and a private one 32: shorter than this, one of them is missing.
    min: 44,
    covers: { body: 'values' }
  }),
  body: ['form'],
  handshakes: [{ trust: 'unsigned', methods: ['GET'], reply: answerChallenge }],
  describe({ body }) {
    const { notification } = parseXml(Buffer.from(text(body.bt_payload) ?? '', 'base64'))
    const data = meant(notification) as any
    const [item] = Object.values(data?.subject ?? {}) as any[]
    return {
      event: text(data?.kind),
      id: joined(data?.kind, item?.id, data?.timestamp),
      occurredAt: date(data?.timestamp, 'iso'),
      subject: text(item?.id),
      account: text(data?.['source-merchant-id']),
      data
    }
  }
}

function answerChallenge(request: WebhookRequest, { secrets }: Credentials): Answer {
  const asked = challenge.read(request)
  const [publicKey, privateKey] = split(secrets[0] ?? '')
  const key = keyOf(privateKey)
  if (typeof asked !== 'string' || !CHALLENGE.test(asked) || key === undefined) {
    return { reject: 'challenge-malformed', status: 400 }
  }
  return echo(`${publicKey}|${createHmac('sha1', key).update(asked).digest('hex')}`)
}

/** Without a colon there is no private key. */
function split(configured: string): [publicKey: string, privateKey: string] {
  const [publicKey = '', ...rest] = configured.split(':')
  return [publicKey, rest.join(':')]
}

/** What is signed ends with a line break, which may have been lost on the way. */
function withLineBreak(request: WebhookRequest): WebhookRequest {
  const given = payload.read(request)
  return typeof given === 'string' ? payload.write(request, `${given}\n`) : request
}

/** The hash of nothing would be a key that everybody has. */
function keyOf(privateKey: string): Uint8Array | undefined {
  return privateKey === '' ? undefined : createHash('sha1').update(privateKey).digest()
}

function publicKeysIn(request: WebhookRequest): string[] {
  return String(signature.read(request))
    .split('&')
    .map(pair => pair.split('|', 1)[0]!)
}

/** What Braintree's XML means by its attributes: lists, nothing, truth and numbers; other texts stay texts. */
function meant(node: any): unknown {
  if (Array.isArray(node)) return node.map(meant)
  if (typeof node !== 'object' || node === null) return node
  const { '@type': type, '@nil': nil, '#text': content, ...children } = node
  if (nil === 'true') return null
  if (type === 'array') return Object.values(children).flat().map(meant)
  if (type === 'boolean') return content === 'true'
  if (type === 'integer') return Number(content)
  if (content !== undefined) return content
  return Object.fromEntries(Object.entries(children).map(([name, child]) => [name, meant(child)]))
}

/** The subject has one name, that of its kind. Amounts and times are texts. */
export interface BraintreeEvents {
  subscription_went_active: BraintreeEvent<{ subscription: BraintreeSubscription }>
  subscription_charged_successfully: BraintreeEvent<{ subscription: BraintreeSubscription }>
  subscription_charged_unsuccessfully: BraintreeEvent<{ subscription: BraintreeSubscription }>
  subscription_went_past_due: BraintreeEvent<{ subscription: BraintreeSubscription }>
  subscription_canceled: BraintreeEvent<{ subscription: BraintreeSubscription }>
  subscription_expired: BraintreeEvent<{ subscription: BraintreeSubscription }>
  transaction_settled: BraintreeEvent<{ transaction: BraintreeTransaction }>
  transaction_settlement_declined: BraintreeEvent<{ transaction: BraintreeTransaction }>
  transaction_disbursed: BraintreeEvent<{ transaction: BraintreeTransaction }>
  dispute_opened: BraintreeEvent<{ dispute: BraintreeDispute }>
  dispute_won: BraintreeEvent<{ dispute: BraintreeDispute }>
  dispute_lost: BraintreeEvent<{ dispute: BraintreeDispute }>
  disbursement: BraintreeEvent<{ disbursement: { id: string; amount: string; 'transaction-ids': string[] } }>
  /** A test from the control panel. */
  check: BraintreeEvent<{ check: boolean }>
  [kind: string]: BraintreeEvent
}

export interface BraintreeEvent<Subject = Record<string, any>> {
  kind: string
  timestamp: string
  subject: Subject
  'source-merchant-id'?: string
}

export interface BraintreeSubscription {
  id: string
  status?: string
  'plan-id'?: string
  price?: string
  'next-billing-date'?: string | null
  transactions: BraintreeTransaction[]
}

export interface BraintreeTransaction {
  id: string
  status: string
  amount: string
  type?: string
  'currency-iso-code'?: string
  'merchant-account-id'?: string
}

export interface BraintreeDispute {
  id: string
  status: string
  kind: string
  reason: string
  amount: string
  'currency-iso-code': string
  'reply-by-date': string | null
  transaction: { id: string; amount: string }
}
