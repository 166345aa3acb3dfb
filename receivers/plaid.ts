import { createHash } from 'node:crypto'
import { equalMacs, header, joined, jwt, type Receiver, text, type WebhookRequest } from '../src/kit.ts'

/**
 * Signs a token with the hash of the body and its time. Plaid gives its keys only to who logs in, so the secret is the
 * public key itself, a JWK as JSON. The event is type and code (`TRANSACTIONS.SYNC_UPDATES_AVAILABLE`). There is no id,
 * no time in the body, and the same body is sent for many facts.
 */
export const plaid: Receiver<'plaid', PlaidEvents> = {
  name: 'plaid',
  docs: 'https://plaid.com/docs/api/webhooks/webhook-verification/',
  scheme: jwt({
    place: header('plaid-verification'),
    algorithm: 'ES256',
    maxAge: 300,
    covers: { body: 'bytes', time: true },
    check: ({ request_body_sha256: given }, request) =>
      typeof given === 'string' && equalMacs(hashOf(request), given) ? undefined : 'signature-mismatch',
    sample: { claims: request => ({ request_body_sha256: hashOf(request) }) }
  }),
  describe: ({ body }) => ({
    event: joined(body.webhook_type, body.webhook_code)?.replace('/', '.'),
    subject:
      text(body.item_id) ?? text(body.asset_report_id) ?? text(body.transfer_id) ?? text(body.identity_verification_id),
    account: text(body.user_id)
  })
}

function hashOf({ body }: WebhookRequest): string {
  return createHash('sha256').update(body).digest('hex')
}

export interface PlaidEvents {
  'TRANSACTIONS.SYNC_UPDATES_AVAILABLE': PlaidItemEvent & {
    initial_update_complete: boolean
    historical_update_complete: boolean
  }
  'ITEM.ERROR': PlaidItemEvent & { error: PlaidError | null }
  'ITEM.PENDING_EXPIRATION': PlaidItemEvent & { consent_expiration_time: string }
  'ITEM.LOGIN_REPAIRED': PlaidItemEvent
  'TRANSFER.TRANSFER_EVENTS_UPDATE': PlaidEvent
  [event: string]: any
}

export interface PlaidEvent {
  webhook_type: string
  webhook_code: string
  environment: 'sandbox' | 'production'
}

export interface PlaidItemEvent extends PlaidEvent {
  item_id: string
}

export interface PlaidError {
  error_type: string
  error_code: string
  error_message: string
  display_message: string | null
}
