import express from 'express'
import { createWebhooks } from 'posthorn/express'
import { stripe } from 'posthorn/receivers/stripe'

export async function receive(ship: (invoice: string) => Promise<void>) {
  const webhooks = await createWebhooks({ receivers: [stripe], prefix: '/webhooks' })
  const app = express()

  app.use(webhooks.middleware)

  webhooks.on(stripe, 'invoice.paid', { name: 'ship' }, ({ data }) => ship(data.data.object.id))

  return app
}
