/** What the page for people from other packages shows side by side does the same. */
import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import { after, describe, test } from 'node:test'
import { github } from '../receivers/github.ts'
import { slack } from '../receivers/slack.ts'
import { stripe } from '../receivers/stripe.ts'
import { svix } from '../receivers/svix.ts'
import type { AnyReceiver } from '../src/receiver.ts'
import { listening, send } from './http/hosts.ts'

const secret = `whsec_${Buffer.alloc(24, 'a secret for the tests').toString('base64')}`
const saved = { ...process.env }
Object.assign(process.env, {
  ...{
    GITHUB_WEBHOOK_SECRET: secret,
    STRIPE_WEBHOOK_SECRET: secret,
    SLACK_SIGNING_SECRET: secret,
    SVIX_SECRET: secret
  },
  ...{ STRIPE_KEY: 'sk_test_of_no_use', SLACK_BOT_TOKEN: 'xoxb-of-no-use' }
})
const ends: (() => Promise<void>)[] = []
after(async () => {
  process.env = saved
  for (const end of ends) await end()
})

interface Pair {
  readonly name: string
  readonly receiver: AnyReceiver
  /** Before and after. */
  readonly paths: readonly [string, string]
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** What reached the callback. */
  readonly told: string
  readonly gives?: string
}

const json = { 'content-type': 'application/json' }
const pairs: readonly Pair[] = [
  {
    name: 'octokit',
    receiver: github,
    paths: ['/api/webhooks/incoming/github', '/api/webhooks/incoming/github'],
    headers: { ...json, 'x-github-event': 'issues', 'x-github-delivery': '1' },
    body: JSON.stringify({ action: 'opened', issue: { title: 'Hello' }, repository: { full_name: 'octo/hello' } }),
    told: 'Hello'
  },
  {
    name: 'stripe',
    receiver: stripe,
    paths: ['/webhooks/stripe', '/webhooks/stripe'],
    headers: json,
    body: JSON.stringify({ id: 'evt_1', object: 'event', type: 'invoice.paid', data: { object: { id: 'in_1' } } }),
    told: 'in_1'
  },
  {
    name: 'bolt',
    receiver: slack,
    paths: ['/slack/events', '/api/webhooks/incoming/slack'],
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: 'command=%2Fweather&text=Rome&trigger_id=1&team_id=T1&channel_id=C1&user_id=U1',
    told: 'Rome',
    gives: 'Sunny.'
  },
  {
    name: 'svix',
    receiver: svix,
    paths: ['/webhooks/svix', '/webhooks/svix'],
    headers: { ...json, 'svix-id': 'msg_1' },
    body: JSON.stringify({ type: 'user.created', data: { id: 'user_1' } }),
    told: 'user_1'
  }
]

for (const { name, receiver, paths, headers, body, told, gives } of pairs) {
  describe(name, () => {
    for (const [index, side] of [`${name}-before`, name].entries()) {
      test(`${side}: takes what is signed, and nothing else`, async () => {
        const heard: string[] = []
        const variable = `WEBHOOKS_${receiver.name.toUpperCase()}_SECRET`
        process.env[variable] = secret
        const { receive } = await import(`../docs/examples/coming-from/${side}.ts`)
        const listener: RequestListener = await receive(async (text: string) => {
          heard.push(text)
          return gives
        })
        delete process.env[variable]
        const { port, close } = await listening(createServer(listener))
        ends.push(close)
        const unsigned = { method: 'POST', url: paths[index]!, headers, body: Buffer.from(body) }
        const signed = await receiver.scheme.sign!(unsigned, secret, new Date())
        const sent = { ...unsigned, headers: signed.headers as Record<string, string>, payload: body }
        const answer = await send(port, sent)
        assert.ok(answer.status >= 200 && answer.status < 300, String(answer.status))
        assert.deepEqual(heard, [told])
        if (gives !== undefined) assert.deepEqual(JSON.parse(answer.body), { response_type: 'in_channel', text: gives })

        const forged = await send(port, { ...sent, payload: `${body} ` })
        assert.ok(forged.status >= 400 && forged.status < 500, String(forged.status))
        assert.equal(heard.length, 1)
      })
    }
  })
}

test('the page shows both sides of each, and its links lead somewhere', () => {
  const url = new URL('../docs/coming-from.md', import.meta.url)
  const page = readFileSync(url, 'utf8')
  const shown = [...page.matchAll(/^```ts file=docs\/examples\/coming-from\/(\S+)\.ts$/gm)].map(match => match[1])
  assert.deepEqual(
    shown,
    pairs.flatMap(({ name }) => [`${name}-before`, name])
  )
  for (const [, target] of page.matchAll(/\]\((?!https?:|#)([^)#]+)/g))
    assert.ok(existsSync(new URL(target!, url)), target)
})
