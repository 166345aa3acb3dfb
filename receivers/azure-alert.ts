import { date, joined, query, type Receiver, text, token } from '../src/kit.ts'

/** What the schemas from before the common one are called by its signal types. */
const OLDER = new Map([
  ['AzureMonitorMetricAlert', 'metric'],
  ['Microsoft.Insights/activityLogs', 'activity-log'],
  ['Microsoft.Insights/LogAlert', 'log']
])

/**
 * Signs nothing: a secret in the URL (`?code=`) is the only proof; the Entra ID token of a "secure webhook" is not read.
 * Events are signal and condition (`metric.fired`). An alert that is resolved has the id under which it fired, so condition
 * and time are part of ours. Schemas before the common one say `activated`; the classic one is `classic.metric.activated`.
 */
export const azureAlert: Receiver<'azure-alert', AzureAlertEvents> = {
  name: 'azure-alert',
  docs: 'https://learn.microsoft.com/azure/azure-monitor/alerts/alerts-common-schema',
  scheme: token(query('code')),
  describe({ body }) {
    return body.schemaId === 'azureMonitorCommonAlertSchema'
      ? describeCommon(body.data?.essentials)
      : describeOlder(body.schemaId, body.data ?? body)
  }
}

function describeCommon(essentials: any) {
  // Cost alerts have neither signal nor condition.
  const signal = slug(essentials?.signalType) ?? slug(essentials?.monitoringService)
  const condition = slug(essentials?.monitorCondition) ?? 'fired'
  const at = condition === 'resolved' ? essentials?.resolvedDateTime : essentials?.firedDateTime
  const id = text(essentials?.alertId)
  return {
    event: signal && `${signal}.${condition}`,
    id: joined(id, condition, at),
    occurredAt: date(at, 'iso'),
    subject: text(essentials?.alertTargetIDs?.[0]) ?? id,
    account: /^\/subscriptions\/([^/]+)/i.exec(id ?? '')?.[1]
  }
}

function describeOlder(schema: unknown, alert: any) {
  const context = alert.context?.activityLog ?? alert.context
  const kind = kindOf(schema, alert)
  const status = slug(alert.status) ?? 'activated'
  const at = context?.timestamp ?? context?.eventTimestamp ?? alert.SearchIntervalEndtimeUtc
  return {
    event: kind && `${kind}.${status}`,
    // A classic rule has one state. A later one may alert for several dimensions at once, and names only itself.
    id: kind?.startsWith('classic.') ? joined(context?.id, status, at) : undefined,
    occurredAt: date(at, 'iso'),
    subject: text(context?.resourceId) ?? text(alert.AlertRuleName),
    account: text(context?.subscriptionId) ?? text(alert.SubscriptionId)
  }
}

function kindOf(schema: unknown, alert: any): string | undefined {
  const name = text(schema)
  if (name !== undefined) return OLDER.get(name) ?? slug(name)
  // Log alerts of a workspace come without schema, as classic ones do.
  if (text(alert.AlertRuleName) !== undefined) return 'log'
  const type = slug(alert.context?.conditionType)
  return type && `classic.${type}`
}

/** `Activity Log` → `activity-log`. */
function slug(name: unknown): string | undefined {
  return text(name)
    ?.toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
}

export interface AzureAlertEvents {
  'metric.fired': AzureAlert<AzureCondition>
  'metric.resolved': AzureAlert<AzureCondition>
  'log.fired': AzureAlert
  'log.resolved': AzureAlert
  'activity-log.fired': AzureAlert
  'metric.activated': AzureOlderAlert
  'metric.deactivated': AzureOlderAlert
  'activity-log.activated': AzureOlderAlert
  'classic.metric.activated': AzureClassicAlert
  'classic.metric.resolved': AzureClassicAlert
  'classic.webtest.activated': AzureClassicAlert
  'classic.webtest.resolved': AzureClassicAlert
  [event: string]: any
}

export interface AzureAlert<Context = Record<string, any>> {
  schemaId: 'azureMonitorCommonAlertSchema'
  data: {
    essentials: {
      alertId: string
      alertRule: string | null
      severity: 'Sev0' | 'Sev1' | 'Sev2' | 'Sev3' | 'Sev4' | null
      signalType: string | null
      monitorCondition: 'Fired' | 'Resolved' | null
      monitoringService: string
      alertTargetIDs: string[] | null
      configurationItems?: string[]
      originAlertId: string | null
      firedDateTime: string
      resolvedDateTime?: string
      description: string
    }
    alertContext: Context
    customProperties?: Record<string, string> | null
  }
}

export interface AzureCondition {
  conditionType: string
  condition: {
    windowSize: string
    allOf: {
      metricName: string
      metricNamespace: string | null
      operator: string
      threshold: string
      timeAggregation: string
      metricValue: number
      dimensions: { name: string; value: string }[]
    }[]
  }
}

export interface AzureOlderAlert {
  schemaId: string
  data: { status: string; context: Record<string, any>; properties: Record<string, string> | null }
}

export interface AzureClassicAlert {
  status: 'Activated' | 'Resolved'
  context: {
    id: string
    name: string
    description: string
    conditionType: string
    condition: { metricName: string; metricValue: string; threshold: string; operator: string; windowSize: string }
    subscriptionId: string
    timestamp: string
    resourceName: string
    resourceType: string
    resourceId: string
    portalLink: string
  }
  properties?: Record<string, unknown>
}
