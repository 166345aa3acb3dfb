import { date, hmac, joined, plain, type Receiver, text } from '../src/kit.ts'

/** What an event may be about; the foremost first, as the issue of a comment and the user who wrote it come along. */
const KINDS = ['issue', 'worklog', 'sprint', 'version', 'project', 'board', 'attachment', 'issueLink', 'filter', 'user']

/**
 * Jira Cloud. Signs the body of webhooks that an administrator saved with a secret; those of apps are not signed. The id
 * is a header, which is not signed. What happens to a comment or to logged work is about their issue. The site is the
 * host in the API's address of what came.
 */
export const jira: Receiver<'jira', JiraEvents> = {
  name: 'jira',
  docs: 'https://developer.atlassian.com/cloud/jira/platform/webhooks/',
  scheme: hmac({ header: 'x-hub-signature', hash: 'sha256', encoding: 'hex', layout: plain('sha256=') }),
  describe({ headers, body }) {
    const kind = KINDS.find(name => typeof body[name] === 'object')
    const item = kind && body[kind]
    return {
      event: text(body.webhookEvent),
      id: headers['x-atlassian-webhook-identifier'],
      occurredAt: date(body.timestamp, 'milliseconds'),
      subject: text(body.issue?.id) ?? text(body.worklog?.issueId) ?? joined(kind, item?.id ?? item?.accountId),
      account: hostOf(item?.self)
    }
  }
}

function hostOf(address: unknown): string | undefined {
  return text(URL.parse(text(address) ?? '')?.host)
}

export interface JiraEvents {
  'jira:issue_created': JiraIssueEvent
  'jira:issue_updated': JiraIssueEvent
  'jira:issue_deleted': JiraIssueEvent
  comment_created: JiraCommentEvent
  comment_updated: JiraCommentEvent
  comment_deleted: JiraCommentEvent
  worklog_created: JiraEvent & { worklog: JiraWorklog }
  worklog_updated: JiraEvent & { worklog: JiraWorklog }
  sprint_started: JiraEvent & { sprint: JiraSprint }
  sprint_closed: JiraEvent & { sprint: JiraSprint }
  'jira:version_released': JiraEvent & { version: { self: string; id: string; name: string; projectId: number } }
  project_created: JiraEvent & { project: { self: string; id: number; key: string; name: string } }
  [event: string]: any
}

export interface JiraEvent {
  webhookEvent: string
  /** Milliseconds since 1970. */
  timestamp: number
}

export interface JiraIssueEvent extends JiraEvent {
  /** More exactly what happened to it, such as `issue_assigned`. */
  issue_event_type_name?: string
  user?: JiraUser
  issue: JiraIssue
  changelog?: {
    id: string
    items: {
      field: string
      fieldId?: string
      from: string | null
      fromString: string | null
      to: string | null
      toString: string | null
    }[]
  }
  comment?: JiraComment
}

export interface JiraCommentEvent extends JiraEvent {
  comment: JiraComment
  issue: JiraIssue
}

export interface JiraIssue {
  id: string
  key: string
  self: string
  /** Fields of the site's own are `customfield_<number>`. */
  fields: {
    summary: string
    status?: { id: string; name: string }
    issuetype?: { id: string; name: string }
    project?: { id: string; key: string; name: string }
    assignee?: JiraUser | null
    [field: string]: any
  }
}

export interface JiraComment {
  self: string
  id: string
  author: JiraUser
  body: string
  created: string
  updated: string
}

export interface JiraWorklog {
  self: string
  id: string
  issueId: string
  author: JiraUser
  timeSpentSeconds: number
  started: string
}

export interface JiraSprint {
  self: string
  id: number
  state: string
  name: string
  originBoardId: number
}

export interface JiraUser {
  self: string
  accountId: string
  displayName: string
}
