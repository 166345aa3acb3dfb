import { date, echo, hmac, plain, type Receiver, text } from '../src/kit.ts'

/**
 * EventSub. Signs the message's id, its time and the body, one behind the other. The header that tells what kind of
 * message it is, is not signed, so the body decides: a `challenge` is the check of the URL, an `event` or a list of
 * `events` is a notification, and a subscription alone, no longer enabled, is a `revocation`.
 */
export const twitch: Receiver<'twitch', TwitchEvents> = {
  name: 'twitch',
  docs: 'https://dev.twitch.tv/docs/eventsub/handling-webhook-events/',
  scheme: hmac({
    header: 'twitch-eventsub-message-signature',
    hash: 'sha256',
    encoding: 'hex',
    layout: plain('sha256='),
    timestamp: { header: 'twitch-eventsub-message-timestamp', as: 'iso', tolerance: 600 },
    content({ headers, body }, timestamp) {
      const id = headers['twitch-eventsub-message-id']
      return typeof id === 'string' ? [id, timestamp, body] : undefined
    }
  }),
  handshakes: [
    {
      trust: 'verified',
      reply({ body }) {
        const challenge = text(body.challenge)
        return challenge === undefined ? undefined : echo(challenge)
      }
    }
  ],
  describe({ headers, body: { subscription, event, events } }) {
    const { type, status, condition } = subscription ?? {}
    const id = headers['twitch-eventsub-message-id']
    const occurredAt = date(headers['twitch-eventsub-message-timestamp'], 'iso')
    if (Array.isArray(events)) {
      return events.map(item => ({
        ...partiesOf(item?.data),
        event: text(type),
        id: text(item?.id),
        occurredAt,
        data: item
      }))
    }
    if (event !== undefined) return { ...partiesOf(event), event: text(type), id, occurredAt }
    return {
      ...partiesOf(condition),
      event: text(status) && status !== 'enabled' ? 'revocation' : undefined,
      id,
      occurredAt,
      subject: text(subscription?.id)
    }
  }
}

/** Not every event of a stream or a poll has its id, so what concerns no single user is in the order of its channel. */
function partiesOf(event: any) {
  const channel = text(event?.broadcaster_user_id) ?? text(event?.to_broadcaster_user_id)
  return { subject: text(event?.user_id) ?? channel, account: channel ?? text(event?.organization_id) }
}

export interface TwitchEvents {
  'channel.follow': TwitchNotification<TwitchChannel & TwitchUser & { followed_at: string }>
  'channel.subscribe': TwitchNotification<TwitchChannel & TwitchUser & { tier: string; is_gift: boolean }>
  'channel.cheer': TwitchNotification<
    TwitchChannel & { [Key in keyof TwitchUser]: string | null } & {
      is_anonymous: boolean
      message: string
      bits: number
    }
  >
  'channel.raid': TwitchNotification<{
    from_broadcaster_user_id: string
    from_broadcaster_user_name: string
    to_broadcaster_user_id: string
    to_broadcaster_user_name: string
    viewers: number
  }>
  'channel.chat.message': TwitchNotification<
    TwitchChannel & {
      chatter_user_id: string
      chatter_user_login: string
      chatter_user_name: string
      message_id: string
      message: { text: string; fragments: { type: string; text: string }[] }
    }
  >
  'channel.channel_points_custom_reward_redemption.add': TwitchNotification<
    TwitchChannel &
      TwitchUser & {
        id: string
        user_input: string
        status: string
        reward: { id: string; title: string; cost: number; prompt: string }
        redeemed_at: string
      }
  >
  'stream.online': TwitchNotification<TwitchChannel & { id: string; type: string; started_at: string }>
  'stream.offline': TwitchNotification<TwitchChannel>
  /** Comes in batches: one item of `events`. */
  'drop.entitlement.grant': {
    id: string
    data: TwitchUser & {
      organization_id: string
      category_id: string
      campaign_id: string
      entitlement_id: string
      benefit_id: string
      created_at: string
    }
  }
  revocation: { subscription: TwitchSubscription }
  [type: string]: any
}

export interface TwitchNotification<Event> {
  subscription: TwitchSubscription
  event: Event
}

export interface TwitchSubscription {
  id: string
  type: string
  version: string
  /** `enabled`, or why it was revoked: `authorization_revoked`, `user_removed`, `notification_failures_exceeded` … */
  status: string
  cost: number
  condition: Record<string, string>
  created_at: string
}

export interface TwitchChannel {
  broadcaster_user_id: string
  broadcaster_user_login: string
  broadcaster_user_name: string
}

export interface TwitchUser {
  user_id: string
  user_login: string
  user_name: string
}
