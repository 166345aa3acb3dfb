import { date, query, type Receiver, text, token } from '../src/kit.ts'

/**
 * Signs nothing: a secret in the URL (`?code=`) is the only proof, so the body could say anything and HTTPS is a must.
 * Mailchimp checks the URL with a GET when the webhook is made. No id; the time is UTC without saying so. The account is
 * the audience, the subject the address, which for `upemail` is the new one.
 */
export const mailchimp: Receiver<'mailchimp', MailchimpEvents> = {
  name: 'mailchimp',
  docs: 'https://mailchimp.com/developer/marketing/guides/sync-audience-data-webhooks/',
  scheme: token(query('code')),
  handshakes: [{ trust: 'verified', methods: ['GET'], reply: () => ({ status: 200 }) }],
  body: ['form'],
  describe({ body: { type, fired_at, data } }) {
    return {
      event: text(type),
      occurredAt: date(text(fired_at)?.replace(' ', 'T').concat('Z'), 'iso'),
      subject: text(data?.email) ?? text(data?.new_email) ?? text(data?.id),
      account: text(data?.list_id)
    }
  }
}

export interface MailchimpEvents {
  subscribe: MailchimpEvent<'subscribe', MailchimpMember & { ip_opt: string; ip_signup?: string }>
  unsubscribe: MailchimpEvent<
    'unsubscribe',
    MailchimpMember & { action: 'unsub' | 'delete'; reason: string; campaign_id?: string }
  >
  profile: MailchimpEvent<'profile', MailchimpMember & { ip_opt: string }>
  upemail: MailchimpEvent<'upemail', { list_id: string; new_id: string; new_email: string; old_email: string }>
  cleaned: MailchimpEvent<'cleaned', { list_id: string; campaign_id: string; reason: 'hard' | 'abuse'; email: string }>
  campaign: MailchimpEvent<'campaign', { id: string; subject: string; status: string; reason: string; list_id: string }>
}

export interface MailchimpEvent<Type extends string, Data> {
  type: Type
  fired_at: string
  data: Data
}

export interface MailchimpMember {
  id: string
  list_id: string
  email: string
  email_type: 'html' | 'text'
  /** The audience's own fields by their tags; an address is an object, groups are a list or one text. */
  merges: { EMAIL: string; FNAME?: string; LNAME?: string; [tag: string]: unknown }
}
