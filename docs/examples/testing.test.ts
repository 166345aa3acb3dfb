import assert from 'node:assert/strict'
import { test } from 'node:test'
import Fastify from 'fastify'
import webhooks from 'posthorn'
import { github } from 'posthorn/receivers/github'

/** The application, as your server builds it. */
async function build() {
  const app = Fastify()
  const opened: string[] = []
  await app.register(webhooks, { receivers: [github], env: { WEBHOOKS_GITHUB_SECRET: 'any-secret-of-a-test' } })
  app.webhooks.on(github, 'issues.opened', { name: 'triage' }, ({ data }) => void opened.push(data.issue.title))
  return { app, opened }
}

test('an issue that is opened is triaged', async () => {
  const { app, opened } = await build()
  const { status } = await app.webhooks.inject(github, 'issues.opened')
  assert.equal(status, 200)
  assert.equal(opened.length, 1)
})

test('its title is kept', async () => {
  const { app, opened } = await build()
  const issue = { action: 'opened', issue: { number: 7, title: 'It burns' }, repository: { full_name: 'octo/hello' } }
  await app.webhooks.inject(github, 'issues.opened', JSON.stringify(issue))
  assert.deepEqual(opened, ['It burns'])
})
