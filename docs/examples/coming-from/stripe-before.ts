import express from 'express'
import Stripe from 'stripe'

export function receive(ship: (invoice: string) => Promise<void>) {
  const stripe = new Stripe(process.env.STRIPE_KEY!)
  const app = express()

  app.post('/webhooks/stripe', express.raw({ type: 'application/json' }), async (request, response) => {
    let event: Stripe.Event
    try {
      const signature = request.headers['stripe-signature']!
      event = stripe.webhooks.constructEvent(request.body, signature, process.env.STRIPE_WEBHOOK_SECRET!)
    } catch {
      response.sendStatus(400)
      return
    }
    if (event.type === 'invoice.paid') await ship(event.data.object.id!)
    response.sendStatus(200)
  })

  return app
}
