import { Hono } from 'hono'
import { createWebhooks } from 'posthorn/fetch'
import { github } from 'posthorn/receivers/github'

const webhooks = await createWebhooks({ receivers: [github] })
webhooks.on(github, 'push', { name: 'deploy' }, ({ data }, { log }) => log.info({ ref: data.ref }, 'deploying'))

const app = new Hono()
app.get('/', context => context.text('Hello'))
app.all('/api/webhooks/incoming/*', context => webhooks.fetch(context.req.raw))

export default app
