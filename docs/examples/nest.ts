import 'reflect-metadata'
import { Injectable, Module } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify'
import webhooks, { type DeliveryOf, type HandlerContext, handles, on } from 'posthorn'
import { github } from 'posthorn/receivers/github'
import { sqlite } from 'posthorn/store/sqlite'

class Deployments {
  start(ref: string): string {
    return `deployment of ${ref}`
  }
}

class DeployOnPush extends handles(on(github, 'push')) {
  readonly name = 'deploy-on-push'
  readonly #deployments: Deployments

  constructor(deployments: Deployments) {
    super()
    this.#deployments = deployments
  }

  handle({ data }: DeliveryOf<DeployOnPush['accepts']>, { log }: HandlerContext) {
    log.info({ ref: data.ref, started: this.#deployments.start(data.ref) }, 'deploying')
  }
}

class AppModule {}

// As `@Injectable()` and `@Module(…)`: Node, which runs this file as it is, knows no decorators yet.
Injectable()(Deployments)
Module({ providers: [Deployments] })(AppModule)

const app = await NestFactory.create<NestFastifyApplication>(AppModule, new FastifyAdapter({ logger: true }), {
  logger: false
})
await app.register(webhooks, {
  receivers: [github],
  handlers: [new DeployOnPush(app.get(Deployments))],
  inbox: sqlite(process.env.FILE ?? 'webhooks.db')
})
await app.listen(Number(process.env.PORT ?? 3000), '127.0.0.1')
process.once('SIGTERM', () => void app.close())
