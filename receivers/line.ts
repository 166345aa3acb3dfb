import { date, hmac, type Receiver, text } from '../src/kit.ts'

/**
 * The Messaging API of LINE. Signs the body with the channel secret. A request is a batch: one delivery per event, whose
 * id a redelivery repeats. The *Verify* button of the console sends a batch of none.
 */
export const line: Receiver<'line', LineEvents> = {
  name: 'line',
  docs: 'https://developers.line.biz/en/docs/messaging-api/receiving-messages/',
  scheme: hmac({ header: 'x-line-signature', hash: 'sha256', encoding: 'base64' }),
  describe({ body: { destination, events } }) {
    if (!Array.isArray(events)) return { event: undefined }
    return events.map(item => ({
      event: text(item?.type),
      id: text(item?.webhookEventId),
      occurredAt: date(item?.timestamp, 'milliseconds'),
      subject: text(item?.source?.groupId) ?? text(item?.source?.roomId) ?? text(item?.source?.userId),
      account: text(destination),
      data: item
    }))
  }
}

export interface LineEvents {
  message: LineEvent<LineReply & { message: LineMessage }>
  unsend: LineEvent<{ unsend: { messageId: string } }>
  follow: LineEvent<{ replyToken: string; follow: { isUnblocked: boolean } }>
  unfollow: LineEvent
  join: LineEvent<{ replyToken: string }>
  leave: LineEvent
  memberJoined: LineEvent<{ replyToken: string; joined: { members: { type: 'user'; userId: string }[] } }>
  memberLeft: LineEvent<{ left: { members: { type: 'user'; userId: string }[] } }>
  postback: LineEvent<LineReply & { postback: { data: string; params?: Record<string, string> } }>
  accountLink: LineEvent<LineReply & { link: { result: 'ok' | 'failed'; nonce: string } }>
  [type: string]: LineEvent<any>
}

export type LineEvent<More = object> = {
  type: string
  /** Milliseconds since 1970. */
  timestamp: number
  source?: LineSource
  /** `standby`: another module of the channel answers. */
  mode: 'active' | 'standby'
  webhookEventId: string
  deliveryContext: { isRedelivery: boolean }
} & More

export type LineSource =
  | { type: 'user'; userId?: string }
  | { type: 'group'; groupId: string; userId?: string }
  | { type: 'room'; roomId: string; userId?: string }

export interface LineReply {
  /** Answers once, within a minute. */
  replyToken?: string
}

export type LineMessage =
  | { type: 'text'; id: string; text: string; quoteToken: string; quotedMessageId?: string }
  | { type: 'image' | 'video' | 'audio'; id: string; contentProvider: { type: 'line' | 'external' }; duration?: number }
  | { type: 'file'; id: string; fileName: string; fileSize: number }
  | { type: 'location'; id: string; title?: string; address?: string; latitude: number; longitude: number }
  | { type: 'sticker'; id: string; packageId: string; stickerId: string }

/**
 * LINE reads nothing of an answer but its status. What a user is told goes to `/v2/bot/message/reply` of its API, within
 * about a minute, at most five messages.
 */
export interface LineAnswer {
  replyToken: string
  messages: { type: string; text?: string; [property: string]: unknown }[]
}
