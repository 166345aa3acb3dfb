import { date, hmac, parseJsonText, type Receiver, text } from '../src/kit.ts'

/**
 * Gitea and Forgejo. Signs the body, a form included: that has the JSON in its field `payload`. The event is a header and
 * the payload's action (`issues.opened`). The id is a header, too, and another one for a delivery that is sent again by
 * hand; nothing is sent again by itself.
 */
export const gitea: Receiver<'gitea', GiteaEvents> = {
  name: 'gitea',
  docs: 'https://docs.gitea.com/usage/repository/webhooks',
  scheme: hmac({ header: 'x-gitea-signature', hash: 'sha256', encoding: 'hex' }),
  body: ['json', 'form'],
  limit: 25 * 1024 * 1024,
  describe({ headers, body }) {
    const name = headers['x-gitea-event']
    const data = typeof body.payload === 'string' ? parseJsonText(body.payload) : body
    const action = text(data.action)
    return {
      event: name && action !== undefined ? `${name}.${action}` : name,
      id: headers['x-gitea-delivery'],
      occurredAt: date((data.comment ?? data.pull_request ?? data.issue ?? data.release)?.updated_at, 'iso'),
      subject: subjectOf(data),
      account: text(data.repository?.owner?.login) ?? text(data.organization?.login),
      data
    }
  }
}

/** Issues and pull requests count in one sequence; a comment is about its issue. */
function subjectOf(data: any): string | undefined {
  const repository = text(data.repository?.full_name)
  const number = text(data.pull_request?.number) ?? text(data.issue?.number)
  if (repository === undefined) return undefined
  if (number !== undefined) return `${repository}#${number}`
  const release = text(data.release?.id)
  return release === undefined ? repository : `${repository}/releases/${release}`
}

export interface GiteaEvents {
  push: GiteaPush
  'issues.opened': GiteaIssueEvent & { number: number }
  'issues.closed': GiteaIssueEvent & { number: number }
  /** `is_pull`: the comment is on a pull request, which is told as an issue, too. */
  'issue_comment.created': GiteaIssueEvent & {
    comment: { id: number; body: string; user: GiteaUser }
    is_pull: boolean
  }
  'pull_request.opened': GiteaPullRequestEvent
  'pull_request.synchronized': GiteaPullRequestEvent
  'pull_request.closed': GiteaPullRequestEvent
  'release.published': GiteaEvent & { release: { id: number; tag_name: string; name: string; prerelease: boolean } }
  [event: string]: GiteaEvent
}

export interface GiteaEvent {
  action?: string
  repository?: GiteaRepository
  sender?: GiteaUser
}

export interface GiteaPush extends GiteaEvent {
  ref: string
  before: string
  after: string
  compare_url: string
  commits: { id: string; message: string; url: string; timestamp: string }[]
  pusher: GiteaUser
}

export interface GiteaIssueEvent extends GiteaEvent {
  issue: { id: number; number: number; title: string; body: string; state: string; user: GiteaUser }
}

export interface GiteaPullRequestEvent extends GiteaEvent {
  number: number
  pull_request: { id: number; number: number; title: string; state: string; merged: boolean; user: GiteaUser }
}

export interface GiteaRepository {
  id: number
  full_name: string
  owner: GiteaUser
  default_branch: string
  private: boolean
}

export interface GiteaUser {
  id: number
  login: string
}
