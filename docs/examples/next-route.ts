// app/api/webhooks/incoming/[...path]/route.ts
import { createWebhooks, type FetchWebhooks } from 'posthorn/fetch'
import { github } from 'posthorn/receivers/github'

let webhooks: Promise<FetchWebhooks> | undefined

/** With the first request, since Next loads this file when it builds too, where there are no secrets. */
async function create(): Promise<FetchWebhooks> {
  const created = await createWebhooks({ receivers: [github] })
  created.on(github, 'push', { name: 'deploy' }, ({ data }, { log }) => log.info({ ref: data.ref }, 'deploying'))
  return created
}

async function receive(request: Request): Promise<Response> {
  webhooks ??= create()
  return (await webhooks).fetch(request)
}

export { receive as GET, receive as HEAD, receive as OPTIONS, receive as POST }
