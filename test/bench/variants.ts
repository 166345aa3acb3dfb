import { createHmac, timingSafeEqual } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import { createNodeMiddleware, Webhooks } from '@octokit/webhooks'
import { verify } from '@octokit/webhooks-methods'
import bolt from '@slack/bolt'
import express from 'express'
import Fastify from 'fastify'
import { Webhook } from 'standardwebhooks'
import Stripe from 'stripe'
import { github } from '../../receivers/github.ts'
import { slack } from '../../receivers/slack.ts'
import { stripe } from '../../receivers/stripe.ts'
import { FunctionHandler } from '../../src/handler.ts'
import { on, type Receiver } from '../../src/kit.ts'
import webhooks from '../../src/plugin.ts'
import type { AnyReceiver } from '../../src/receiver.ts'
import { type PayloadName, payloads, SECRET, STANDARD_SECRET } from './payloads.ts'
import { standard } from './standard.ts'

/** Called by every server for every request that it has proved and parsed. */
export type Handle = (event: unknown, subject: unknown, account: unknown) => void

export interface Variant {
  readonly payload: PayloadName
  start(handle: Handle): Promise<Server>
}

const paths = Object.fromEntries(Object.entries(payloads()).map(([name, { path }]) => [name, path])) as Record<
  PayloadName,
  string
>

/** Everything it says of a delivery stands in headers; the body is never parsed. */
const headersOnly: Receiver<'github'> = {
  ...github,
  handshakes: [],
  describe: ({ headers }) => ({ event: headers['x-github-event'], subject: 'octo/hello', account: 'octo' })
}

/** As ours, but with the verdict of the official package, which is less strict. */
const byOctokit: Receiver<'github'> = {
  ...github,
  scheme: {
    ...github.scheme,
    async verify({ headers, body }, { secrets }) {
      const isRight = await verify(secrets[0]!, Buffer.from(body).toString(), String(headers['x-hub-signature-256']))
      return isRight ? { ok: true, secret: 0 } : { ok: false, reason: 'signature-mismatch' }
    }
  }
}
const byStripe: Receiver<'stripe'> = {
  ...stripe,
  scheme: {
    ...stripe.scheme,
    async verify({ headers, body }, { secrets }) {
      const [payload, header] = [Buffer.from(body).toString(), String(headers['stripe-signature'])]
      await Stripe.webhooks.signature!.verifyHeaderAsync(payload, header, secrets[0]!, 300)
      return { ok: true, secret: 0 }
    }
  }
}

export const variants: Record<string, Variant> = {
  'posthorn github': posthorn('github', github),
  'node:http github': { payload: 'github', start: handle => listen(createServer(bare(provenGithub, handle))) },
  'fastify github': { payload: 'github', start: handle => handWritten('github', provenGithub, handle) },
  '@octokit/webhooks': { payload: 'github', start: octokit },
  'posthorn github by octokit': posthorn('github', byOctokit),
  'posthorn headers only': posthorn('github', headersOnly),

  'posthorn stripe': posthorn('stripe', stripe),
  'node:http stripe': { payload: 'stripe', start: handle => listen(createServer(bare(provenStripe, handle))) },
  'fastify stripe': { payload: 'stripe', start: handle => handWritten('stripe', provenStripe, handle) },
  'posthorn stripe by stripe': posthorn('stripe', byStripe),
  'express stripe': { payload: 'stripe', start: expressStripe },

  'posthorn standard': posthorn('standard', standard),
  'express standardwebhooks': { payload: 'standard', start: expressStandard },

  'posthorn slack': posthorn('slack', slack),
  '@slack/bolt': { payload: 'slack', start: slackBolt }
}

function posthorn(payload: PayloadName, receiver: AnyReceiver): Variant {
  return {
    payload,
    async start(handle) {
      const app = Fastify()
      const secret = payload === 'standard' ? STANDARD_SECRET : SECRET
      const env = { [`WEBHOOKS_${receiver.name.toUpperCase()}_SECRET`]: secret }
      const handler = new FunctionHandler(on('**'), { name: 'bench' }, ({ event, subject, account }) =>
        handle(event, subject, account)
      )
      await app.register(webhooks, { env, receivers: [receiver], handlers: [handler] })
      await app.listen({ port: 0, host: '127.0.0.1' })
      return app.server
    }
  }
}

