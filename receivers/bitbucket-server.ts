import { date, hmac, plain, type Receiver, text } from '../src/kit.ts'

/**
 * Bitbucket Data Center. Signs the body as Bitbucket Cloud does, and nothing where the hook has no secret. Event and id
 * are headers, the time stands in the body. "Test connection" sends the event `diagnostics:ping`; older versions do not
 * sign it.
 */
export const bitbucketServer: Receiver<'bitbucket-server', BitbucketServerEvents> = {
  name: 'bitbucket-server',
  docs: 'https://confluence.atlassian.com/bitbucketserver/manage-webhooks-938025878.html',
  scheme: hmac({ header: 'x-hub-signature', hash: 'sha256', encoding: 'hex', layout: plain('sha256=') }),
  handshakes: [
    {
      trust: 'unsigned',
      // Anybody may ping: the answer is fixed, the body stays unread, and nothing becomes a delivery. One that is signed
      // must be signed well, so that a wrong secret shows when the connection is tested.
      reply: ({ headers }) =>
        isPing(headers) && headers['x-hub-signature'] === undefined ? { status: 200 } : undefined
    },
    { trust: 'verified', reply: ({ headers }) => (isPing(headers) ? { status: 200 } : undefined) }
  ],
  describe({ headers, body }) {
    const repository = body.pullRequest?.toRef?.repository ?? body.repository ?? body.new
    // A project's own event has no repository: what changed is the project.
    const project = text(repository?.project?.key) ?? text(repository?.key)
    const path = [project, text(repository?.slug)].filter(part => part !== undefined).join('/')
    const pullRequest = text(body.pullRequest?.id)
    return {
      event: headers['x-event-key'],
      id: headers['x-request-id'],
      occurredAt: date(body.date, 'iso'),
      subject: text(pullRequest === undefined ? path : `${path}/pull-requests/${pullRequest}`),
      account: project
    }
  }
}

function isPing(headers: Readonly<Record<string, unknown>>): boolean {
  return headers['x-event-key'] === 'diagnostics:ping'
}

export interface BitbucketServerEvents {
  'repo:refs_changed': BitbucketServerPush
  'repo:modified': BitbucketServerEvent & { old: BitbucketServerRepository; new: BitbucketServerRepository }
  'pr:opened': BitbucketServerPullRequestEvent
  'pr:from_ref_updated': BitbucketServerPullRequestEvent & { previousFromHash: string }
  'pr:modified': BitbucketServerPullRequestEvent & { previousTitle: string; previousDescription?: string }
  'pr:reviewer:approved': BitbucketServerPullRequestEvent & {
    participant: { user: BitbucketServerUser; status: string }
    previousStatus: string
  }
  'pr:merged': BitbucketServerPullRequestEvent
  'pr:declined': BitbucketServerPullRequestEvent
  'pr:deleted': BitbucketServerPullRequestEvent
  'pr:comment:added': BitbucketServerPullRequestEvent & {
    comment: { id: number; text: string; author: BitbucketServerUser }
    commentParentId?: number
  }
  [event: string]: BitbucketServerEvent
}

export interface BitbucketServerEvent {
  eventKey: string
  date: string
  actor?: BitbucketServerUser
}

export interface BitbucketServerPush extends BitbucketServerEvent {
  repository: BitbucketServerRepository
  changes: {
    ref: { id: string; displayId: string; type: string }
    fromHash: string
    toHash: string
    type: 'ADD' | 'DELETE' | 'UPDATE'
  }[]
}

export interface BitbucketServerPullRequestEvent extends BitbucketServerEvent {
  pullRequest: {
    id: number
    title: string
    description?: string
    state: string
    fromRef: BitbucketServerRef
    toRef: BitbucketServerRef
    author: { user: BitbucketServerUser }
    properties?: { mergeCommit?: { id: string; displayId: string } }
  }
}

export interface BitbucketServerRef {
  id: string
  displayId: string
  latestCommit: string
  repository: BitbucketServerRepository
}

export interface BitbucketServerRepository {
  id: number
  slug: string
  name: string
  project: { id?: number; key: string; name: string }
}

export interface BitbucketServerUser {
  id: number
  name: string
  displayName: string
  emailAddress?: string
}
