import { date, query, type Receiver, text, token } from '../src/kit.ts'

/**
 * Signs nothing: a secret in the URL (`?code=`) is the only proof. Event, id and time are the registry's own. The subject
 * is the image as one writes it, `repository:tag`, or `repository@digest` where a manifest is deleted. A ping is asked for
 * by an operator and is no delivery.
 */
export const azureContainerRegistry: Receiver<'azure-container-registry', AzureContainerRegistryEvents> = {
  name: 'azure-container-registry',
  docs: 'https://learn.microsoft.com/azure/container-registry/container-registry-webhook-reference',
  scheme: token(query('code')),
  handshakes: [{ trust: 'verified', reply: ({ body }) => (body.action === 'ping' ? { status: 200 } : undefined) }],
  describe({ body }) {
    return {
      event: text(body.action),
      id: text(body.id),
      occurredAt: date(body.timestamp, 'iso'),
      subject: imageOf(body.target),
      account: text(body.request?.host)
    }
  }
}

function imageOf(target: any): string | undefined {
  const repository = text(target?.repository)
  const tag = text(target?.tag)
  const digest = text(target?.digest)
  if (repository === undefined || (tag ?? digest) === undefined) return repository
  return tag === undefined ? `${repository}@${digest}` : `${repository}:${tag}`
}

export interface AzureContainerRegistryEvents {
  push: AzureContainerRegistryEvent<AzureContainerImage>
  delete: AzureContainerRegistryEvent<AzureContainerImage>
  quarantine: AzureContainerRegistryEvent<AzureContainerImage>
  chart_push: AzureContainerRegistryEvent<AzureHelmChart>
  chart_delete: AzureContainerRegistryEvent<AzureHelmChart>
  [action: string]: AzureContainerRegistryEvent<AzureContainerImage | AzureHelmChart>
}

export interface AzureContainerRegistryEvent<Target> {
  id: string
  timestamp: string
  action: string
  target: Target
  /** Charts come without it. */
  request?: { id: string; host: string; method: string; useragent: string }
}

export interface AzureContainerImage {
  mediaType: string
  digest: string
  repository: string
  /** Missing where a manifest is deleted. */
  tag?: string
  size?: number
  length?: number
}

export interface AzureHelmChart {
  mediaType: string
  digest: string
  repository: string
  tag: string
  name: string
  version: string
  size?: number
}
