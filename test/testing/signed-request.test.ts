import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { discord } from '../../receivers/discord.ts'
import { github } from '../../receivers/github.ts'
import { mailgun } from '../../receivers/mailgun.ts'
import { plaid } from '../../receivers/plaid.ts'
import { pusher } from '../../receivers/pusher.ts'
import { salesforce } from '../../receivers/salesforce.ts'
import { slack } from '../../receivers/slack.ts'
import { stripe } from '../../receivers/stripe.ts'
import { hmac, type Receiver, text } from '../../src/kit.ts'
import type { AnyReceiver, Credentials, Delivery, WebhookRequest } from '../../src/receiver.ts'
import { samplesOf } from '../../src/testing/samples.ts'
import { signedForInstance, signedRequest, testCredentials } from '../../src/testing/signed-request.ts'
import { deliveriesOf, NOW, sampled } from './instance.ts'

const SECRET = 'a-secret-for-the-tests'
async function deliveryOf(
  receiver: AnyReceiver,
  request: WebhookRequest,
  credentials: Partial<Credentials> = { secrets: [SECRET] }
): Promise<Delivery> {
  return (await deliveriesOf(receiver, request, credentials))[0]!
}

describe('every receiver’s samples', async () => {
  for (const { receiver, events, credentials } of await sampled()) {
    test(`${receiver.name}: prove themselves, and are new each time`, async () => {
      assert.ok(events.length > 0)
      for (const { event } of events) {
        const sign = () => signedForInstance(receiver, event, undefined, { credentials, now: NOW })
        const [one, other] = [await sign(), await sign()]
        const [first, second] = [
          await deliveryOf(receiver, one, credentials),
          await deliveryOf(receiver, other, credentials)
        ]
        assert.equal(first.event, event)
        if (first.id !== undefined) assert.notEqual(first.id, second.id, `${event}: ${first.id}`)
        if (first.occurredAt !== undefined)
          assert.ok(
            Math.abs(first.occurredAt.getTime() - NOW.getTime()) < 1000,
            `${event}: ${first.occurredAt.toISOString()}`
          )
      }
    })
  }
})

