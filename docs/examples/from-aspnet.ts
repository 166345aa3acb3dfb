import type { FastifyInstance } from 'fastify'
import webhooks, { type DeliveryOf, type HandlerContext, handles, is, on } from 'posthorn'
import { query, token } from 'posthorn/kit'
import { azureDevops } from 'posthorn/receivers/azure-devops'
import { github } from 'posthorn/receivers/github'

/** What is registered under the old name, with a code in the URL, can stay: …/incoming/vsts?code=… */
export const vsts = { ...azureDevops, name: 'vsts' as const, scheme: token(query('code')) }

export class Announce extends handles(on(github, 'issues.*'), on(vsts, 'build.complete')) {
  readonly name = 'announce'
  override readonly order = 20
  readonly #say: (text: string) => Promise<void>

  constructor(say: (text: string) => Promise<void>) {
    super()
    this.#say = say
  }

  async handle(delivery: DeliveryOf<Announce['accepts']>, { reply, stop }: HandlerContext) {
    // What the route's {id} was.
    if (delivery.instance === 'playground') return stop('only a trial')
    const what = is(delivery, vsts, 'build.complete') ? delivery.data.resource.buildNumber : delivery.event
    await this.#say(`${delivery.receiver}: ${what}`)
    reply({ status: 202 })
  }
}

export async function receiveWebhooks(app: FastifyInstance, say: (text: string) => Promise<void>) {
  await app.register(webhooks, { receivers: [github, vsts], handlers: [new Announce(say)] })
}
