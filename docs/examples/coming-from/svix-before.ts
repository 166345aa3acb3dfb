import express from 'express'
import { Webhook } from 'svix'

export function receive(greet: (user: string) => Promise<void>) {
  const webhook = new Webhook(process.env.SVIX_SECRET!)
  const app = express()

  app.post('/webhooks/svix', express.raw({ type: 'application/json' }), async (request, response) => {
    try {
      webhook.verify(request.body, request.headers as Record<string, string>)
    } catch {
      response.sendStatus(400)
      return
    }
    const event = JSON.parse(request.body)
    if (event.type === 'user.created') await greet(event.data.id)
    response.sendStatus(204)
  })

  return app
}
