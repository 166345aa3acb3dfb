import {
  anyOf,
  consent,
  type Description,
  date,
  header,
  joined,
  query,
  type Receiver,
  text,
  token,
  type Verified
} from '../src/kit.ts'

/**
 * CloudEvents 1.0 over HTTP, from any sender. Signs nothing: a bearer token, or `access_token` in the URL, is the only
 * proof. Structured, batched or binary (attributes in `ce-` headers): `data` is always one event in its JSON format. The
 * OPTIONS request asks whether a sender may send at all, and how many requests a minute.
 */
export const cloudevents: Receiver<'cloudevents', CloudeventsEvents> = {
  name: 'cloudevents',
  docs: 'https://github.com/cloudevents/spec/blob/main/cloudevents/http-webhook.md',
  scheme: anyOf(token(header('authorization'), { prefix: 'Bearer ' }), token(query('access_token'))),
  settings: ['rate?'],
  check: ({ rate = '*' }) =>
    /^(?:\*|[1-9]\d{0,8})$/.test(rate) ? undefined : { setting: 'rate', problem: 'must be a number over 0, or *' },
  body: ['json', 'xml', 'text'],
  handshakes: [
    {
      trust: 'unsigned',
      methods: ['OPTIONS'],
      reply: (request, { settings: { rate = '100' } }) => consent(request, rate)
    }
  ],
  describe(message) {
    if (message.headers['ce-specversion'] !== undefined) return describeEvent(binary(message))
    const { body } = message
    return Array.isArray(body) ? body.map(describeEvent) : describeEvent(body)
  },
  accepted: { status: 204 }
}

function describeEvent(event: any): Description {
  const { type, source, id, time, subject } = event ?? {}
  return {
    event: text(type),
    id: joined(source, id),
    occurredAt: date(time, 'iso'),
    subject: joined(source, subject) ?? text(source),
    data: event
  }
}

function binary(message: Verified): object {
  const { headers, request } = message
  const attributes = Object.entries(headers)
    .filter(([name]) => name.startsWith('ce-'))
    .map(([name, value]) => [name.slice('ce-'.length), value && decoded(value)])
  const type = headers['content-type']
  const event = { ...Object.fromEntries(attributes), ...(type !== undefined && { datacontenttype: type }) }
  return request.body.length === 0 ? event : { ...event, data: message.body }
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value)
  } catch {
    return value
  }
}

/** The sender chooses the types. */
export interface CloudeventsEvents {
  [type: string]: CloudEventReceived
}

export interface CloudEventReceived {
  specversion: string
  id: string
  source: string
  type: string
  time?: string
  subject?: string
  datacontenttype?: string
  data?: any
  data_base64?: string
  [extension: string]: any
}
