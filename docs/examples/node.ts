import { createServer } from 'node:http'
import { createWebhooks } from 'posthorn/node'
import { github } from 'posthorn/receivers/github'

const webhooks = await createWebhooks({ receivers: [github] })
webhooks.on(github, 'push', { name: 'deploy' }, ({ data }, { log }) => log.info({ ref: data.ref }, 'deploying'))

await webhooks.ready()
const server = createServer(webhooks.listener).listen(Number(process.env.PORT ?? 3000))
process.once('SIGTERM', () => {
  server.close()
  void webhooks.close()
})
