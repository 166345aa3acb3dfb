import { date, joined, query, type Receiver, text, token } from '../src/kit.ts'

/**
 * Deployments of Azure App Service. Signs nothing: a secret in the URL (`?code=`) is the only proof. The event is the
 * status; `pending`, an enumeration's zero, is not sent. The id is the commit's, which is deployed to several sites, and
 * again, so site, status and time are part of ours. Kudu asks once, and forgets a webhook that answers 410.
 */
export const kudu: Receiver<'kudu', KuduEvents> = {
  name: 'kudu',
  docs: 'https://github.com/projectkudu/kudu/wiki/Web-hooks',
  scheme: token(query('code')),
  describe({ body: { id, status, siteName, endTime, startTime, receivedTime } }) {
    const event = text(status) ?? (status === undefined && text(id) !== undefined ? 'pending' : undefined)
    const at = text(endTime) ?? text(startTime) ?? text(receivedTime)
    return {
      event,
      id: joined(siteName, id, event, at),
      occurredAt: date(at, 'iso'),
      subject: text(siteName),
      account: text(siteName)
    }
  }
}

export interface KuduEvents {
  success: KuduDeployment
  failed: KuduDeployment
  pending: KuduDeployment
  building: KuduDeployment
  deploying: KuduDeployment
  [status: string]: KuduDeployment
}

/** What is empty or false may be missing. */
export interface KuduDeployment {
  /** The commit, or the deployment's own id where there is none. */
  id: string
  status?: string
  statusText?: string
  authorEmail?: string
  author?: string
  message?: string
  progress?: string
  deployer?: string
  receivedTime?: string
  startTime?: string
  endTime?: string
  lastSuccessEndTime?: string
  complete?: boolean
  siteName?: string
}
