import assert from 'node:assert/strict'
import { test } from 'node:test'
import Fastify from 'fastify'
import { discord } from '../../receivers/discord.ts'
import { github } from '../../receivers/github.ts'
import { mailchimp } from '../../receivers/mailchimp.ts'
import { twilio } from '../../receivers/twilio.ts'
import webhooks from '../../src/plugin.ts'
import type { AnyReceiver } from '../../src/receiver.ts'
import { testCredentials } from '../../src/testing/signed-request.ts'
import { appWith, env, SECRET } from './app.ts'

test('inject signs a sample and sends it through the whole server', async () => {
  const { app, arrived } = await appWith()
  const answer = await app.webhooks.inject(github, 'push')
  assert.deepEqual([answer.status, answer.body], [200, ''])
  assert.deepEqual([arrived[0]!.event, arrived[0]!.instance], ['push', ''])
})

test('inject takes data, an instance and headers', async () => {
  const { app, arrived } = await appWith()
  const data = { ref: 'refs/heads/main', repository: { full_name: 'octo/hello' } } as any
  const { status } = await app.webhooks.inject(github, 'push', data, {
    instance: 'acme',
    headers: { 'x-github-delivery': 'd-7' }
  })
  const [delivery] = arrived
  assert.deepEqual([status, delivery!.instance, delivery!.id, delivery!.data], [200, 'acme', 'd-7', data])
})

test('inject resolves to the answer that a provider would get, whatever the handler does', async () => {
  const { app } = await appWith()
  app.webhooks.on(github, 'push', { name: 'fails' }, () => {
    throw new Error('it is broken')
  })
  assert.equal((await app.webhooks.inject(github, 'push')).status, 500)
})

test('inject puts a secret into the query where it travels there, and signs the public URL', async () => {
  const { app, arrived } = await appWith({
    receivers: [mailchimp, twilio] as readonly AnyReceiver[],
    env: { WEBHOOKS_MAILCHIMP_SECRET: env.WEBHOOKS_MAILCHIMP_SECRET, WEBHOOKS_TWILIO_SECRET: SECRET.repeat(2) },
    publicUrl: 'https://api.example.com/behind-a-proxy'
  })
  assert.equal((await app.webhooks.inject(mailchimp, 'subscribe')).status, 200)
  assert.equal((await app.webhooks.inject(twilio, 'message.received')).status, 200)
  assert.deepEqual(
    arrived.map(({ receiver }) => receiver),
    ['mailchimp', 'twilio']
  )
})

test('inject knows the prefix, and that of the scope around it', async () => {
  const app = Fastify()
  await app.register(
    async scope => {
      await scope.register(webhooks, { env, receivers: [github], prefix: '/hooks' })
      scope.get('/try', async () => scope.webhooks.inject(github, 'push'))
    },
    { prefix: '/v1' }
  )
  const { status } = (await app.inject('/v1/try')).json()
  assert.equal(status, 200)
})

test('where the provider signs with a private key, the one for tests must be configured', async () => {
  const key = '1'.repeat(64)
  const { app } = await appWith({ receivers: [discord], env: { WEBHOOKS_DISCORD_SECRET: key } })
  await assert.rejects(
    app.webhooks.inject(discord, 'APPLICATION_AUTHORIZED'),
    /configure the instance with testCredentials/
  )
  const credentials = { discord: { '': testCredentials(discord) } }
  const { app: able, arrived } = await appWith({ receivers: [discord], env: {}, credentials })
  await able.webhooks.inject(discord, 'APPLICATION_AUTHORIZED')
  assert.equal(arrived[0]!.event, 'APPLICATION_AUTHORIZED')
})

test('an instance that is not there is an error', async () => {
  const { app } = await appWith()
  await assert.rejects(app.webhooks.inject(github, 'push', undefined, { instance: 'nobody' }), /no such instance/)
})
