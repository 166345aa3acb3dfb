import type { FastifyInstance } from 'fastify'
import webhooks from 'posthorn'
import { github } from 'posthorn/receivers/github'
import { meta } from 'posthorn/receivers/meta'

/** An object, by receiver and id. */
export async function fromTable(app: FastifyInstance, secrets: { current: string; previous: string; token: string }) {
  const { current, previous, token } = secrets
  await app.register(webhooks, {
    receivers: [github, meta],
    credentials: {
      github: { '': { secrets: [current, previous] } },
      meta: { acme: { secrets: [current], settings: { 'verify-token': token } } }
    }
  })
}

export interface Tenants {
  find(receiver: string, id: string): Promise<{ secret: string; verifyToken: string } | undefined>
}

/** A function, for a vault or a table of many tenants. */
export async function fromTenants(app: FastifyInstance, tenants: Tenants) {
  await app.register(webhooks, {
    receivers: [github, meta],
    credentials: async (receiver, instance) => {
      const tenant = await tenants.find(receiver, instance)
      return tenant && { secrets: [tenant.secret], settings: { 'verify-token': tenant.verifyToken } }
    }
  })
}
