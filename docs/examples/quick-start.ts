import Fastify from 'fastify'
import webhooks, { type DeliveryOf, type HandlerContext, handles, on } from 'posthorn'
import { github } from 'posthorn/receivers/github'
import { sqlite } from 'posthorn/store/sqlite'

class DeployOnPush extends handles(on(github, 'push')) {
  readonly name = 'deploy-on-push'
  handle({ data, account }: DeliveryOf<DeployOnPush['accepts']>, { log }: HandlerContext) {
    log.info({ account, ref: data.ref, commit: data.after }, 'deploying')
  }
}

const app = Fastify({ logger: true })
await app.register(webhooks, { receivers: [github], handlers: [new DeployOnPush()], inbox: sqlite('webhooks.db') })
await app.listen({ port: Number(process.env.PORT ?? 3000) })