type Proven = (
  headers: Record<string, string | string[] | undefined>,
  body: Buffer
) => [unknown, unknown, unknown] | undefined

function provenGithub(headers: Parameters<Proven>[0], body: Buffer): ReturnType<Proven> {
  if (!equal(headers['x-hub-signature-256'], `sha256=${createHmac('sha256', SECRET).update(body).digest('hex')}`))
    return undefined
  const data = JSON.parse(body.toString())
  return [headers['x-github-event'], data.repository.full_name, data.repository.owner.login]
}

function provenStripe(headers: Parameters<Proven>[0], body: Buffer): ReturnType<Proven> {
  const [, time = '', signature] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(headers['stripe-signature'])) ?? []
  if (Math.abs(Date.now() / 1000 - Number(time)) > 300) return undefined
  if (!equal(signature, createHmac('sha256', SECRET).update(`${time}.`).update(body).digest('hex'))) return undefined
  const data = JSON.parse(body.toString())
  return [data.type, data.data.object.id, data.account]
}

function equal(given: unknown, expected: string): boolean {
  return (
    typeof given === 'string' &&
    given.length === expected.length &&
    timingSafeEqual(Buffer.from(given), Buffer.from(expected))
  )
}

function bare(prove: Proven, handle: Handle): Parameters<typeof createServer>[1] & object {
  return (request, response) => {
    const chunks: Buffer[] = []
    request.on('data', chunk => chunks.push(chunk))
    request.on('end', () => {
      const proven = prove(request.headers, Buffer.concat(chunks))
      if (proven) handle(...proven)
      response.writeHead(proven ? 200 : 401, { 'content-length': 0 }).end()
    })
  }
}

async function handWritten(payload: PayloadName, prove: Proven, handle: Handle): Promise<Server> {
  const app = Fastify()
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
  app.post(paths[payload], (request, reply) => {
    const proven = prove(request.headers, request.body as Buffer)
    if (proven) handle(...proven)
    reply.code(proven ? 200 : 401).send()
  })
  await app.listen({ port: 0, host: '127.0.0.1' })
  return app.server
}

async function octokit(handle: Handle): Promise<Server> {
  const hooks = new Webhooks({ secret: SECRET })
  hooks.onAny(({ name, payload }: any) => handle(name, payload.repository.full_name, payload.repository.owner.login))
  return listen(createServer(createNodeMiddleware(hooks, { path: paths.github })))
}

async function expressStripe(handle: Handle): Promise<Server> {
  const client = new Stripe('sk_test_of_no_use')
  const app = express()
  app.post(paths.stripe, express.raw({ type: '*/*' }), (request, response) => {
    const event: any = client.webhooks.constructEvent(request.body, request.headers['stripe-signature']!, SECRET)
    handle(event.type, event.data.object.id, event.account)
    response.sendStatus(200)
  })
  return listen(createServer(app))
}

async function expressStandard(handle: Handle): Promise<Server> {
  const webhook = new Webhook(STANDARD_SECRET)
  const app = express()
  app.post(paths.standard, express.raw({ type: '*/*' }), (request, response) => {
    const event: any = webhook.verify(request.body, request.headers as Record<string, string>)
    handle(event.type, event.data.object.id, event.account)
    response.sendStatus(200)
  })
  return listen(createServer(app))
}

async function slackBolt(handle: Handle): Promise<Server> {
  const receiver = new bolt.HTTPReceiver({
    signingSecret: SECRET,
    endpoints: [paths.slack],
    logLevel: bolt.LogLevel.ERROR
  })
  const app = new bolt.App({
    receiver,
    authorize: async () => ({ botToken: 'xoxb-of-no-use', botId: 'B0', botUserId: 'U0' })
  })
  app.event('app_mention', async ({ event, body }) => handle(event.type, event.channel, body.team_id))
  return (await app.start({ port: 0, host: '127.0.0.1' })) as Server
}

function listen(server: Server): Promise<Server> {
  return new Promise(resolve => server.listen(0, '127.0.0.1', () => resolve(server)))
}
