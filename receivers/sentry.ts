import { date, hmac, type Receiver, text } from '../src/kit.ts'

/**
 * Signs the body under the client secret of the integration. The event is the resource, a header that is not signed, and
 * the action: `issue.created`. Id and time are unsigned headers, too. A body may be empty: then the resource is all.
 */
export const sentry: Receiver<'sentry', SentryEvents> = {
  name: 'sentry',
  docs: 'https://docs.sentry.io/organization/integrations/integration-platform/webhooks/',
  scheme: hmac({ header: 'sentry-hook-signature', hash: 'sha256', encoding: 'hex' }),
  describe(message) {
    const { headers, request } = message
    const body = request.body.length === 0 ? {} : message.body
    const { issue, event, error, metric_alert, issue_id } = body.data ?? {}
    const [resource, action] = [headers['sentry-hook-resource'], text(body.action)]
    return {
      event: resource && action ? `${resource}.${action}` : resource,
      id: headers['request-id'],
      occurredAt: date(headers['sentry-hook-timestamp'], 'seconds'),
      subject: text(issue?.id ?? event?.issue_id ?? error?.issue_id ?? metric_alert?.id ?? issue_id),
      account: text(body.installation?.uuid),
      data: body
    }
  }
}

export interface SentryEvents {
  'issue.created': SentryEvent<{ issue: SentryIssue }>
  'issue.resolved': SentryEvent<{ issue: SentryIssue }>
  'issue.unresolved': SentryEvent<{ issue: SentryIssue }>
  'issue.assigned': SentryEvent<{ issue: SentryIssue }>
  'event_alert.triggered': SentryEvent<{ event: SentryError; triggered_rule: string }>
  'error.created': SentryEvent<{ error: SentryError }>
  'metric_alert.critical': SentryEvent<SentryMetricAlert>
  'metric_alert.warning': SentryEvent<SentryMetricAlert>
  'metric_alert.resolved': SentryEvent<SentryMetricAlert>
  'comment.created': SentryEvent<{ comment: string; comment_id: number; issue_id: number; project_slug: string }>
  [event: string]: SentryEvent
}

export interface SentryEvent<Data = any> {
  action: string
  actor: { type: string; id: string | number; name: string }
  installation: { uuid: string }
  data: Data
}

export interface SentryIssue {
  id: string
  shortId: string
  title: string
  culprit: string
  level: string
  status: string
  web_url: string
  project: { id: string; slug: string; name: string }
}

export interface SentryError {
  event_id: string
  issue_id: string
  title: string
  level: string
  web_url: string
  project: number
}

export interface SentryMetricAlert {
  description_title: string
  description_text: string
  web_url: string
  metric_alert: { id: string; status: number; title: string }
}
