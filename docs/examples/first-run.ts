/**
 * What `npm start` runs: a server on loopback that receives signed webhooks into an inbox, `webhooks.db`. Without secrets
 * in the environment it makes throw-away ones, prints curl lines that are signed with them, and sends itself one sample of
 * each. `DELAY=10` lets its handler wait ten seconds: time to kill it.
 */
import { randomBytes } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import Fastify from 'fastify'
import webhooks, { type Delivery, type HandlerContext, handles, on } from 'posthorn'
import { github } from 'posthorn/receivers/github'
import { slack } from 'posthorn/receivers/slack'
import { stripe } from 'posthorn/receivers/stripe'
import { sqlite } from 'posthorn/store/sqlite'

const delay = Number(process.env.DELAY ?? 0)

/** Slack shows the answer to whoever typed the command. */
class AnswerCommands extends handles(on(slack, '/*')) {
  readonly name = 'answer-commands'
  override readonly inline = true

  handle(_: Delivery, { reply }: HandlerContext) {
    reply({ status: 200, body: { text: 'Posthorn heard you.' } })
  }
}

class ShowDeliveries extends handles(on('**')) {
  readonly name = 'show-deliveries'
  override readonly order = 90

  async handle({ receiver, event, id, subject, account, attempt }: Delivery, { signal }: HandlerContext) {
    await wait(delay * 1000, undefined, { signal })
    const again = attempt > 1 ? ` (attempt ${attempt})` : ''
    console.log(`  handled   ${receiver}  ${event}${again}\n            id ${id}, about ${subject}, of ${account}`)
  }
}

/** One request of each provider, with ids of its own: what came before is a duplicate. */
const samples = (tag: string) => [
  {
    receiver: github,
    headers: { 'content-type': 'application/json', 'x-github-event': 'issues', 'x-github-delivery': tag },
    body: JSON.stringify({
      action: 'opened',
      issue: { number: 1, title: 'Hello from Posthorn', updated_at: new Date().toISOString() },
      repository: { full_name: 'octo/hello', owner: { login: 'octo' } }
    })
  },
  {
    receiver: stripe,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      id: `evt_${tag}`,
      object: 'event',
      type: 'invoice.paid',
      account: 'acct_sample',
      created: Math.floor(Date.now() / 1000),
      data: { object: { id: 'in_sample', object: 'invoice', amount_paid: 4200, currency: 'eur' } }
    })
  },
  {
    receiver: slack,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: `command=%2Fweather&text=94070&trigger_id=${tag}&channel_id=C0SAMPLE&team_id=T0SAMPLE&user_id=U0SAMPLE`
  }
]

const tag = Date.now().toString(36)
const receivers = samples(tag).map(({ receiver }) => receiver)
const env: Record<string, string | undefined> = { ...process.env }
const madeUp = receivers.map(({ name }) => name).filter(name => !Object.keys(env).some(isSecretOf(name)))
for (const name of madeUp) env[`WEBHOOKS_${name.toUpperCase()}_SECRET`] = randomBytes(24).toString('hex')

const file = process.env.FILE ?? 'webhooks.db'
const app = Fastify({ logger: { level: 'warn' }, forceCloseConnections: true })
await app.register(webhooks, {
  env,
  receivers,
  handlers: [new AnswerCommands(), new ShowDeliveries()],
  inbox: sqlite(file)
})
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void app.close())
const address = await listen(Number(process.env.PORT ?? 3000))

console.log(`\nPosthorn listens on ${address} and keeps what it receives in ${file}\n`)
for (const { receiver, instance, url } of app.webhooks.instances) {
  console.log(`  ${receiver}${instance === '' ? '' : ` (${instance})`}: ${address}${new URL(url, address).pathname}`)
}

if (madeUp.length > 0) {
  console.log(`\nNo secret in the environment for ${madeUp.join(', ')}: made throw-away ones.`)
  console.log('Send signed requests from another terminal (Stripe’s and Slack’s signatures are good for five minutes):')
  for (const { url, headers, body } of await signedSamples(`curl-${tag}`)) console.log(`\n${curl(url, headers, body)}`)
  console.log('\nSent a second time, each is a duplicate: answered, and not handled again.')

  console.log('\nThe like, sent by this program to itself:\n')
  for (const { url, headers, body } of await signedSamples(tag)) {
    const response = await fetch(url, { method: 'POST', headers, body })
    const text = await response.text()
    console.log(`  answered  ${response.status}${text && ` ${text}`}\n`)
  }
  if (delay === 0) await app.webhooks.inbox!.drain()
}
console.log('Waiting for more. Stop with Ctrl+C.')

type Sample = ReturnType<typeof samples>[number]

function signedSamples(tag: string) {
  return Promise.all(
    samples(tag)
      .filter(({ receiver }) => madeUp.includes(receiver.name))
      .map(signed)
  )
}

async function signed({ receiver, headers, body }: Sample) {
  const url = `${address}/api/webhooks/incoming/${receiver.name}`
  const key = env[`WEBHOOKS_${receiver.name.toUpperCase()}_SECRET`]!
  const request = { method: 'POST', url, headers, body: Buffer.from(body) }
  const { headers: proven } = await receiver.scheme.sign!(request, key, new Date())
  return { url, headers: proven as Record<string, string>, body }
}

function curl(url: string, headers: Record<string, string>, body: string): string {
  const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`
  const options = Object.entries(headers).map(([name, value]) => `-H ${quoted(`${name}: ${value}`)}`)
  return ['curl -i', ...options, '--data-raw', quoted(body), quoted(url)].join(' ')
}

function isSecretOf(name: string) {
  return (variable: string) => variable.startsWith(`WEBHOOKS_${name.toUpperCase()}_SECRET`)
}

/** The wished port, or a free one where another program has it. */
async function listen(port: number): Promise<string> {
  try {
    return await app.listen({ port, host: '127.0.0.1' })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
    return app.listen({ port: 0, host: '127.0.0.1' })
  }
}
