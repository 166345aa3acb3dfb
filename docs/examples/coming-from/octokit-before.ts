import { createNodeMiddleware, Webhooks } from '@octokit/webhooks'

export function receive(label: (issue: string) => Promise<void>) {
  const webhooks = new Webhooks({ secret: process.env.GITHUB_WEBHOOK_SECRET! })

  webhooks.on('issues.opened', async ({ id, payload }) => {
    console.log('labels an issue', id)
    await label(payload.issue.title)
  })

  return createNodeMiddleware(webhooks, { path: '/api/webhooks/incoming/github' })
}
