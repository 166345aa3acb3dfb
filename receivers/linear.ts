import { date, hmac, peek, type Receiver, type Scheme, text, type Verdict } from '../src/kit.ts'

/** Seconds that Linear allows, both ways. */
const TOLERANCE = 60

const signed = hmac({ header: 'linear-signature', hash: 'sha256', encoding: 'hex' })

/** Nobody but Linear can leave the time out: it is part of what is signed. */
const timely: Scheme = {
  ...signed,
  async verify(request, credentials, now): Promise<Verdict> {
    const verdict = await signed.verify(request, credentials, now)
    // Whatever the content type says: that is not signed.
    const time = peek({ ...request, headers: {} }, 'json')?.webhookTimestamp
    if (!verdict.ok || time === undefined) return verdict
    const sent = date(time, 'milliseconds')
    if (sent === undefined) return { ok: false, reason: 'timestamp-malformed' }
    const apart = Math.abs(now.getTime() - sent.getTime())
    return apart <= TOLERANCE * 1000 ? verdict : { ok: false, reason: 'timestamp-outside-tolerance' }
  }
}

/**
 * Signs the body, and in it the time in milliseconds, which counts for a minute where it is there. The event is the type
 * and its action: `Issue.update`. The id is a header, which is not signed.
 */
export const linear: Receiver<'linear', LinearEvents> = {
  name: 'linear',
  docs: 'https://linear.app/developers/webhooks',
  scheme: timely,
  describe({ headers, body }) {
    const [type, action] = [text(body.type), text(body.action)]
    return {
      event: type && action && `${type}.${action}`,
      id: headers['linear-delivery'],
      occurredAt: date(body.createdAt, 'iso'),
      subject: text(body.data?.id) ?? text(body.issueData?.id) ?? text(body.notification?.issueId),
      account: text(body.organizationId)
    }
  }
}

export interface LinearEvents {
  'Issue.create': LinearEvent<LinearIssue>
  'Issue.update': LinearEvent<LinearIssue>
  'Issue.remove': LinearEvent<LinearIssue>
  'Comment.create': LinearEvent<LinearComment>
  'Comment.update': LinearEvent<LinearComment>
  'Project.update': LinearEvent<LinearProject>
  /** Those of an `IssueSLA` have `issueData` in the place of `data`. */
  [event: string]: Omit<LinearEvent, 'data'> & { data?: any; issueData?: any }
}

export interface LinearEvent<Item = any> {
  type: string
  action: string
  createdAt: string
  organizationId: string
  webhookTimestamp: number
  url?: string
  actor?: { id: string; type: string; name?: string }
  data: Item
  updatedFrom?: Partial<Item>
}

export interface LinearIssue {
  id: string
  identifier: string
  title: string
  priority: number
  state: { id: string; name: string; type: string }
  team: { id: string; key: string; name: string }
  assignee?: { id: string; name: string } | null
}

export interface LinearProject {
  id: string
  name: string
  url: string
  statusId: string
  status?: { id: string; name: string; type: string }
}

export interface LinearComment {
  id: string
  body: string
  issueId?: string
  userId?: string
}
