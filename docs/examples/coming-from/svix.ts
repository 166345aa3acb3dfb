import express from 'express'
import { createWebhooks } from 'posthorn/express'
import { svix } from 'posthorn/receivers/svix'

export async function receive(greet: (user: string) => Promise<void>) {
  const webhooks = await createWebhooks({ receivers: [svix], prefix: '/webhooks' })
  const app = express()

  app.use(webhooks.middleware)

  webhooks.on(svix, 'user.created', { name: 'greet' }, ({ data }) => greet(data.data.id))

  return app
}
