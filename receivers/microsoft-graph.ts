import { type Description, echo, joined, type Place, peek, query, type Receiver, text, token } from '../src/kit.ts'

/** Every notification of a request must carry the same one: another's may not come in under it. */
const clientState: Place = {
  read(request) {
    const items = notifications(peek(request, 'json'))
    const [first, ...others] = items.map(item => text(item?.clientState) ?? '')
    return first === undefined || others.every(other => other === first) ? first : [first, ...others]
  },
  write(request, value) {
    const body = JSON.parse(Buffer.from(request.body).toString())
    for (const item of notifications(body)) if (typeof item === 'object' && item) item.clientState = value
    return { ...request, body: Buffer.from(JSON.stringify(body)) }
  },
  carries: { fields: ['clientState'] }
}

/**
 * Signs nothing: each notification repeats the `clientState` of its subscription, our secret. A request is a batch, named
 * by resource type and change (`message.created`), or `lifecycle.missed`. Ids are optional, times there are none. When a
 * subscription is made, an unsigned POST asks to hear its `validationToken`. What is encrypted stays so.
 */
export const microsoftGraph: Receiver<'microsoft-graph', MicrosoftGraphEvents> = {
  name: 'microsoft-graph',
  docs: 'https://learn.microsoft.com/graph/change-notifications-delivery-webhooks',
  scheme: token(clientState),
  // Where the encrypted resource comes along, Microsoft's tokens do too: they are as good as a password to whom they name.
  secretFields: ['validationTokens'],
  handshakes: [
    {
      trust: 'unsigned',
      reply(request) {
        const asked = query('validationToken').read(request)
        if (asked === undefined) return undefined
        return typeof asked === 'string' && asked !== '' ? echo(asked) : { reject: 'challenge-malformed', status: 400 }
      }
    }
  ],
  describe: ({ body }) => notifications(body).map(describeItem),
  accepted: { status: 202 }
}

function notifications(body: any): any[] {
  return Array.isArray(body?.value) ? body.value : []
}

function describeItem(item: any): Description {
  const { lifecycleEvent, changeType, subscriptionId, resource, resourceData, tenantId, organizationId } = item ?? {}
  const lifecycle = text(lifecycleEvent)
  const change = text(changeType)
  return {
    event: lifecycle ? `lifecycle.${lifecycle}` : change && `${typeOf(resourceData)}.${change}`,
    id: text(item?.id) ?? joined(subscriptionId, resource, resourceData?.['@odata.etag'], changeType),
    subject: text(lifecycle ? subscriptionId : resource),
    account: text(tenantId) ?? text(organizationId),
    data: item
  }
}

/** `#Microsoft.Graph.Message` → `message`. */
function typeOf(resource: any): string {
  const name = text(resource?.['@odata.type'])?.split('.').at(-1) || 'resource'
  return name.charAt(0).toLowerCase() + name.slice(1)
}

export interface MicrosoftGraphEvents {
  [lifecycle: `lifecycle.${string}`]: MicrosoftGraphLifecycle
  'message.created': MicrosoftGraphNotification
  [event: string]: any
}

export interface MicrosoftGraphLifecycle {
  lifecycleEvent: string
  subscriptionId: string
}

export interface MicrosoftGraphNotification {
  id?: string
  changeType: 'created' | 'updated' | 'deleted'
  subscriptionId: string
  tenantId: string
  /** Its path under `https://graph.microsoft.com/v1.0/`. */
  resource: string
  resourceData?: { id: string; '@odata.type': string; '@odata.id': string; '@odata.etag'?: string } | null
}
