import { date, echo, field, peek, type Receiver, text, token } from '../src/kit.ts'

/**
 * The Callback API of VK. Signs nothing: a `secret` in the body is the only proof. The confirmation of the URL comes
 * before there is a secret, and must hear the text of the setting `confirmation`; one with a wrong secret does not. Every
 * event must hear `ok`. The time is the object's, where that has one.
 */
export const vk: Receiver<'vk', VkEvents> = {
  name: 'vk',
  docs: 'https://dev.vk.com/api/callback/getting-started',
  scheme: token(field(['json'], 'secret'), { min: 16 }),
  settings: ['confirmation'],
  handshakes: [
    {
      trust: 'unsigned',
      reply(request, { settings: { confirmation } }) {
        const body = peek(request, 'json')
        const isAsked = body?.type === 'confirmation' && body.secret === undefined
        return isAsked && confirmation ? echo(confirmation) : undefined
      }
    },
    {
      trust: 'verified',
      reply: ({ body }, { settings: { confirmation } }) =>
        body.type === 'confirmation' && confirmation ? echo(confirmation) : undefined
    }
  ],
  describe({ body: { type, event_id, group_id, object } }) {
    const item = object?.message ?? object
    return {
      event: text(type),
      id: text(event_id),
      occurredAt: date(item?.date, 'seconds'),
      subject: text(item?.peer_id) ?? text(item?.id) ?? text(item?.user_id),
      account: text(group_id)
    }
  },
  accepted: echo('ok' satisfies VkAnswer)
}

/** All that VK takes for an answer. Whatever else a handler replies, it sends the event again. */
export type VkAnswer = 'ok'

export interface VkEvents {
  message_new: VkEvent<{ message: VkMessage; client_info: object }>
  message_reply: VkEvent<VkMessage>
  message_event: VkEvent<{ user_id: number; peer_id: number; event_id: string; payload: any }>
  wall_post_new: VkEvent<{ id: number; from_id: number; owner_id: number; date: number; text: string }>
  wall_reply_new: VkEvent<{ id: number; from_id: number; post_id: number; date: number; text: string }>
  group_join: VkEvent<{ user_id: number; join_type: string }>
  group_leave: VkEvent<{ user_id: number; self: 0 | 1 }>
  [event: string]: VkEvent<any>
}

/** `secret` is there as well, hidden. */
export interface VkEvent<Item> {
  type: string
  event_id: string
  group_id: number
  v: string
  object: Item
}

export interface VkMessage {
  id: number
  date: number
  peer_id: number
  from_id: number
  text: string
  payload?: string
}
