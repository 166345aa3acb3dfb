import express from 'express'
import { createWebhooks } from 'posthorn/express'
import { type DeliveryOf, type HandlerContext, handles, on } from 'posthorn/kit'
import { github } from 'posthorn/receivers/github'
import { sqlite } from 'posthorn/store/sqlite'

class DeployOnPush extends handles(on(github, 'push')) {
  readonly name = 'deploy-on-push'
  handle({ data, account }: DeliveryOf<DeployOnPush['accepts']>, { log }: HandlerContext) {
    log.info({ account, ref: data.ref, commit: data.after }, 'deploying')
  }
}

const webhooks = await createWebhooks({
  receivers: [github],
  handlers: [new DeployOnPush()],
  inbox: sqlite(process.env.FILE ?? 'webhooks.db')
})

const app = express()
app.use(webhooks.middleware) // before every body parser
app.use(express.json())
app.post('/orders', (request, response) => void response.json(request.body))

await webhooks.ready()
const server = app.listen(Number(process.env.PORT ?? 3000))
process.once('SIGTERM', () => {
  server.close()
  void webhooks.close()
})
