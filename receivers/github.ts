import { date, parseJsonText, type Receiver, github as signature, text } from '../src/kit.ts'

/**
 * Signs the body with HMAC-SHA256; SHA-1 only with the setting `allow-sha1` and without a SHA-256 header. The event is the
 * header and the payload's action (`issues.opened`), the id is kept over redeliveries. A hook set to
 * `application/x-www-form-urlencoded` sends the same JSON in the field `payload`.
 */
export const github: Receiver<'github', GithubEvents> = {
  name: 'github',
  docs: 'https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries',
  scheme: signature(),
  settings: ['allow-sha1?'],
  body: ['json', 'form'],
  limit: 25 * 1024 * 1024,
  handshakes: [
    { trust: 'verified', reply: ({ headers }) => (headers['x-github-event'] === 'ping' ? { status: 200 } : undefined) }
  ],
  describe({ headers, body }) {
    const name = headers['x-github-event']
    const data = typeof body.payload === 'string' ? parseJsonText(body.payload) : body
    return {
      event: name && data.action !== undefined ? `${name}.${data.action}` : name,
      id: headers['x-github-delivery'],
      occurredAt: date(changed(data)?.updated_at, 'iso'),
      subject: subjectOf(data),
      account:
        text(data.repository?.owner?.login) ??
        text(data.organization?.login) ??
        text(data.installation?.account?.login) ??
        text(data.installation?.id),
      data
    }
  }
}

/** What the event is about and changed last; a push or a star says no time. */
function changed(data: any): any {
  return (
    data.comment ??
    data.review ??
    data.issue ??
    data.pull_request ??
    data.discussion ??
    data.release ??
    data.workflow_run
  )
}

/** Issues and pull requests count in one sequence; a comment is about its issue. */
function subjectOf(data: any): string | undefined {
  const repository = text(data.repository?.full_name)
  const numbered = data.issue ?? data.pull_request
  if (numbered?.number !== undefined) return `${repository}#${numbered.number}`
  if (data.discussion?.number !== undefined) return `${repository}/discussions/${data.discussion.number}`
  if (data.release?.id !== undefined) return `${repository}/releases/${data.release.id}`
  if (data.workflow_run?.id !== undefined) return `${repository}/actions/runs/${data.workflow_run.id}`
  return repository
}

export interface GithubEvents {
  push: GithubPush
  'issues.opened': GithubIssueEvent
  'issues.closed': GithubIssueEvent
  'issues.labeled': GithubIssueEvent & { label?: { name: string } }
  'issue_comment.created': GithubIssueEvent & {
    comment: { id: number; body: string; user: GithubUser; html_url: string }
  }
  'pull_request.opened': GithubPullRequestEvent
  'pull_request.synchronize': GithubPullRequestEvent & { before: string; after: string }
  'pull_request.closed': GithubPullRequestEvent
  'release.published': GithubEvent & {
    release: { id: number; tag_name: string; name: string | null; prerelease: boolean; html_url: string }
    repository: GithubRepository
  }
  'workflow_run.completed': GithubEvent & {
    workflow_run: {
      id: number
      name: string
      conclusion: string | null
      head_branch: string | null
      head_sha: string
      html_url: string
    }
    repository: GithubRepository
  }
  [event: string]: GithubEvent
}

export interface GithubPush extends GithubEvent {
  ref: string
  before: string
  after: string
  created: boolean
  deleted: boolean
  forced: boolean
  compare: string
  pusher: { name: string; email?: string | null }
  commits: {
    id: string
    message: string
    timestamp: string
    url: string
    added: string[]
    modified: string[]
    removed: string[]
  }[]
  repository: GithubRepository
}

export interface GithubIssueEvent extends GithubEvent {
  action: string
  issue: {
    id: number
    number: number
    title: string
    body: string | null
    state: string
    html_url: string
    user: GithubUser
    labels: { name: string }[]
  }
  repository: GithubRepository
}

export interface GithubPullRequestEvent extends GithubEvent {
  action: string
  number: number
  pull_request: {
    id: number
    number: number
    title: string
    body: string | null
    state: string
    merged: boolean | null
    draft: boolean
    html_url: string
    user: GithubUser
    head: { ref: string; sha: string }
    base: { ref: string; sha: string }
  }
  repository: GithubRepository
}

export interface GithubUser {
  id: number
  login: string
  type: string
}

export interface GithubRepository {
  id: number
  name: string
  full_name: string
  private: boolean
  html_url: string
  default_branch: string
  owner: GithubUser
}

export interface GithubEvent {
  action?: string
  repository?: GithubRepository
  organization?: { id: number; login: string }
  installation?: { id: number }
  sender?: GithubUser
}

/**
 * GitHub's own payload types, `webhooks` of `@octokit/openapi-webhooks-types`, under our event names:
 * `pull-request-review-requested` there is `pull_request.review_requested` here.
 */
export type GithubPayloads<Webhooks> = {
  [Key in keyof Webhooks & string as EventName<Key, JsonOf<Webhooks[Key]>>]: JsonOf<Webhooks[Key]>
}

type JsonOf<Webhook> = Webhook extends { post: { requestBody: { content: { 'application/json': infer Payload } } } }
  ? Payload
  : never

type EventName<Key extends string, Payload> = Payload extends { action: infer Action extends string }
  ? Key extends `${infer Name}-${Replace<Action, '_', '-'>}`
    ? `${Replace<Name, '-', '_'>}.${Action}`
    : Replace<Key, '-', '_'>
  : Replace<Key, '-', '_'>

type Replace<
  Text extends string,
  From extends string,
  To extends string
> = Text extends `${infer Head}${From}${infer Tail}` ? `${Head}${To}${Replace<Tail, From, To>}` : Text
