import type { FastifyInstance } from 'fastify'
import webhooks, { type DeliveryOf, type HandlerContext, handles, is, on } from 'posthorn'
import { Log } from 'posthorn/handlers/log'
import { github } from 'posthorn/receivers/github'
import { slack } from 'posthorn/receivers/slack'
import { stripe } from 'posthorn/receivers/stripe'

/** What the handlers need comes in by their constructors: tests hand in something else. */
export interface Orders {
  markPaid(invoice: string, signal: AbortSignal): Promise<void>
  noteRefund(charge: string): Promise<void>
}

/** Several events of one receiver, by patterns or by name. */
export class KeepOrders extends handles(on(stripe, 'invoice.paid'), on(stripe, 'charge.refunded')) {
  readonly name = 'keep-orders'
  override readonly order = 20
  readonly #orders: Orders

  constructor(orders: Orders) {
    super()
    this.#orders = orders
  }

  async handle(delivery: DeliveryOf<KeepOrders['accepts']>, { log, signal }: HandlerContext) {
    if (is(delivery, stripe, 'invoice.paid')) await this.#orders.markPaid(delivery.data.data.object.id, signal)
    else await this.#orders.noteRefund(delivery.data.data.object.id)
    log.info('order kept')
  }
}

/** `stop()` ends the chain: no later handler sees a push to another branch. */
export class OnlyMain extends handles(on(github, 'push')) {
  readonly name = 'only-main'
  override readonly order = 10

  handle({ data }: DeliveryOf<OnlyMain['accepts']>, { stop }: HandlerContext) {
    if (data.ref !== 'refs/heads/main') stop('not the main branch')
  }
}

export async function receiveWebhooks(app: FastifyInstance, orders: Orders): Promise<void> {
  await app.register(webhooks, {
    receivers: [github, slack, stripe],
    handlers: [new Log(), new OnlyMain(), new KeepOrders(orders)]
  })

  // The short form. Slack shows the answer to whoever typed the command.
  app.webhooks.on(slack, '/weather', { name: 'weather' }, ({ data }, { reply }) => {
    reply({ status: 200, body: { response_type: 'in_channel', text: `Sunny in ${data.text}.` } })
  })
}
