import {
  type Credentials,
  date,
  header,
  isOn,
  type Receiver,
  type Scheme,
  standardWebhooks,
  text,
  token
} from '../src/kit.ts'

const secretToken = token(header('x-gitlab-token'), { min: 16 })
const signed = standardWebhooks()

/** Signed or not is the operator's choice, never the request's. */
function choose(settings: Credentials['settings']): Scheme {
  return isOn(settings['allow-token']) ? secretToken : signed
}

/**
 * Signs `<id>.<time>.<body>` with a signing token (`whsec_…`). Older versions, and hooks without one, only send a secret
 * along: the setting `allow-token` takes that instead. The event is the kind and its action (`merge_request.open`); the id
 * is kept over retries. A hook with a template of its own may send any JSON.
 */
export const gitlab: Receiver<'gitlab', GitlabEvents> = {
  name: 'gitlab',
  docs: 'https://docs.gitlab.com/user/project/integrations/webhooks/',
  scheme: {
    ...secretToken,
    key: signed.key,
    choose,
    verify: (request, credentials, now) => choose(credentials.settings).verify(request, credentials, now)
  },
  settings: ['allow-token?'],
  limit: 25 * 1024 * 1024,
  describe({ headers, body }) {
    const kind = text(body.object_kind) ?? text(body.event_name)
    const about = body.object_attributes
    const action = text(about?.action) ?? text(body.action)
    const path = text(body.project?.path_with_namespace) ?? text(body.path_with_namespace)
    return {
      event: kind === undefined ? headers['x-gitlab-event'] : action === undefined ? kind : `${kind}.${action}`,
      id: headers['webhook-id'] ?? headers['idempotency-key'],
      occurredAt: moment(about?.updated_at ?? about?.finished_at ?? about?.created_at ?? body.updated_at),
      subject: path && `${path}${numberOf(kind, body)}`,
      account: path?.split('/', 1)[0]
    }
  }
}

/** A note is about its merge request or issue. */
function numberOf(kind: string | undefined, { object_attributes: about, merge_request, issue }: any): string {
  const request = text(kind === 'merge_request' ? about?.iid : kind === 'note' ? merge_request?.iid : undefined)
  const number = text(kind === 'issue' ? about?.iid : kind === 'note' ? issue?.iid : undefined)
  return request !== undefined ? `!${request}` : number !== undefined ? `#${number}` : ''
}

/** Some times are written `2026-07-03 10:00:00 UTC`. */
function moment(time: unknown): Date | undefined {
  return date(text(time)?.replace(/^(\S+) (\S+) UTC$/, '$1T$2Z'), 'iso')
}

export interface GitlabEvents {
  push: GitlabPush
  tag_push: GitlabPush
  'issue.open': GitlabEvent<GitlabIssue>
  'issue.close': GitlabEvent<GitlabIssue>
  'merge_request.open': GitlabEvent<GitlabMergeRequest>
  'merge_request.update': GitlabEvent<GitlabMergeRequest>
  'merge_request.merge': GitlabEvent<GitlabMergeRequest>
  'note.create': GitlabEvent<{ id: number; note: string; noteable_type: string }>
  pipeline: GitlabEvent<{ id: number; ref: string; sha: string; status: string }>
  /** A hook with a template of its own has what that says. */
  [event: string]: any
}

export interface GitlabProject {
  id: number
  path_with_namespace: string
  web_url: string
  default_branch: string
}

export interface GitlabPush {
  ref: string
  before: string
  after: string
  user_username: string
  project: GitlabProject
  commits: { id: string; message: string; timestamp: string; url: string }[]
  total_commits_count: number
}

export interface GitlabEvent<About> {
  object_kind: string
  user: { id: number; username: string; name: string }
  project: GitlabProject
  object_attributes: About
}

export interface GitlabIssue {
  id: number
  iid: number
  title: string
  state: string
  action: string
  url: string
}

export interface GitlabMergeRequest extends GitlabIssue {
  source_branch: string
  target_branch: string
  draft: boolean
}
