import { date, type Receiver, standardWebhooks, text } from '../src/kit.ts'

/**
 * Sent by Svix: signs `<id>.<time>.<body>`. The id is a header, `svix-id`, which is signed. The time of the event stands in
 * the body, in milliseconds.
 */
export const clerk: Receiver<'clerk', ClerkEvents> = {
  name: 'clerk',
  docs: 'https://clerk.com/docs/guides/development/webhooks/overview',
  scheme: standardWebhooks({ prefix: 'svix' }),
  describe: ({ headers, body }) => ({
    event: text(body.type),
    id: headers['svix-id'],
    occurredAt: date(body.timestamp, 'milliseconds'),
    subject: text(body.data?.id),
    account: text(body.instance_id)
  })
}

export interface ClerkEvents {
  'user.created': ClerkEvent<ClerkUser>
  'user.updated': ClerkEvent<ClerkUser>
  'user.deleted': ClerkEvent<{ id: string; deleted: boolean }>
  'session.created': ClerkEvent<ClerkSession>
  'session.ended': ClerkEvent<ClerkSession>
  'organization.created': ClerkEvent<ClerkOrganization>
  'organization.updated': ClerkEvent<ClerkOrganization>
  'organizationMembership.created': ClerkEvent<ClerkMembership>
  'organizationMembership.deleted': ClerkEvent<ClerkMembership>
  [event: string]: ClerkEvent
}

export interface ClerkEvent<Item = any> {
  type: string
  object: 'event'
  timestamp: number
  instance_id: string
  data: Item
}

export interface ClerkUser {
  id: string
  username: string | null
  first_name: string | null
  last_name: string | null
  primary_email_address_id: string | null
  email_addresses: { id: string; email_address: string; verification: { status: string } | null }[]
  external_id: string | null
  public_metadata: Record<string, unknown>
}

export interface ClerkSession {
  id: string
  user_id: string
  status: string
}

export interface ClerkOrganization {
  id: string
  name: string
  slug: string | null
}

export interface ClerkMembership {
  id: string
  role: string
  organization: ClerkOrganization
  public_user_data: { user_id: string; identifier: string }
}
