import { date, joined, query, type Receiver, text, token } from '../src/kit.ts'

const ASYNCHRONOUS = 1
const NOBODY = '00000000-0000-0000-0000-000000000000'

/**
 * Dynamics 365 and Dataverse. Signs nothing: a secret in the URL (`?code=`), which the registration calls a webhook key,
 * is the only proof. The event is entity and message, in lower case (`account.create`). Only a system job is ever tried
 * again: its id and the step's are the id; a synchronous step has none. Of more than 256 KB parameters and images are left
 * out, and a header says so.
 */
export const dynamicsCrm: Receiver<'dynamics-crm', DynamicsCrmEvents> = {
  name: 'dynamics-crm',
  docs: 'https://learn.microsoft.com/power-apps/developer/data-platform/use-webhooks',
  scheme: token(query('code')),
  describe({ body }) {
    const entity = known(body.PrimaryEntityName, 'none')
    const isJob = body.Mode === ASYNCHRONOUS && known(body.OperationId, NOBODY) !== undefined
    return {
      event: eventOf(entity, text(body.MessageName)),
      id: isJob ? joined(body.OperationId, body.OwningExtension?.Id) : undefined,
      occurredAt: moment(body.OperationCreatedOn),
      subject: joined(entity, known(body.PrimaryEntityId, NOBODY)),
      account: text(body.OrganizationId)
    }
  }
}

/** A message about no entity, such as `PublishAll`, is named alone. */
function eventOf(entity: string | undefined, message: string | undefined): string | undefined {
  return (entity === undefined || message === undefined ? message : `${entity}.${message}`)?.toLowerCase()
}

/** Dataverse writes a word or a zero for nothing. */
function known(value: unknown, nothing: string): string | undefined {
  return value === nothing ? undefined : text(value)
}

/** `/Date(1722582039000+0000)/`: the milliseconds are UTC whatever the offset. */
function moment(value: unknown): Date | undefined {
  return date(/^\/Date\((\d+)(?:[+-]\d{4})?\)\/$/.exec(text(value) ?? '')?.[1], 'milliseconds')
}

/** `<entity>.<message>`; which ones come is chosen by the steps that are registered. */
export interface DynamicsCrmEvents {
  [event: string]: DynamicsCrmContext
}

export interface DynamicsCrmContext {
  MessageName: string
  PrimaryEntityName: string
  PrimaryEntityId: string
  /** 0 synchronous, 1 asynchronous. */
  Mode: 0 | 1
  Stage: number
  Depth: number
  OperationId: string
  OperationCreatedOn: string
  CorrelationId: string
  RequestId: string | null
  OrganizationId: string
  OrganizationName: string
  BusinessUnitId: string
  UserId: string
  InitiatingUserId: string
  OwningExtension: { Id: string; LogicalName: string; Name: string | null }
  /** These come as lists of pairs: `Target` holds the entity. Missing or null in a body that was cut. */
  InputParameters?: DynamicsCrmPair[] | null
  OutputParameters?: DynamicsCrmPair[] | null
  PreEntityImages?: DynamicsCrmPair[] | null
  PostEntityImages?: DynamicsCrmPair[] | null
  SharedVariables?: DynamicsCrmPair[] | null
  ParentContext?: DynamicsCrmContext | null
}

export interface DynamicsCrmPair {
  key: string
  value: any
}
