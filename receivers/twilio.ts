import { createHash } from 'node:crypto'
import { parse, stringify } from 'node:querystring'
import { date, hmac, peekPairs, query, type Receiver, text, type WebhookRequest } from '../src/kit.ts'

const bodyHash = query('bodySHA256')

/** What a request reports, by the first of these fields that it has. */
const REPORTS = [
  ['MessageStatus', 'message.'],
  ['EventType', ''],
  ['SmsStatus', 'message.'],
  ['RecordingStatus', 'recording.'],
  ['StatusCallbackEvent', ''],
  ['CallStatus', 'call.']
] as const

/** What a request is about, the widest first: the messages of a conversation keep their order. */
const SUBJECTS = ['ConversationSid', 'ConferenceSid', 'TaskSid', 'MessageSid', 'SmsSid', 'CallSid']

/**
 * Signs the URL and, for a form, its decoded fields sorted by name; any other body by its SHA-256 in the URL. Repeated
 * equal fields and their order are not covered. Which URL was signed varies, with or without port and escapes. The id is
 * a header, which is not signed either. Nothing names the event: it is made of what the fields report, as `call.ringing`.
 */
export const twilio: Receiver<'twilio', TwilioEvents> = {
  name: 'twilio',
  docs: 'https://www.twilio.com/docs/usage/webhooks/webhooks-security',
  scheme: hmac({
    header: 'x-twilio-signature',
    hash: 'sha1',
    encoding: 'base64',
    variants: spellings,
    content: signedContent,
    announce: request => (isHashed(request) ? bodyHash.write(request, sha256(request.body)) : request),
    covers: { body: 'values', url: true },
    min: 32
  }),
  methods: ['POST', 'GET'],
  body: ['form', 'json'],
  describe(message) {
    const { request, headers } = message
    const data = request.method === 'GET' ? parse(request.url.replace(/^[^?]*\??/, '')) : message.body
    const items = [data].flat()
    if (items[0]?.specversion !== undefined) return items.map(describeStreamed)
    return {
      event: eventOf(data),
      id: headers['i-twilio-idempotency-token'],
      subject: SUBJECTS.map(name => text(data[name])).find(sid => sid !== undefined),
      account: text(data.AccountSid),
      data
    }
  },
  // Twilio takes the answer to a message or a call for TwiML, and reports an error where it is none.
  accepted: {
    status: 200,
    headers: { 'content-type': 'text/xml' },
    body: '<?xml version="1.0" encoding="UTF-8"?><Response/>'
  }
}

/** The URL with the port as given, without it, or with the one it implies; each with the escapes that Twilio is known for. */
function spellings(request: WebhookRequest): WebhookRequest[] {
  const [, scheme, host, port = '', path] = /^(https?:)(\/\/[^/?#]*?)(:\d+)?(?=[/?#]|$)(.*)$/is.exec(request.url) ?? []
  if (path === undefined) return [request]
  const standard = scheme!.toLowerCase() === 'https:' ? ':443' : ':80'
  const [pathname, search] = path.split(/\?(.*)/s, 2)
  // Half a character has no escape.
  const paths =
    search === undefined || !search.isWellFormed()
      ? [path]
      : [path, `${pathname}?${search.replaceAll("'", '%27')}`, `${pathname}?${stringify(parse(search))}`]
  const urls = [port, port === '' ? standard : ''].flatMap(at => paths.map(rest => `${scheme}${host}${at}${rest}`))
  return [...new Set(urls)].map(url => ({ ...request, url }))
}

/** Nothing of the body may go uncovered: undefined where it is neither hashed in the URL nor fields. */
function signedContent(request: WebhookRequest): string[] | undefined {
  const { url, body } = request
  const hash = bodyHash.read(request)
  if (hash !== undefined) return hash === sha256(body) ? [url] : undefined
  if (body.length === 0) return [url]
  const fields = Map.groupBy(peekPairs(request) ?? [], ([name]) => name)
  if (fields.size === 0) return undefined
  const names = [...fields.keys()].sort()
  return [url, ...names.flatMap(name => [...new Set(fields.get(name)!.map(pair => pair.join('')))].sort())]
}

function isHashed(request: WebhookRequest): boolean {
  return bodyHash.read(request) !== undefined || (request.body.length > 0 && peekPairs(request) === undefined)
}

function sha256(body: Uint8Array): string {
  return createHash('sha256').update(body).digest('hex')
}

function eventOf(data: any): string {
  for (const [field, prefix] of REPORTS) {
    const value = text(data[field])
    if (value !== undefined) return prefix + value
  }
  return text(data.MessageSid) === undefined ? 'request' : 'message.received'
}

/** Event Streams send CloudEvents, alone or as a list. */
function describeStreamed(item: any) {
  return {
    event: text(item?.type),
    id: text(item?.id),
    occurredAt: date(item?.time, 'iso'),
    subject: text(item?.source),
    account: text(item?.data?.accountSid),
    data: item
  }
}

export interface TwilioEvents {
  'message.received': TwilioMessage
  'message.sent': TwilioMessageStatus
  'message.delivered': TwilioMessageStatus
  'message.undelivered': TwilioMessageStatus
  'message.failed': TwilioMessageStatus
  'call.ringing': TwilioCall
  'call.in-progress': TwilioCall
  'call.completed': TwilioCall & { CallDuration?: string }
  'call.busy': TwilioCall
  'call.failed': TwilioCall
  'call.no-answer': TwilioCall
  [event: string]: Record<string, any>
}

/** All fields are text. Media come as `MediaUrl0`, `MediaContentType0` and so on. */
export interface TwilioMessage {
  MessageSid: string
  AccountSid: string
  MessagingServiceSid?: string
  From: string
  To: string
  Body: string
  NumMedia: string
  [field: string]: any
}

export interface TwilioMessageStatus {
  MessageSid: string
  AccountSid: string
  MessageStatus: string
  From: string
  To: string
  ErrorCode?: string
  [field: string]: any
}

export interface TwilioCall {
  CallSid: string
  AccountSid: string
  CallStatus: string
  Direction: string
  From: string
  To: string
  /** What the caller typed, where the request answers a `<Gather>`. */
  Digits?: string
  [field: string]: any
}
