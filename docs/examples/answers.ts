import type { FastifyInstance } from 'fastify'
import webhooks from 'posthorn'
import { type CloudpaymentsAnswer, cloudpayments } from 'posthorn/receivers/cloudpayments'
import { type LineAnswer, line } from 'posthorn/receivers/line'
import { type TelegramAnswer, telegram } from 'posthorn/receivers/telegram'
import { vk } from 'posthorn/receivers/vk'

export interface Shop {
  awaits(invoice: string): Promise<boolean>
  /** POST to https://api.line.me/v2/bot/message/reply, with the channel's access token. */
  tellOnLine(answer: LineAnswer): Promise<void>
  note(text: string): Promise<void>
}

export async function answerProviders(app: FastifyInstance, shop: Shop) {
  await app.register(webhooks, { receivers: [telegram, cloudpayments, line, vk] })

  // Telegram takes a call of its API as the answer.
  app.webhooks.on(telegram, 'message', { name: 'greet', inline: true }, ({ data }, { reply }) => {
    const answer: TelegramAnswer = { method: 'sendMessage', chat_id: data.message.chat.id, text: 'Posthorn heard you.' }
    reply({ status: 200, body: answer })
  })

  // CloudPayments asks before it takes the money.
  app.webhooks.on(cloudpayments, 'check', { name: 'check', inline: true }, async ({ subject }, { reply }) => {
    const answer: CloudpaymentsAnswer = { code: (await shop.awaits(subject ?? '')) ? 0 : 10 }
    reply({ status: 200, body: answer })
  })

  // LINE reads only the status; the token in the event lets us answer by its API, soon.
  app.webhooks.on(line, 'message', { name: 'answer' }, async ({ data }) => {
    if (data.replyToken === undefined) return
    await shop.tellOnLine({ replyToken: data.replyToken, messages: [{ type: 'text', text: 'Posthorn heard you.' }] })
  })

  // VK wants to hear `ok`, which the receiver says: a handler replies nothing.
  app.webhooks.on(vk, 'message_new', { name: 'note' }, ({ data }) => shop.note(data.object.message.text))
}
