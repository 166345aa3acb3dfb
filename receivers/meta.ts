import {
  type Answer,
  type Description,
  date,
  echo,
  equalSecrets,
  hmac,
  plain,
  query,
  type Receiver,
  text
} from '../src/kit.ts'

/**
 * Facebook, Instagram, Messenger and WhatsApp. Signs the body with the app's secret; the set-up GET is proven by the
 * setting `verify-token`. A request is a batch: one delivery per change or message, named `page.feed`, `page.messages`.
 * Requests have no id: WhatsApp's and Messenger's messages have one, the rest is never deduplicated.
 */
export const meta: Receiver<'meta', MetaEvents> = {
  name: 'meta',
  docs: 'https://developers.facebook.com/docs/graph-api/webhooks/getting-started',
  scheme: hmac({ header: 'x-hub-signature-256', hash: 'sha256', encoding: 'hex', layout: plain('sha256=') }),
  settings: ['verify-token'],
  handshakes: [
    {
      trust: 'unsigned',
      methods: ['GET'],
      reply(request, { settings }): Answer {
        const [mode, given, challenge] = ['mode', 'verify_token', 'challenge'].map(name =>
          query(`hub.${name}`).read(request)
        )
        const expected = settings['verify-token']
        if (!expected || typeof given !== 'string' || !equalSecrets(expected, given)) {
          return { reject: 'challenge-mismatch', status: 403 }
        }
        if (mode !== 'subscribe' || typeof challenge !== 'string' || challenge === '') {
          return { reject: 'challenge-malformed', status: 400 }
        }
        return echo(challenge)
      }
    }
  ],
  describe({ body }) {
    const object = text(body.object)
    if (object === undefined || !Array.isArray(body.entry)) return { event: undefined }
    return body.entry.flatMap((entry: any) => describeEntry(object, entry))
  }
}

type About = Pick<Description, 'account' | 'occurredAt'>

function describeEntry(object: string, entry: any): Description[] {
  const { changes, messaging, standby, changed_fields: names } = entry ?? {}
  const about = { account: text(entry?.id), occurredAt: moment(entry?.time) }
  if (Array.isArray(changes)) return changes.map(change => describeChange(object, change, about))
  if (Array.isArray(messaging)) return messaging.map(item => describeMessaging(object, item, about))
  // Messages of a conversation that another app leads now.
  if (Array.isArray(standby)) {
    return standby.map(item => ({ ...about, event: `${object}.standby`, subject: personIn(item), data: item }))
  }
  // Subscribed without values: only the names of what changed.
  if (Array.isArray(names)) return names.map(name => ({ ...about, event: named(object, name), data: entry }))
  return [{ event: undefined }]
}

function describeChange(object: string, change: any, about: About): Description {
  const { messages, statuses, ...value } = change?.value ?? {}
  if (object === 'whatsapp_business_account') {
    if (Array.isArray(messages)) return describeWhatsApp(change, 'messages', about)
    if (Array.isArray(statuses)) return describeWhatsApp(change, 'statuses', about)
  }
  return {
    ...about,
    event: named(object, change?.field),
    occurredAt: moment(value.created_time) ?? about.occurredAt,
    subject: text(value.post_id) ?? text(value.media?.id) ?? text(value.media_id) ?? text(value.comment_id),
    data: change
  }
}

/** One field for messages and for their statuses. Where a change holds several, no id stands for all of them. */
function describeWhatsApp(change: any, kind: 'messages' | 'statuses', about: About): Description {
  const items: any[] = change.value[kind]
  const [item] = items
  // Each status of a message is a fact of its own; in a group, each person's.
  const id = kind === 'messages' ? [item?.id] : [item?.id, item?.status, item?.recipient_participant_id]
  return {
    ...about,
    event: `whatsapp_business_account.${kind}`,
    id: items.length === 1 && text(item?.id) !== undefined ? id.filter(text).join(':') : undefined,
    occurredAt: moment(item?.timestamp) ?? about.occurredAt,
    subject: text(item?.from) ?? text(item?.recipient_id),
    data: change
  }
}

/** What a message's item holds, by the names of Messenger's subscriptions; for Instagram too. */
const MESSAGING = {
  message: 'messages',
  message_edit: 'message_edits',
  postback: 'messaging_postbacks',
  reaction: 'message_reactions',
  delivery: 'message_deliveries',
  read: 'message_reads',
  optin: 'messaging_optins',
  referral: 'messaging_referrals',
  account_linking: 'messaging_account_linking',
  pass_thread_control: 'messaging_handovers',
  take_thread_control: 'messaging_handovers',
  request_thread_control: 'messaging_handovers',
  app_roles: 'messaging_handovers'
}

function describeMessaging(object: string, item: any, about: About): Description {
  const { sender, recipient, timestamp, ...contents } = item ?? {}
  const { message } = contents
  const [, field] = Object.entries(MESSAGING).find(([key]) => Object.hasOwn(contents, key)) ?? []
  return {
    ...about,
    event: named(object, message?.is_echo ? 'message_echoes' : (field ?? Object.keys(contents)[0])),
    // The same id returns when the message is deleted, and in the echo that its sender gets.
    id: message?.is_deleted || message?.is_echo ? undefined : text(message?.mid),
    occurredAt: moment(timestamp) ?? about.occurredAt,
    subject: personIn(item),
    data: item
  }
}

/** The person who talks with the page: the order that counts is that of the conversation. */
function personIn(item: any): string | undefined {
  return text(item?.message?.is_echo ? item?.recipient?.id : item?.sender?.id)
}

function named(object: string, field: unknown): string | undefined {
  return text(field) && `${object}.${field}`
}

/** Seconds or milliseconds, as number or text; Meta sends both. */
function moment(time: unknown): Date | undefined {
  return date(time, (text(time)?.length ?? 0) > 11 ? 'milliseconds' : 'seconds')
}

export interface MetaEvents {
  'page.feed': MetaChange<{ item: string; verb: string; post_id?: string; from?: { id: string; name?: string } }>
  'page.leadgen': MetaChange<{ leadgen_id: string; page_id: string; form_id: string; created_time: number }>
  'page.messages': MetaMessage
  'page.messaging_postbacks': MetaMessaging & { postback: { mid?: string; title: string; payload: string } }
  'instagram.messages': MetaMessage
  'instagram.comments': MetaChange<{
    id: string
    text: string
    from: { id: string; username: string }
    media: { id: string; media_product_type?: string }
  }>
  'whatsapp_business_account.messages': MetaChange<
    WhatsAppValue & {
      contacts?: { wa_id: string; profile: { name: string } }[]
      messages: { id: string; from: string; timestamp: string; type: string; text?: { body: string } }[]
    }
  >
  'whatsapp_business_account.statuses': MetaChange<
    WhatsAppValue & { statuses: { id: string; status: string; timestamp: string; recipient_id: string }[] }
  >
  [event: string]: any
}

export interface MetaChange<Value> {
  field: string
  value: Value
}

export interface WhatsAppValue {
  messaging_product: 'whatsapp'
  metadata: { display_phone_number: string; phone_number_id: string }
}

export interface MetaMessaging {
  sender: { id: string }
  recipient: { id: string }
  timestamp: number
}

export interface MetaMessage extends MetaMessaging {
  message: {
    mid: string
    text?: string
    is_echo?: boolean
    attachments?: { type: string; payload: { url?: string } }[]
    quick_reply?: { payload: string }
  }
}
