import { createWebhooks } from 'posthorn/node'
import { github } from 'posthorn/receivers/github'

export async function receive(label: (issue: string) => Promise<void>) {
  const webhooks = await createWebhooks({ receivers: [github] })

  webhooks.on(github, 'issues.opened', { name: 'label' }, async ({ data }, { log }) => {
    log.info('labels an issue')
    await label(data.issue.title)
  })

  return webhooks.listener
}
