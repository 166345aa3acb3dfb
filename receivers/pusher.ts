import { date, header, hmac, type Receiver, text } from '../src/kit.ts'

const appKey = header('x-pusher-key')

/**
 * Signs the body with HMAC-SHA256. The header `X-Pusher-Key` says whose secret it was, so a secret is configured as
 * `appKey:secret`. A request is a batch: one delivery per event, all of one time. There are no ids, so nothing is ever
 * deduplicated. The time is signed, but repeated by retries and judged by none of the official libraries: nor here.
 */
export const pusher: Receiver<'pusher', PusherEvents> = {
  name: 'pusher',
  docs: 'https://pusher.com/docs/channels/server_api/webhooks/',
  scheme: hmac({
    header: 'x-pusher-signature',
    hash: 'sha256',
    encoding: 'hex',
    key(configured, request) {
      const [key, secret] = split(configured)
      return key === appKey.read(request) ? secret : undefined
    },
    announce: (request, configured) => appKey.write(request, split(configured)[0]),
    // A key and a secret have 20 digits each: shorter than this, one of them is missing.
    min: 36
  }),
  describe({ headers, body }) {
    if (!Array.isArray(body.events)) return { event: undefined }
    return body.events.map((item: any) => ({
      event: text(item?.name),
      occurredAt: date(body.time_ms, 'milliseconds'),
      subject: text(item?.channel),
      account: headers['x-pusher-key'],
      data: item
    }))
  }
}

/** Without a colon there is no secret. */
function split(configured: string): [key: string, secret: string] {
  const [key = '', ...rest] = configured.split(':')
  return [key, rest.join(':')]
}

export interface PusherEvents {
  channel_occupied: PusherEvent<'channel_occupied'>
  channel_vacated: PusherEvent<'channel_vacated'>
  member_added: PusherEvent<'member_added'> & { user_id: string }
  member_removed: PusherEvent<'member_removed'> & { user_id: string }
  /** `data` is what the client sent, as text. `user_id` only in presence channels. */
  client_event: PusherEvent<'client_event'> & { event: string; data: string; socket_id: string; user_id?: string }
  cache_miss: PusherEvent<'cache_miss'>
  subscription_count: PusherEvent<'subscription_count'> & { subscription_count: number }
}

export interface PusherEvent<Name extends string> {
  name: Name
  channel: string
}
