import { date, header, type Receiver, text, token } from '../src/kit.ts'

/**
 * Sends along the `secret_token` that `setWebhook` was given; nothing is signed. The event is the name of the one field
 * beside `update_id`: `message`, `callback_query`. The answer may be a call of the API, as JSON: that is what a handler
 * replies.
 */
export const telegram: Receiver<'telegram', TelegramEvents> = {
  name: 'telegram',
  docs: 'https://core.telegram.org/bots/api#setwebhook',
  scheme: token(header('x-telegram-bot-api-secret-token'), { min: 16 }),
  describe({ body }) {
    const id = text(body.update_id)
    const event = id === undefined ? undefined : Object.keys(body).find(name => name !== 'update_id')
    const update = event === undefined ? undefined : body[event]
    return {
      event,
      id,
      occurredAt: date(update?.edit_date ?? update?.date, 'seconds'),
      subject: text(update?.chat?.id) ?? text(update?.message?.chat?.id) ?? text(update?.from?.id)
    }
  }
}

export interface TelegramEvents {
  message: TelegramUpdate & { message: TelegramMessage }
  edited_message: TelegramUpdate & { edited_message: TelegramMessage }
  channel_post: TelegramUpdate & { channel_post: TelegramMessage }
  callback_query: TelegramUpdate & {
    callback_query: { id: string; from: TelegramUser; message?: TelegramMessage; data?: string }
  }
  inline_query: TelegramUpdate & { inline_query: { id: string; from: TelegramUser; query: string; offset: string } }
  my_chat_member: TelegramUpdate & {
    my_chat_member: { chat: TelegramChat; from: TelegramUser; date: number; new_chat_member: { status: string } }
  }
  [event: string]: TelegramUpdate
}

/** What an inline handler may reply: a call of the Bot API, with its parameters. Telegram never tells its result. */
export interface TelegramAnswer {
  /** Such as `sendMessage`. */
  method: string
  [parameter: string]: unknown
}

export interface TelegramUpdate {
  update_id: number
}

export interface TelegramMessage {
  message_id: number
  date: number
  chat: TelegramChat
  from?: TelegramUser
  text?: string
  edit_date?: number
}

export interface TelegramChat {
  id: number
  type: 'private' | 'group' | 'supergroup' | 'channel'
  title?: string
  username?: string
}

export interface TelegramUser {
  id: number
  is_bot: boolean
  first_name: string
  username?: string
}
