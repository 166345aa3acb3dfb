import type { FastifyInstance } from 'fastify'
import webhooks, { type DeliveryOf, type HandlerContext, handles, on } from 'posthorn'
import { genericForm } from 'posthorn/receivers/generic-form'
import { genericJson } from 'posthorn/receivers/generic-json'

export interface Leads {
  add(source: string, lead: object, id: string | undefined): Promise<void>
}

/** One class for all senders: the instance, the last part of the URL, says which one it was. */
export class KeepLeads extends handles(on(genericForm, 'lead'), on(genericJson, 'lead')) {
  readonly name = 'keep-leads'
  readonly #leads: Leads

  constructor(leads: Leads) {
    super()
    this.#leads = leads
  }

  async handle({ instance, data, id }: DeliveryOf<KeepLeads['accepts']>, { log }: HandlerContext) {
    // Tilda tries the URL with this when it is entered.
    if (data.test === 'test') return
    await this.#leads.add(instance, data, id)
    log.info('lead kept')
  }
}

export async function receiveLeads(app: FastifyInstance, leads: Leads) {
  await app.register(webhooks, { receivers: [genericForm, genericJson], handlers: [new KeepLeads(leads)] })
}
