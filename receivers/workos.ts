import { date, fields, hmac, type Receiver, text } from '../src/kit.ts'

/**
 * Signs `<time>.<body>`; the time is in milliseconds. The account is the organization, where the object belongs to one or
 * is one itself. A membership of a group is ordered by its user.
 */
export const workos: Receiver<'workos', WorkosEvents> = {
  name: 'workos',
  docs: 'https://workos.com/docs/events/data-syncing/webhooks',
  scheme: hmac({
    header: 'workos-signature',
    hash: 'sha256',
    encoding: 'hex',
    layout: fields({ timestamp: 't', signature: 'v1' }),
    timestamp: { as: 'milliseconds', tolerance: 180 },
    content: ({ body }, timestamp) => [`${timestamp}.`, body]
  }),
  describe({ body: { event, id, created_at, data } }) {
    return {
      event: text(event),
      id: text(id),
      occurredAt: date(created_at, 'iso'),
      subject: text(data?.id) ?? text(data?.user?.id),
      account: text(data?.object === 'organization' ? data.id : (data?.organization_id ?? data?.user?.organization_id))
    }
  }
}

export interface WorkosEvents {
  'user.created': WorkosEvent<WorkosUser>
  'user.updated': WorkosEvent<WorkosUser>
  'user.deleted': WorkosEvent<WorkosUser>
  'organization.created': WorkosEvent<WorkosOrganization>
  'organization.updated': WorkosEvent<WorkosOrganization>
  'organization.deleted': WorkosEvent<WorkosOrganization>
  'organization_membership.created': WorkosEvent<WorkosMembership>
  'organization_membership.updated': WorkosEvent<WorkosMembership>
  'organization_membership.deleted': WorkosEvent<WorkosMembership>
  'connection.activated': WorkosEvent<WorkosConnection>
  'connection.deactivated': WorkosEvent<WorkosConnection>
  'dsync.activated': WorkosEvent<WorkosDirectory>
  'dsync.deleted': WorkosEvent<WorkosDirectory>
  'dsync.user.created': WorkosEvent<WorkosDirectoryUser>
  'dsync.user.updated': WorkosEvent<WorkosDirectoryUser>
  'dsync.user.deleted': WorkosEvent<WorkosDirectoryUser>
  'dsync.group.created': WorkosEvent<WorkosDirectoryGroup>
  'dsync.group.updated': WorkosEvent<WorkosDirectoryGroup>
  'dsync.group.deleted': WorkosEvent<WorkosDirectoryGroup>
  'dsync.group.user_added': WorkosEvent<WorkosDirectoryMember>
  'dsync.group.user_removed': WorkosEvent<WorkosDirectoryMember>
  [event: string]: WorkosEvent
}

export interface WorkosEvent<Data = any> {
  id: string
  event: string
  created_at: string
  data: Data
  context?: Record<string, unknown>
}

export interface WorkosUser {
  object: 'user'
  id: string
  email: string
  email_verified: boolean
  first_name: string | null
  last_name: string | null
}

export interface WorkosOrganization {
  object: 'organization'
  id: string
  name: string
  domains: { object: 'organization_domain'; id: string; domain: string }[]
}

export interface WorkosMembership {
  object: 'organization_membership'
  id: string
  user_id: string
  organization_id: string
  status: 'active' | 'inactive' | 'pending'
  role: { slug: string }
}

export interface WorkosConnection {
  object: 'connection'
  id: string
  organization_id: string
  connection_type: string
  name: string
  state: string
}

export interface WorkosDirectory {
  object: 'directory'
  id: string
  organization_id: string
  name: string
  type: string
  state: string
}

export interface WorkosDirectoryUser {
  object?: 'directory_user'
  id: string
  directory_id: string
  organization_id: string | null
  idp_id: string
  email?: string | null
  first_name: string | null
  last_name: string | null
  state: 'active' | 'inactive'
  custom_attributes: Record<string, unknown>
}

export interface WorkosDirectoryGroup {
  object?: 'directory_group'
  id: string
  directory_id: string
  organization_id: string | null
  idp_id: string
  name: string
}

export interface WorkosDirectoryMember {
  directory_id: string
  user: WorkosDirectoryUser
  group: WorkosDirectoryGroup
}
