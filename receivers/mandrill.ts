import { date, hmac, joined, parseJsonText, peek, peekPairs, type Receiver, text } from '../src/kit.ts'

/**
 * Signs the URL and, behind it, name and value of each field of a form, sorted by name. The field `mandrill_events` is
 * JSON: a batch, one delivery each. Items have no id of their own; message, event and second make one. Before a webhook
 * exists, and with it its key, Mandrill looks for a 200 by HEAD and by an empty batch under a key that everybody knows.
 */
export const mandrill: Receiver<'mandrill', MandrillEvents> = {
  name: 'mandrill',
  docs: 'https://mailchimp.com/developer/transactional/guides/track-respond-activity-webhooks/',
  scheme: hmac({
    header: 'x-mandrill-signature',
    hash: 'sha1',
    encoding: 'base64',
    content(request) {
      const pairs = peekPairs(request)
      const sorted = pairs?.toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
      return sorted && [request.url, ...sorted.flat()]
    },
    covers: { body: 'values', url: true }
  }),
  body: ['form'],
  handshakes: [
    { trust: 'unsigned', methods: ['HEAD'], reply: () => ({ status: 200 }) },
    {
      trust: 'unsigned',
      reply: request => (peek(request, 'form')?.mandrill_events === '[]' ? { status: 200 } : undefined)
    }
  ],
  describe({ body }) {
    const items = parseJsonText(body.mandrill_events)
    if (!Array.isArray(items)) return { event: undefined }
    return items.map(item => ({
      event: eventOf(item),
      id: idOf(item),
      occurredAt: date(item?.ts, 'seconds'),
      subject: messageOf(item) ?? text(item?.reject?.email) ?? text(item?.msg?.email),
      account: text(item?.msg?.subaccount),
      data: item
    }))
  }
}

/** A change of a list of addresses has a type and an action instead: `reject.add`. */
function eventOf(item: any): string | undefined {
  return text(item?.event) ?? joined(item?.type, item?.action)?.replace('/', '.')
}

/** In some items only the message has it. */
function messageOf(item: any): string | undefined {
  return text(item?._id) ?? text(item?.msg?._id)
}

function idOf(item: any): string | undefined {
  const url = text(item?.url)
  return joined(messageOf(item), item?.event, item?.ts, ...(url === undefined ? [] : [url]))
}

export interface MandrillEvents {
  send: MandrillEvent
  delivered: MandrillEvent
  deferral: MandrillEvent
  hard_bounce: MandrillEvent
  soft_bounce: MandrillEvent
  open: MandrillEvent & { ip: string; user_agent: string }
  click: MandrillEvent & { ip: string; user_agent: string; url: string }
  spam: MandrillEvent
  unsub: MandrillEvent
  reject: MandrillEvent
  /** A received mail. */
  inbound: { event: 'inbound'; ts: number; msg: MandrillMail }
  [event: string]: any
}

export interface MandrillEvent {
  event: string
  ts: number
  _id: string
  msg: {
    _id: string
    ts: number
    email: string
    sender: string
    subject: string
    state: string
    tags: string[]
    metadata: Record<string, unknown>
    subaccount?: string | null
    bounce_description?: string
    diag?: string
  }
}

export interface MandrillMail {
  email: string
  from_email: string
  subject: string
  text?: string
  html?: string
  headers: Record<string, unknown>
}
