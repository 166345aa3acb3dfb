import { date, hmac, joined, type Receiver, text } from '../src/kit.ts'

/**
 * Adyen's webhooks of balance platforms and of its management API, which sign the whole body; standard webhooks are
 * `adyen`. Transfers number what they send, and a transaction is created once: so these have an id, and the others none.
 */
export const adyenPlatform: Receiver<'adyen-platform', AdyenPlatformEvents> = {
  name: 'adyen-platform',
  docs: 'https://docs.adyen.com/development-resources/webhooks',
  scheme: hmac({
    header: 'hmacsignature',
    hash: 'sha256',
    encoding: 'base64',
    key: secret => (/^[0-9a-f]{64}$/i.test(secret) ? Buffer.from(secret, 'hex') : undefined),
    min: 64
  }),
  describe({ body: { type, timestamp, createdAt, data } }) {
    const item = data?.accountHolder ?? data?.balanceAccount ?? data?.paymentInstrument ?? data?.sweep
    return {
      event: text(type),
      id:
        type === 'balancePlatform.transaction.created'
          ? joined(type, data?.id)
          : joined(type, data?.id, data?.sequenceNumber),
      occurredAt: date(timestamp ?? createdAt, 'iso'),
      subject: text(data?.id) ?? text(item?.id),
      account: text(data?.balancePlatform) ?? text(data?.merchantId) ?? text(data?.companyId)
    }
  }
}

export interface AdyenPlatformEvents {
  'balancePlatform.accountHolder.created': AdyenPlatformEvent<{ accountHolder: AdyenAccountHolder }>
  'balancePlatform.accountHolder.updated': AdyenPlatformEvent<{ accountHolder: AdyenAccountHolder }>
  'balancePlatform.balanceAccount.created': AdyenPlatformEvent<{ balanceAccount: AdyenBalanceAccount }>
  'balancePlatform.balanceAccount.updated': AdyenPlatformEvent<{ balanceAccount: AdyenBalanceAccount }>
  'balancePlatform.transfer.created': AdyenPlatformEvent<AdyenTransfer>
  'balancePlatform.transfer.updated': AdyenPlatformEvent<AdyenTransfer>
  'balancePlatform.transaction.created': AdyenPlatformEvent<{ id: string; status: string; amount: AdyenAmount }>
  [type: string]: AdyenPlatformEvent
}

export interface AdyenPlatformEvent<Data = any> {
  type: string
  environment: 'test' | 'live'
  timestamp?: string
  data: Data & { balancePlatform?: string }
}

export interface AdyenAccountHolder {
  id: string
  status: string
  legalEntityId: string
  reference?: string
  capabilities?: Record<string, { enabled: boolean; allowed: boolean; verificationStatus: string }>
}

export interface AdyenBalanceAccount {
  id: string
  accountHolderId: string
  defaultCurrencyCode: string
  status: string
  reference?: string
}

export interface AdyenTransfer {
  id: string
  sequenceNumber?: number
  status: string
  category: string
  type?: string
  direction: 'incoming' | 'outgoing'
  amount: AdyenAmount
  reference?: string
  accountHolder?: { id: string }
  balanceAccount?: { id: string }
}

/** In minor units. */
export interface AdyenAmount {
  value: number
  currency: string
}
