import { date, hmac, type Receiver, text } from '../src/kit.ts'

/**
 * Signs the body with SHA-1. The subject is the deployment, else the project or the configuration of an integration; the
 * account is the team, or the user where there is none.
 */
export const vercel: Receiver<'vercel', VercelEvents> = {
  name: 'vercel',
  docs: 'https://vercel.com/docs/webhooks/webhooks-api',
  scheme: hmac({ header: 'x-vercel-signature', hash: 'sha1', encoding: 'hex' }),
  describe: ({ body: { type, id, createdAt, payload } }) => ({
    event: text(type),
    id: text(id),
    occurredAt: date(createdAt, 'milliseconds') ?? date(createdAt, 'iso'),
    subject: text(payload?.deployment?.id) ?? text(payload?.project?.id) ?? text(payload?.configuration?.id),
    account: text(payload?.team?.id) ?? text(payload?.user?.id)
  })
}

export interface VercelEvents {
  'deployment.created': VercelEvent<VercelDeployment>
  'deployment.succeeded': VercelEvent<VercelDeployment>
  'deployment.ready': VercelEvent<VercelDeployment>
  'deployment.promoted': VercelEvent<VercelDeployment>
  'deployment.error': VercelEvent<VercelDeployment>
  'deployment.canceled': VercelEvent<VercelDeployment>
  'project.created': VercelEvent<{ project: { id: string; name: string } }>
  'project.removed': VercelEvent<{ project: { id: string; name: string } }>
  'integration-configuration.removed': VercelEvent<{ configuration: { id: string; projects: string[] } }>
  [event: string]: VercelEvent
}

export interface VercelEvent<Payload = object> {
  type: string
  id: string
  createdAt: number
  region: string | null
  payload: Payload & { team?: { id: string } | null; user?: { id: string } }
}

export interface VercelDeployment {
  deployment: { id: string; name: string; url: string; meta: Record<string, string> }
  project: { id: string }
  target: 'production' | 'staging' | null
  links: { deployment: string; project: string }
}
