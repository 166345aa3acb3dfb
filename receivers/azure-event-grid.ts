import {
  type Answer,
  anyOf,
  consent,
  type Description,
  date,
  header,
  joined,
  query,
  type Receiver,
  text,
  token
} from '../src/kit.ts'

/**
 * Signs nothing: a secret in the URL (`?code=`), or a bearer token that the subscription sends, is the only proof; tokens
 * of Entra ID are not read. Events come in Event Grid's schema or as CloudEvents, alone or in batches. A subscription is
 * checked first: by an event whose code must be repeated, or for CloudEvents by OPTIONS.
 */
export const azureEventGrid: Receiver<'azure-event-grid', AzureEventGridEvents> = {
  name: 'azure-event-grid',
  docs: 'https://learn.microsoft.com/azure/event-grid/end-point-validation-event-grid-events-schema',
  scheme: anyOf(token(query('code')), token(header('authorization'), { prefix: 'Bearer ' })),
  // A batch has 1 MiB, or is one event that may have a little more. What is too large is never sent again.
  limit: 2 * 1024 * 1024,
  handshakes: [
    {
      trust: 'verified',
      reply: ({ body }) => (Array.isArray(body) && body.length === 1 ? confirm(body[0]) : undefined)
    },
    { trust: 'verified', methods: ['OPTIONS'], reply: ({ request }) => consent(request, '*') }
  ],
  describe: ({ body }) => [body].flat().map(describeEvent)
}

function confirm(event: any): Answer {
  if (event?.eventType !== 'Microsoft.EventGrid.SubscriptionValidationEvent') return undefined
  const validationResponse = text(event.data?.validationCode)
  return validationResponse === undefined
    ? { reject: 'challenge-malformed', status: 400 }
    : { status: 200, body: { validationResponse } }
}

function describeEvent(event: any): Description {
  const { eventType, eventTime, topic, type, time, source, id, subject } = event ?? {}
  const origin = text(topic) ?? text(source)
  return {
    event: text(eventType) ?? text(type),
    id: joined(origin, id),
    occurredAt: date(text(eventTime) ?? time, 'iso'),
    subject: joined(origin, subject) ?? origin,
    account: /^\/subscriptions\/([^/]+)/i.exec(origin ?? '')?.[1],
    data: event
  }
}

/** Whoever owns a topic chooses its types. */
export interface AzureEventGridEvents {
  'Microsoft.Storage.BlobCreated': AzureEvent<AzureBlob>
  'Microsoft.Storage.BlobDeleted': AzureEvent<AzureBlob>
  'Microsoft.Resources.ResourceWriteSuccess': AzureEvent<AzureOperation>
  'Microsoft.Resources.ResourceDeleteSuccess': AzureEvent<AzureOperation>
  'Microsoft.KeyVault.SecretNearExpiry': AzureEvent<AzureVaultObject>
  'Microsoft.KeyVault.CertificateNearExpiry': AzureEvent<AzureVaultObject>
  'Microsoft.EventGrid.SubscriptionDeletedEvent': AzureEvent<{ eventSubscriptionId: string }>
  [type: string]: AzureEvent
}

/** In Event Grid's schema it has `eventType`, `eventTime` and `topic`; as a CloudEvent `type`, `time` and `source`. */
export interface AzureEvent<Data = any> {
  id: string
  subject?: string
  data: Data
  eventType?: string
  eventTime?: string
  topic?: string
  dataVersion?: string
  metadataVersion?: string
  specversion?: string
  type?: string
  time?: string
  source?: string
  data_base64?: string
  [extension: string]: any
}

export interface AzureBlob {
  api: string
  clientRequestId?: string
  requestId: string
  eTag?: string
  contentType: string
  contentLength?: number
  blobType: string
  url: string
  sequencer: string
}

export interface AzureOperation {
  correlationId: string
  operationName: string
  resourceProvider: string
  resourceUri: string
  status: string
  subscriptionId: string
  tenantId: string
}

export interface AzureVaultObject {
  Id: string
  VaultName: string
  ObjectType: string
  ObjectName: string
  Version: string
  NBF: number | null
  EXP: number | null
}
