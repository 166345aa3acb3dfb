import { date, hmac, plain, type Receiver, text } from '../src/kit.ts'

/**
 * Signs the body; the header is named as for SHA-1 and carries SHA-256. Event and id are headers, `X-Hook-UUID` names
 * the hook and is no secret. A push says no time: its commits may be years old. Issues and pull requests count apart, so
 * the subject tells them apart as their URLs do. Bodies over 256 KB are never sent.
 */
export const bitbucket: Receiver<'bitbucket', BitbucketEvents> = {
  name: 'bitbucket',
  docs: 'https://support.atlassian.com/bitbucket-cloud/docs/manage-webhooks/',
  scheme: hmac({ header: 'x-hub-signature', hash: 'sha256', encoding: 'hex', layout: plain('sha256=') }),
  describe({ headers, body }) {
    return {
      event: headers['x-event-key'],
      id: headers['x-request-uuid'],
      occurredAt: date(changedAt(body), 'iso'),
      subject: subjectOf(body),
      account: text(body.repository?.workspace?.slug) ?? text(body.repository?.full_name)?.split('/', 1)[0]
    }
  }
}

function changedAt(body: any): unknown {
  const changed = body.comment ?? body.issue ?? body.pullrequest ?? body.commit_status
  return body.approval?.date ?? body.changes_request?.date ?? changed?.updated_on
}

/** A comment is about its issue or pull request. */
function subjectOf(body: any): string | undefined {
  const repository = text(body.repository?.full_name)
  if (repository === undefined) return undefined
  const pullRequest = text(body.pullrequest?.id)
  const issue = text(body.issue?.id)
  if (pullRequest !== undefined) return `${repository}/pull-requests/${pullRequest}`
  return issue === undefined ? repository : `${repository}/issues/${issue}`
}

export interface BitbucketEvents {
  'repo:push': BitbucketPush
  'pullrequest:created': BitbucketPullRequestEvent
  'pullrequest:updated': BitbucketPullRequestEvent
  'pullrequest:fulfilled': BitbucketPullRequestEvent
  'pullrequest:rejected': BitbucketPullRequestEvent
  'pullrequest:approved': BitbucketPullRequestEvent & { approval: { date: string; user: BitbucketAccount } }
  'pullrequest:comment_created': BitbucketPullRequestEvent & { comment: BitbucketComment }
  'issue:created': BitbucketIssueEvent
  'issue:comment_created': BitbucketIssueEvent & { comment: BitbucketComment }
  'repo:commit_status_updated': BitbucketEvent & {
    commit_status: { key: string; name: string; state: string; url: string; updated_on: string }
  }
  [event: string]: BitbucketEvent
}

export interface BitbucketEvent {
  actor: BitbucketAccount
  repository: BitbucketRepository
}

export interface BitbucketPush extends BitbucketEvent {
  push: {
    changes: {
      /** Null where the branch or tag was deleted; `old` where it was created. */
      new: BitbucketRef | null
      old: BitbucketRef | null
      created: boolean
      closed: boolean
      forced: boolean
      truncated: boolean
      commits?: { hash: string; message: string }[]
    }[]
  }
}

export interface BitbucketPullRequestEvent extends BitbucketEvent {
  pullrequest: {
    id: number
    title: string
    description: string
    state: string
    author: BitbucketAccount
    source: BitbucketBranch
    destination: BitbucketBranch
    merge_commit: { hash: string } | null
    created_on: string
    updated_on: string
  }
}

export interface BitbucketIssueEvent extends BitbucketEvent {
  issue: { id: number; title: string; content: { raw: string }; state: string; created_on: string; updated_on: string }
}

export interface BitbucketComment {
  id: number
  content: { raw: string }
  inline?: { path: string; from: number | null; to: number | null }
  created_on: string
  updated_on: string
}

export interface BitbucketAccount {
  uuid: string
  display_name: string
  nickname?: string
  account_id?: string
}

export interface BitbucketRepository {
  uuid: string
  name: string
  full_name: string
  is_private: boolean
  workspace?: { uuid: string; slug: string; name: string }
}

export interface BitbucketRef {
  type: string
  name: string
  target: { hash: string; message: string; date: string }
}

export interface BitbucketBranch {
  branch: { name: string }
  commit: { hash: string } | null
  repository: { full_name: string } | null
}
