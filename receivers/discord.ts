import { date, ed25519, type Receiver, text } from '../src/kit.ts'

/**
 * Signs the time and the body with Ed25519; the secret is the application's public key. Interactions and webhook events
 * may come to one URL. `type` 1 is a ping there and an event here, so the presence of `event` tells them apart; `type` 0
 * is the ping of the latter. An interaction has an id and the signed time, an event no id and its own. An interaction
 * that no handler replies to gets 202: answer it by its token, within 15 minutes.
 */
export const discord: Receiver<'discord', DiscordEvents> = {
  name: 'discord',
  docs: 'https://docs.discord.com/developers/interactions/overview#setting-up-an-endpoint',
  scheme: ed25519({
    header: 'x-signature-ed25519',
    // Webhook events are retried for ten minutes, and nothing says that a retry is signed anew.
    timestamp: { header: 'x-signature-timestamp', as: 'seconds', tolerance: 600 }
  }),
  handshakes: [
    {
      trust: 'verified',
      reply({ body }) {
        if (body.event !== undefined) return undefined
        if (body.type === 1) return { status: 200, body: { type: 1 } }
        return body.type === 0 ? { status: 204, headers: { 'content-type': 'application/json' } } : undefined
      }
    }
  ],
  accepted: ({ body }) => ({ status: body.event === undefined ? 202 : 204 }),
  describe({ headers, body }) {
    if (body.event !== undefined) return webhookEvent(body)
    const kind = INTERACTIONS.get(body.type)
    // Only commands have a name.
    const name = text(body.data?.name)
    return {
      event: kind && name ? `${kind}.${name}` : kind,
      id: text(body.id),
      occurredAt: date(headers['x-signature-timestamp'], 'seconds'),
      subject: text(body.channel_id) ?? text(body.user?.id),
      account: text(body.guild_id) ?? text(body.application_id)
    }
  }
}

const INTERACTIONS = new Map([
  [2, 'application_command'],
  [3, 'message_component'],
  [4, 'autocomplete'],
  [5, 'modal_submit']
])

function webhookEvent({ application_id: application, event }: any) {
  const data = event?.data
  return {
    event: text(event?.type),
    // Discord writes no offset; it means UTC.
    occurredAt: date(event?.timestamp, 'iso') ?? date(`${event?.timestamp}Z`, 'iso'),
    subject: text(data?.channel_id) ?? text(data?.user?.id) ?? text(data?.user_id),
    account: text(data?.guild?.id) ?? text(data?.guild_id) ?? text(application)
  }
}

export interface DiscordEvents {
  message_component: DiscordInteraction<{ custom_id: string; component_type: number; values?: string[] }>
  modal_submit: DiscordInteraction<{ custom_id: string; components: object[] }>
  [command: `application_command.${string}`]: DiscordInteraction<DiscordCommand>
  [command: `autocomplete.${string}`]: DiscordInteraction<DiscordCommand>
  APPLICATION_AUTHORIZED: DiscordWebhookEvent<{
    integration_type?: number
    user: DiscordUser
    scopes: string[]
    guild?: { id: string; name: string }
  }>
  APPLICATION_DEAUTHORIZED: DiscordWebhookEvent<{ user: DiscordUser }>
  ENTITLEMENT_CREATE: DiscordWebhookEvent<{
    id: string
    sku_id: string
    user_id?: string
    guild_id?: string
    type: number
    starts_at: string | null
    ends_at: string | null
  }>
  [event: string]: DiscordInteraction | DiscordWebhookEvent
}

export interface DiscordInteraction<Data = unknown> {
  id: string
  application_id: string
  type: number
  /** Answers this interaction, within 15 minutes. */
  token: string
  data: Data
  guild_id?: string
  channel_id?: string
  /** In a guild; elsewhere `user`. */
  member?: { user: DiscordUser; permissions: string }
  user?: DiscordUser
  locale?: string
}

export interface DiscordCommand {
  id: string
  name: string
  type: number
  options?: { name: string; type: number; value?: string | number | boolean; focused?: boolean }[]
}

export interface DiscordWebhookEvent<Data = unknown> {
  application_id: string
  event: { type: string; timestamp: string; data: Data }
}

export interface DiscordUser {
  id: string
  username: string
  global_name?: string | null
}
