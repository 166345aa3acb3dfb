import type { FastifyInstance } from 'fastify'
import webhooks from 'posthorn'
import { stripe } from 'posthorn/receivers/stripe'
import { sqlite } from 'posthorn/store/sqlite'

export interface Shop {
  ship(order: string, options: { key: string }): Promise<{ parcel: string }>
  sendMail(order: string, parcel: string): Promise<void>
}

/** Stored before it is acknowledged, then handled in the background, invoice by invoice in order. */
export async function keepOrders(app: FastifyInstance, shop: Shop, file = 'webhooks.db') {
  await app.register(webhooks, { receivers: [stripe], inbox: sqlite(file), order: { stripe: 'subject' } })

  app.webhooks.on(stripe, 'invoice.paid', { name: 'ship' }, async ({ data, id }, { once }) => {
    const order = data.data.object.id
    // Should the mail fail, the next try does not ship a second parcel.
    const { parcel } = await once('ship', () => shop.ship(order, { key: id ?? order }))
    await shop.sendMail(order, parcel)
  })
}
