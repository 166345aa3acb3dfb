import { date, hmac, list, type Receiver, text } from '../src/kit.ts'

/**
 * Webhooks of version 3. Signs the body; the header is a list, with a signature of each secret while one is rotated. The
 * subject is the incident, also for its notes and updates; no account comes along.
 */
export const pagerduty: Receiver<'pagerduty', PagerdutyEvents> = {
  name: 'pagerduty',
  docs: 'https://developer.pagerduty.com/docs/verifying-webhook-signatures',
  scheme: hmac({
    header: 'x-pagerduty-signature',
    hash: 'sha256',
    encoding: 'hex',
    layout: list({ separator: ',', prefix: 'v1=' })
  }),
  describe: ({ body: { event } }) => ({
    event: text(event?.event_type),
    id: text(event?.id),
    occurredAt: date(event?.occurred_at, 'iso'),
    subject: text(event?.data?.incident?.id) ?? text(event?.data?.id)
  })
}

export interface PagerdutyEvents {
  'incident.triggered': PagerdutyEvent<PagerdutyIncident>
  'incident.acknowledged': PagerdutyEvent<PagerdutyIncident>
  'incident.escalated': PagerdutyEvent<PagerdutyIncident>
  'incident.reassigned': PagerdutyEvent<PagerdutyIncident>
  'incident.resolved': PagerdutyEvent<PagerdutyIncident>
  'incident.priority_updated': PagerdutyEvent<PagerdutyIncident>
  'incident.annotated': PagerdutyEvent<{ id: string; content: string; incident: PagerdutyReference }>
  'service.updated': PagerdutyEvent<PagerdutyReference>
  'pagey.ping': PagerdutyEvent<{ message: string; type: 'ping' }>
  [event: string]: PagerdutyEvent
}

export interface PagerdutyEvent<Data = any> {
  event: {
    id: string
    event_type: string
    resource_type: string
    occurred_at: string
    agent: PagerdutyReference | null
    data: Data
  }
}

export interface PagerdutyReference {
  id: string
  type: string
  summary?: string
  html_url: string
}

export interface PagerdutyIncident {
  id: string
  number: number
  status: string
  title: string
  urgency: string
  html_url: string
  service: PagerdutyReference
  assignees: PagerdutyReference[]
  priority: PagerdutyReference | null
}
