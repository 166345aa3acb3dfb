import { equalSecrets, peek, type Receiver, type Reply, text, type WebhookRequest } from '../src/kit.ts'

/**
 * Outbound messages in SOAP, signed by nobody: the secret is the organisation's id, of which the first 15 characters
 * count, and the body is not covered. A request holds up to 100 notifications, each with an id that is kept over retries;
 * the event is the id of the outbound message's definition. `SessionId` opens the organisation's API, so it is hidden.
 */
export const salesforce: Receiver<'salesforce', SalesforceEvents> = {
  name: 'salesforce',
  docs: 'https://developer.salesforce.com/docs/atlas.en-us.api.meta/api/sforce_api_om_outboundmessaging_understanding.htm',
  scheme: {
    key: { min: 15, isPublic: true },
    covers: { body: false, time: false },

    verify(request, { secrets }) {
      if (secrets.length === 0) return { ok: false, reason: 'secret-missing' }
      const given = peek(request, 'xml')?.Envelope?.Body?.notifications?.OrganizationId
      if (given === undefined || given === '') return { ok: false, reason: 'token-missing' }
      const organisation = significant(given)
      if (organisation === undefined) return { ok: false, reason: 'token-malformed' }
      const secret = secrets.findIndex(candidate => equalSecrets(significant(candidate) ?? '', organisation))
      return secret === -1 ? { ok: false, reason: 'token-mismatch' } : { ok: true, secret }
    },

    sign: withOrganisation
  },
  body: ['xml'],
  secretFields: ['SessionId'],
  describe({ body }) {
    const message = body.Envelope?.Body?.notifications
    return [message?.Notification].flat().map(notification => ({
      event: text(notification?.Id) && text(message.ActionId),
      id: text(notification?.Id),
      subject: text(notification?.sObject?.Id),
      account: text(message?.OrganizationId),
      data: notification
    }))
  },
  accepted: soap(
    200,
    `  <notificationsResponse xmlns="http://soap.sforce.com/2005/09/outbound">
   <Ack>true</Ack>
  </notificationsResponse>`
  ),
  rejected: stage =>
    soap(
      stage === 'proof' ? 401 : 400,
      `  <soapenv:Fault>
   <faultcode>soapenv:Client</faultcode>
   <faultstring>The message was not accepted.</faultstring>
  </soapenv:Fault>`
    )
}

/** Salesforce writes the same id with 15 letters, or with 3 more for programs that can't tell their case. */
function significant(id: unknown): string | undefined {
  return typeof id === 'string' && /^(?:[A-Za-z0-9]{15}|[A-Za-z0-9]{18})$/.test(id) ? id.slice(0, 15) : undefined
}

function withOrganisation(request: WebhookRequest, organisation: string): WebhookRequest {
  const source = Buffer.from(request.body).toString()
  const element = /(<OrganizationId>)[^<]*(?=<\/OrganizationId>)/
  if (!element.test(source)) throw new TypeError('The message has no element OrganizationId to sign.')
  return { ...request, body: Buffer.from(source.replace(element, (_, tag: string) => tag + organisation)) }
}

function soap(status: number, content: string): Reply {
  return {
    status,
    headers: { 'content-type': 'text/xml' },
    body: `<?xml version="1.0" encoding="UTF-8"?>
<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
 <soapenv:Body>
${content}
 </soapenv:Body>
</soapenv:Envelope>
`
  }
}

export interface SalesforceEvents {
  [actionId: string]: SalesforceNotification
}

export interface SalesforceNotification {
  Id: string
  /** The fields chosen for the outbound message, all as text; `@type` is the object's, such as `sf:Contact`. */
  sObject: { '@type': string; Id: string; [field: string]: unknown }
}