describe('signedRequest', () => {
  test('gives a sample, signed with the secret, at the time', async () => {
    const request = await signedRequest(stripe, 'invoice.paid', undefined, { secret: SECRET, now: NOW })
    const delivery = await deliveryOf(stripe, request)
    assert.deepEqual([delivery.event, delivery.occurredAt], ['invoice.paid', NOW])
    assert.match(request.headers['stripe-signature'] as string, /^t=1935817689,v1=/)
  })

  test('takes a payload, and sends it as it is', async () => {
    const data = { ref: 'refs/heads/main', after: 'abc', repository: { full_name: 'octo/hello' } } as any
    const request = await signedRequest(github, 'push', data, { secret: SECRET })
    assert.equal(Buffer.from(request.body).toString(), JSON.stringify(data))
    assert.equal((await deliveryOf(github, request)).subject, 'octo/hello')
  })

  test('takes an exact body', async () => {
    const body = '{ "ref": "refs/heads/main" ,"repository":{"full_name":"octo/hello"}}\n'
    const request = await signedRequest(github, 'push', body, { secret: SECRET })
    assert.equal(Buffer.from(request.body).toString(), body)
    await deliveryOf(github, request)
  })

  test('puts the payload of one event of a batch into its place', async () => {
    const data = { name: 'channel_vacated', channel: 'my-room' } as const
    const secret = 'app-key-of-20-digits:and-a-secret-of-twenty-more'
    const request = await signedRequest(pusher, 'channel_vacated', data, { secret })
    const delivery = await deliveryOf(pusher, request, { secrets: [secret] })
    assert.deepEqual([delivery.subject, delivery.data], ['my-room', data])
  })

  test('takes a form’s fields', async () => {
    const { events } = await samplesOf('slack')
    const command = events.find(({ event }) => event.startsWith('/'))!.event as `/${string}`
    const data = { command, text: 'now & then', team_id: 'T1', channel_id: 'C1' } as any
    const delivery = await deliveryOf(slack, await signedRequest(slack, command, data, { secret: SECRET, now: NOW }))
    assert.deepEqual([delivery.event, delivery.data.text, delivery.account], [command, 'now & then', 'T1'])
  })

  test('writes a proof into the body where it stands there', async () => {
    const { events } = await samplesOf('mailgun')
    const request = await signedRequest(mailgun, events[0]!.event, undefined, { secret: SECRET, now: NOW })
    await deliveryOf(mailgun, request)
  })

  test('finds the headers of an event that has no sample in those of another', async () => {
    const data = { action: 'created', deployment: { id: 7 }, repository: { full_name: 'octo/hello' } } as any
    const request = await signedRequest(github, 'deployment.created' as any, data, { secret: SECRET })
    assert.equal(request.headers['x-github-event'], 'deployment')
    const delivery = await deliveryOf(github, request)
    assert.equal(delivery.event, 'deployment.created')
    const again = await signedRequest(github, 'deployment.created' as any, data, { secret: SECRET })
    assert.notEqual((await deliveryOf(github, again)).id, delivery.id)
  })

  test('signs for a receiver of your own, from data alone', async () => {
    const acme: Receiver<'acme', { 'order.paid': { id: string; type: string } }> = {
      name: 'acme',
      docs: 'https://acme.example/docs',
      scheme: hmac({ header: 'x-acme', hash: 'sha256', encoding: 'hex' }),
      describe: ({ body }) => ({ event: text(body.type), id: text(body.id) })
    }
    const data = { id: 'evt_1', type: 'order.paid' }
    const delivery = await deliveryOf(acme, await signedRequest(acme, 'order.paid', data, { secret: SECRET }))
    assert.deepEqual([delivery.event, delivery.id], ['order.paid', 'evt_1'])
  })

  test('signs with the key for tests where the provider has a private one', async () => {
    const { events } = await samplesOf('discord')
    const request = await signedRequest(discord, events[0]!.event, undefined, { now: NOW })
    await deliveryOf(discord, request, testCredentials(discord))
  })

  const refusals: [what: string, ask: () => Promise<unknown>, says: RegExp][] = [
    [
      'an event without sample or data',
      () => signedRequest(github, 'fork' as any, undefined, { secret: SECRET }),
      /github for the event fork: there is no sample of it, only of push, .*; give its data/
    ],
    [
      'data that is another event',
      () => signedRequest(github, 'issues.opened', '{"action":"closed"}', { secret: SECRET }),
      /its data says issues\.closed/
    ],
    [
      'data that is no event',
      () => signedRequest(stripe, 'invoice.paid', '{}', { secret: SECRET }),
      /no event of the receiver/
    ],
    ['no secret', () => signedRequest(github, 'push'), /no secret to sign with/],
    [
      'a part of an XML body',
      async () => {
        const [sample] = (await samplesOf('salesforce')).events
        return signedRequest(salesforce, sample!.event, { Id: 'x' } as any, { secret: '00D000000000001' })
      },
      /give the whole body as text/
    ]
  ]
  for (const [what, ask, says] of refusals)
    test(`refuses ${what}`, () =>
      assert.rejects(ask(), (error: any) => says.test(error.message) && error.code === 'WEBHOOKS_INVALID_SAMPLE'))

  test('never says the secret', async () => {
    const error = await signedRequest(salesforce, 'nothing' as any, '<a/>', { secret: 'very-secret' }).catch(
      error => error
    )
    assert.ok(error instanceof Error && !error.message.includes('very-secret'))
  })

  test('never says the key, though a parser would quote it', async () => {
    const error = await signedRequest(plaid, 'TRANSACTIONS.SYNC_UPDATES_AVAILABLE', undefined, {
      secret: 'very-secret'
    })
      .then(() => undefined)
      .catch(error => error)
    assert.match(error.message, /its key is not in the form that can sign/)
    assert.ok(!error.message.includes('very'))
  })

  test('a name that is no file’s has no samples', async () => {
    for (const name of ['../samples/github', 'nobody', 'GitHub', ''])
      assert.deepEqual((await samplesOf(name)).events, [])
  })
})
