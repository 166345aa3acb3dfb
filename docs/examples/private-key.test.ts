import assert from 'node:assert/strict'
import { test } from 'node:test'
import Fastify from 'fastify'
import webhooks from 'posthorn'
import { discord } from 'posthorn/receivers/discord'
import { testCredentials } from 'posthorn/testing'

test('a request that Discord alone could sign', async () => {
  const app = Fastify()
  const credentials = { discord: { '': testCredentials(discord) } }
  await app.register(webhooks, { receivers: [discord], credentials })
  const { status } = await app.webhooks.inject(discord, 'APPLICATION_AUTHORIZED')
  assert.equal(status, 204)
})
