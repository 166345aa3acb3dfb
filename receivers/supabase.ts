import { date, type Receiver, standardWebhooks, text } from '../src/kit.ts'

/**
 * The HTTP hooks of Supabase Auth. Signs `<id>.<time>.<body>` as Standard Webhooks; the secret is shown as `v1,whsec_…`. The
 * id is a header, which is signed. Not every body names its hook, and some by another name than the documentation, so it
 * is told by the fields first. The answer is read, and must be JSON: `{}` lets things take their course, an inline handler
 * decides otherwise.
 */
export const supabase: Receiver<'supabase', SupabaseEvents> = {
  name: 'supabase',
  docs: 'https://supabase.com/docs/guides/auth/auth-hooks',
  scheme: standardWebhooks({ secret: shown => shown.replace(/^v1a?,/, '') }),
  describe: ({ headers, body }) => ({
    event: hookOf(body),
    id: headers['webhook-id'],
    occurredAt: date(body.metadata?.time, 'iso'),
    subject: text(body.user?.id) ?? text(body.user_id)
  }),
  accepted: { status: 200, body: {} }
}

function hookOf(body: any): string | undefined {
  if (body.email_data !== undefined) return 'send-email'
  if (body.sms !== undefined) return 'send-sms'
  if (body.claims !== undefined) return 'custom-access-token'
  if (body.factor_id !== undefined) return 'mfa-verification-attempt'
  if (body.valid !== undefined) return 'password-verification-attempt'
  return text(body.metadata?.name)
}

export interface SupabaseEvents {
  'send-email': {
    metadata?: SupabaseMetadata
    user: SupabaseUser
    email_data: {
      email_action_type: string
      token: string
      token_hash: string
      token_new: string
      token_hash_new: string
      redirect_to: string
      site_url: string
    }
  }
  'send-sms': { metadata?: SupabaseMetadata; user: SupabaseUser; sms: { otp: string } }
  'custom-access-token': {
    metadata?: SupabaseMetadata
    user_id: string
    claims: Record<string, unknown>
    authentication_method: string
  }
  'mfa-verification-attempt': {
    metadata?: SupabaseMetadata
    user_id: string
    factor_id: string
    factor_type?: string
    valid: boolean
  }
  'password-verification-attempt': { metadata?: SupabaseMetadata; user_id: string; valid: boolean }
  'before-user-created': SupabaseUserHook
  'after-user-created': SupabaseUserHook
  [hook: string]: any
}

export interface SupabaseUserHook {
  metadata: SupabaseMetadata
  user: SupabaseUser
}

export interface SupabaseMetadata {
  uuid: string
  time: string
  /** The server's own name of the hook, such as `customize-access-token` for `custom-access-token`. */
  name: string
  ip_address?: string
}

export interface SupabaseUser {
  id: string
  email: string
  phone: string
  app_metadata: Record<string, unknown>
  user_metadata: Record<string, unknown>
}
