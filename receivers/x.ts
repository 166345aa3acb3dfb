import { createHmac } from 'node:crypto'
import { type Answer, date, hmac, joined, plain, query, type Receiver, text } from '../src/kit.ts'

const token = query('crc_token')

/**
 * X, once Twitter. Signs the body with the consumer secret, and checks us by having us sign a token with the same one:
 * so a token that could be a body is refused, or we would sign whatever anybody likes. A request of the Account Activity
 * API is a batch: each item becomes a delivery with the body that X would have sent for it alone; few have ids.
 */
export const x: Receiver<'x', XEvents> = {
  name: 'x',
  docs: 'https://docs.x.com/x-api/webhooks/introduction',
  scheme: hmac({
    header: 'x-twitter-webhooks-signature',
    hash: 'sha256',
    encoding: 'base64',
    layout: plain('sha256=')
  }),
  handshakes: [
    {
      trust: 'unsigned',
      methods: ['GET'],
      reply(request, { secrets: [secret] }): Answer {
        const given = token.read(request)
        // Neither braces nor quotes: no object can be written in it.
        if (!secret || typeof given !== 'string' || !/^[\w=.+/-]{1,200}$/.test(given)) {
          return { reject: 'challenge-malformed', status: 400 }
        }
        const mac = createHmac('sha256', secret).update(given).digest('base64')
        return { status: 200, body: { response_token: `sha256=${mac}` } }
      }
    }
  ],
  describe({ body }) {
    if (text(body.data?.event_type) !== undefined) return describeActivity(body.data)
    const names = Object.keys(body).filter(name => name.endsWith('_events') && Array.isArray(body[name]))
    if (names.length === 0) return { event: body.user_event === undefined ? undefined : 'user_event' }
    return names.flatMap(event =>
      body[event].map((item: any) => ({
        ...describeItem(event, item, body.for_user_id),
        data: { ...without(body, names), [event]: [item] }
      }))
    )
  }
}

function describeActivity({ event_type, event_uuid, filter }: any) {
  const user = text(filter?.user_id)
  return { event: text(event_type), id: text(event_uuid), subject: user, account: user }
}

/** The same post reaches each user who is subscribed. */
function describeItem(event: string, item: any, user: unknown) {
  const id = text(item?.id_str) ?? text(item?.id)
  return {
    event,
    id: joined(user, event, id),
    occurredAt: date(item?.timestamp_ms ?? item?.created_timestamp, 'milliseconds'),
    subject: id ?? text(item?.status?.id),
    account: text(user)
  }
}

function without(body: object, names: readonly string[]): object {
  return Object.fromEntries(Object.entries(body).filter(([name]) => !names.includes(name)))
}

/** Each with one item. */
export interface XEvents {
  tweet_create_events: XBatch & { tweet_create_events: [XPost] }
  tweet_delete_events: XBatch & { tweet_delete_events: [{ status: { id: string; user_id: string } }] }
  favorite_events: XBatch & { favorite_events: [{ id: string; favorited_status: XPost; user: XUser }] }
  follow_events: XBatch & { follow_events: [{ type: 'follow' | 'unfollow'; target: XUser; source: XUser }] }
  direct_message_events: XBatch & {
    direct_message_events: [
      {
        id: string
        message_create?: { sender_id: string; target: { recipient_id: string }; message_data: { text: string } }
      }
    ]
    users: Record<string, { id: string; name: string; screen_name: string }>
  }
  /** Of the X Activity API: `data` has `event_type` and `payload`. */
  [event: string]: any
}

export interface XBatch {
  for_user_id: string
}

export interface XPost {
  id_str: string
  text: string
  user: XUser
}

export interface XUser {
  /** A number where `id_str` comes along: read that, as large numbers lose their last digits. */
  id: string | number
  id_str?: string
  screen_name?: string
}
