import { parse } from 'node:querystring'
import { type Description, date, joined, type Receiver, hubspot as signature, text } from '../src/kit.ts'

/**
 * Signs method, URL, body and time; what has only one of HubSpot's older signatures is taken as well. A list is a batch of
 * changes, one delivery each. Their `eventId` alone may repeat, so the id is made of account, subscription, event and
 * time. Anything else, such as a workflow's action or the question of a card, is the event `request`, without an id.
 */
export const hubspot: Receiver<'hubspot', HubspotEvents> = {
  name: 'hubspot',
  docs: 'https://developers.hubspot.com/docs/apps/legacy-apps/authentication/validating-requests',
  scheme: signature(),
  methods: ['POST', 'GET'],
  describe(message) {
    const { method, url } = message.request
    const data = method === 'GET' ? parse(url.replace(/^[^?]*\??/, '')) : message.body
    if (Array.isArray(data)) return data.map(describeChange)
    return { event: 'request', account: text(data.origin?.portalId) ?? text(data.portalId), data }
  }
}

function describeChange(item: any): Description {
  const { subscriptionType, portalId } = item ?? {}
  const type = text(item?.objectTypeId) ?? text(subscriptionType)?.split('.', 1)[0]
  return {
    event: text(subscriptionType),
    id: joined(portalId, item?.subscriptionId, item?.eventId, item?.occurredAt),
    occurredAt: date(item?.occurredAt, 'milliseconds'),
    subject: joined(type, item?.objectId ?? item?.fromObjectId),
    account: text(portalId),
    data: item
  }
}

export interface HubspotEvents {
  'contact.creation': HubspotChange
  'contact.propertyChange': HubspotPropertyChange
  'contact.deletion': HubspotChange
  'company.creation': HubspotChange
  'company.propertyChange': HubspotPropertyChange
  'deal.creation': HubspotChange
  'deal.propertyChange': HubspotPropertyChange
  'object.creation': HubspotChange & { objectTypeId: string }
  'object.propertyChange': HubspotPropertyChange & { objectTypeId: string }
  request: any
  [event: string]: any
}

export interface HubspotChange {
  eventId: number
  subscriptionId: number
  portalId: number
  appId: number
  occurredAt: number
  subscriptionType: string
  attemptNumber: number
  objectId: number
  changeFlag?: string
  changeSource: string
}

export interface HubspotPropertyChange extends HubspotChange {
  propertyName: string
  propertyValue: string
}
