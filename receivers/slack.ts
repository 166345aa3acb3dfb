import { date, hmac, parseJsonText, peek, plain, type Receiver, text } from '../src/kit.ts'

/**
 * Signs `v0:<time>:<body>`. Three shapes come to one URL: events as JSON (id `event_id`), slash commands as a form, and
 * interactions as JSON in the form field `payload` (id `trigger_id`). The event is the inner type, or the command with
 * its slash. `ssl_check` is not signed: it gets its empty answer, and the rest of its body is never looked at.
 */
export const slack: Receiver<'slack', SlackEvents> = {
  name: 'slack',
  docs: 'https://docs.slack.dev/authentication/verifying-requests-from-slack',
  scheme: hmac({
    header: 'x-slack-signature',
    hash: 'sha256',
    encoding: 'hex',
    layout: plain('v0='),
    timestamp: { header: 'x-slack-request-timestamp', as: 'seconds' },
    content: ({ body }, timestamp) => [`v0:${timestamp}:`, body]
  }),
  body: ['json', 'form'],
  handshakes: [
    {
      trust: 'unsigned',
      methods: ['GET', 'POST'],
      reply: request =>
        /[?&]ssl_check=1(?:&|$)/.test(request.url) || peek(request, 'form')?.ssl_check === '1'
          ? { status: 200 }
          : undefined
    },
    {
      trust: 'verified',
      reply: ({ body }) =>
        body.type === 'url_verification' ? { status: 200, body: { challenge: text(body.challenge) } } : undefined
    }
  ],
  describe({ body }) {
    if (body.command !== undefined) {
      return {
        event: text(body.command),
        id: text(body.trigger_id),
        subject: text(body.channel_id),
        account: text(body.team_id)
      }
    }
    if (body.payload !== undefined) {
      const data = parseJsonText(body.payload)
      return {
        event: text(data.type),
        id: text(data.trigger_id),
        subject: text(data.channel?.id) ?? text(data.view?.id),
        account: text(data.team?.id) ?? text(data.enterprise?.id),
        data
      }
    }
    return {
      event: text(body.event?.type) ?? text(body.type),
      id: text(body.event_id),
      occurredAt: date(body.event_time, 'seconds'),
      subject: text(body.event?.channel) ?? text(body.event?.item?.channel),
      account: text(body.team_id) ?? text(body.enterprise_id)
    }
  }
}

export interface SlackEvents {
  message: SlackEventCallback<{
    type: 'message'
    channel: string
    user?: string
    text?: string
    ts: string
    thread_ts?: string
    subtype?: string
  }>
  app_mention: SlackEventCallback<{
    type: 'app_mention'
    channel: string
    user: string
    text: string
    ts: string
    thread_ts?: string
  }>
  reaction_added: SlackEventCallback<{
    type: 'reaction_added'
    user: string
    reaction: string
    item: { type: string; channel?: string; ts?: string }
  }>
  app_home_opened: SlackEventCallback<{ type: 'app_home_opened'; user: string; channel: string; tab: string }>
  block_actions: SlackInteraction & { actions: { action_id: string; block_id: string; type: string; value?: string }[] }
  view_submission: SlackInteraction & {
    view: { id: string; callback_id: string; private_metadata: string; state: { values: object } }
  }
  shortcut: SlackInteraction & { callback_id: string }
  [command: `/${string}`]: SlackCommand
  [event: string]: SlackCommand | SlackInteraction | SlackEventCallback
}

export interface SlackEventCallback<Event = { type: string }> {
  type: string
  team_id?: string
  api_app_id: string
  event_id?: string
  event_time?: number
  event?: Event
}

/** The fields of a slash command's form. */
export interface SlackCommand {
  command: string
  text: string
  user_id: string
  user_name: string
  channel_id: string
  channel_name: string
  team_id: string
  team_domain: string
  response_url: string
  trigger_id: string
}

export interface SlackInteraction {
  type: string
  trigger_id: string
  user: { id: string; username?: string; name?: string }
  team: { id: string; domain: string } | null
  channel?: { id: string; name: string }
  response_url?: string
}
