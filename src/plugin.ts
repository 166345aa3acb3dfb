import type { Readable } from 'node:stream'
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { Handlers } from './chain.ts'
import { collect } from './collect.ts'
import { type Configuration, configure } from './config/config.ts'
import { CredentialsLookup } from './config/credentials.ts'
import type { InstanceCredentials } from './config/instance.ts'
import { dispatch } from './dispatch.ts'
import {
  AlreadyRegistered,
  InvalidHandler,
  MalformedBody,
  type Reason,
  StoreRefused,
  StoreUnavailable
} from './errors.ts'
import { guardedFetch } from './fetch.ts'
import { FunctionHandler } from './handler.ts'
import { assemble } from './inbox/assemble.ts'
import { headersOf, isDirectLoopback, isEncoded, pathOf } from './incoming.ts'
import type { Rejection, Webhooks, WebhooksOptions } from './options.ts'
import { methodsOf, type Outcome, plainBody, receive } from './receive.ts'
import type { AnyReceiver, Credentials, Reply, WebhookRequest } from './receiver.ts'
import { openStore } from './store/open.ts'

declare module 'fastify' {
  interface FastifyInstance {
    webhooks: Webhooks
  }
}

const METHODS = ['DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT']
const BODYLESS = ['GET', 'HEAD']
const DEFAULT_LIMIT = 1024 * 1024
const RETRY_AFTER = { 'retry-after': '30' }
const EMPTY = new Uint8Array()
/** What scanners of the internet cause all day, and what is logged where it begins and ends. */
const QUIET: readonly Reason[] = ['unknown-receiver', 'unknown-instance', 'inbox-full', 'store-unavailable']
const BODY_STATUS: Partial<Record<Reason, number>> = { 'body-too-large': 413, 'body-timeout': 408 }

type Request = FastifyRequest<{ Params: { receiver?: string; id?: string } }>

const webhooks: FastifyPluginAsync<WebhooksOptions> = async (app, options) => {
  const {
    prefix = '/api/webhooks/incoming',
    decorateAs = 'webhooks',
    requireHttps = true,
    bodyTimeout = 10_000
  } = options
  if (app.hasDecorator(decorateAs)) throw new AlreadyRegistered(decorateAs)

  // Fastify has `ips` only with `trustProxy`; then protocol and host are the proxy's word, otherwise the sender's.
  const trustProxy = app.hasRequestDecorator('ips')
  const configuration = configure(options.receivers, { ...options, env: options.env ?? process.env, trustProxy })
  const credentials = new CredentialsLookup(configuration, options.credentials)
  const fetch = options.fetch ?? guardedFetch()
  const receivers = new Map(options.receivers.map(receiver => [receiver.name, receiver]))
  const methods = new Map(options.receivers.map(receiver => [receiver, methodsOf(receiver)]))
  const handlers = new Handlers(receivers)
  for (const handler of options.handlers ?? []) handlers.add(handler)
  const closing = new AbortController()
  const instances = instancesOf(configuration, joinPaths(app.prefix, prefix))
  const store = options.inbox ?? (configuration.store === undefined ? undefined : await openStore(configuration.store))
  const stored =
    store && assemble({ ...options, store, receivers, handlers, credentials, instances, fetch, log: app.log })
  let ready = false

  app.decorate(decorateAs, {
    instances,
    inbox: stored?.inbox,
    on(receiver, pattern, handlerOptions, handle) {
      if (ready) throw new InvalidHandler(handlerOptions.name, 'the server is ready; add handlers before')
      handlers.add(new FunctionHandler({ receiver: receiver.name, pattern }, handlerOptions, handle))
    }
  } satisfies Webhooks)

  app.addHook('onReady', async () => {
    ready = true
    await stored?.open()
    await Promise.all(options.receivers.map(({ scheme }) => scheme.load?.()))
    for (const warning of configuration.warnings) app.log.warn(warning)
    for (const instance of instances) app.log.info(instance, 'webhooks are received here')
  })
  app.addHook('onListen', async () => stored?.start())
  app.addHook('preClose', async () => {
    closing.abort(new Error('The server is closing.'))
    stored?.stop()
  })
  app.addHook('onClose', async () => stored?.close())

  async function serve(request: Request, reply: FastifyReply): Promise<FastifyReply> {
    const { receiver: name = '', id: instance = '' } = request.params
    const refuse = (status: number, reason: Reason, error?: unknown): FastifyReply => {
      const rejection = { receiver: receiver?.name ?? name, instance, stage: 'request', reason, status } as const
      reject(request, rejection, error)
      // What may still come of the body is not waited for.
      if (!BODYLESS.includes(request.method)) reply.header('connection', 'close')
      return send(request, reply, status === 503 ? { status, headers: RETRY_AFTER } : { status })
    }

    const receiver = receivers.get(name.toLowerCase())
    if (receiver === undefined) return refuse(404, 'unknown-receiver')
    if (requireHttps && receiver.scheme.covers.body === false && !isConfidential(request)) {
      return refuse(403, 'https-required')
    }
    if (isEncoded(request.headers)) return refuse(415, 'content-encoding')
    if (stored?.intake.isFull) return refuse(503, 'inbox-full')

    let found: InstanceCredentials | undefined
    try {
      // Configured instances are there at once: no promise on the way of a request.
      const looked = credentials.credentialsFor(receiver, instance)
      found = looked instanceof Promise ? await looked : looked
    } catch (error) {
      return refuse(503, 'credentials-unavailable', error)
    }
    if (found === undefined) return refuse(404, 'unknown-instance')

    // A method that the receiver does not take is refused by `receive()`, whatever the body says.
    const taken = methods.get(receiver)!.includes(request.method)
    const body = taken ? await bodyOf(request, receiver.limit ?? DEFAULT_LIMIT, bodyTimeout) : EMPTY
    if (typeof body === 'string') return refuse(BODY_STATUS[body] ?? 400, body)

    const { method, ip: address } = request
    const incoming = { method, url: urlOf(request), headers: headersOf(request.raw), body, address }
    const known = { secrets: found.secrets, settings: found.settings, fetch }
    const outcome = await receive(receiver, instance, incoming, known, new Date())
    try {
      return send(request, reply, await answer(request, receiver, instance, outcome, { incoming, known }))
    } catch (error) {
      if (error instanceof StoreUnavailable) return refuse(503, 'store-unavailable')
      if (error instanceof StoreRefused) return refuse(500, 'store-refused', error)
      throw error
    }
  }

  async function answer(
    request: Request,
    receiver: AnyReceiver,
    instance: string,
    outcome: Outcome,
    { incoming, known }: { incoming: WebhookRequest; known: Credentials }
  ): Promise<Reply> {
    const labels = { receiver: receiver.name, instance }
    if (outcome.kind === 'answered') {
      if (outcome.notice === undefined) request.log.debug(labels, 'handshake answered')
      else request.log.warn({ ...labels, notice: outcome.notice }, 'handshake answered; read its notice')
      return outcome.reply
    }
    if (outcome.kind === 'rejected') {
      const { stage, reason, reply, error, proven } = outcome
      if (stored !== undefined && proven !== undefined) {
        request.log.warn(
          { ...labels, stage, reason, err: error },
          'webhook proved itself, but is unreadable: kept as dead'
        )
        await stored.intake.keepDead(receiver, instance, proven, reason)
        return typeof receiver.accepted === 'object' ? receiver.accepted : { status: 200 }
      }
      reject(request, { ...labels, stage, reason, status: reply.status }, error)
      stored?.inbox.rejected.keep(receiver, instance, stage, reason, incoming, known)
      return reply
    }

    if (outcome.secret > 0) request.log.info({ ...labels, secret: outcome.secret }, 'proved by an older secret')
    if (stored === undefined) return handle(request, receiver, outcome, labels)
    const { reply, fresh } = await stored.intake.take(receiver, instance, outcome, request.log)
    for (const delivery of fresh) tell(request, options.onDelivery, delivery)
    return reply
  }

  /** Without an inbox: the handlers run before the answer. */
  async function handle(
    request: Request,
    receiver: AnyReceiver,
    outcome: Extract<Outcome, { kind: 'accepted' }>,
    labels: { readonly receiver: string; readonly instance: string }
  ): Promise<Reply> {
    for (const delivery of outcome.deliveries) tell(request, options.onDelivery, delivery)
    const { reply, failed } = await dispatch(outcome.deliveries, handlers, request.log, closing.signal)
    if (failed === undefined) return reply ?? outcome.reply
    if (!(failed.error instanceof MalformedBody)) return { status: 500 }
    const malformed = receiver.rejected?.('body') ?? { status: 400 }
    reject(request, { ...labels, stage: 'body', reason: 'body-malformed', status: malformed.status })
    return malformed
  }

  function reject(request: Request, rejection: Rejection, error?: unknown): void {
    if (error !== undefined) request.log.error({ ...rejection, err: error }, 'webhook rejected')
    else request.log[QUIET.includes(rejection.reason) ? 'debug' : 'info'](rejection, 'webhook rejected')
    tell(request, options.onRejected, rejection)
  }

  /** The public URL as the provider knows it. Without one, and without a trusted proxy, no scheme asks for its origin. */
  function urlOf(request: Request): string {
    const origin =
      configuration.publicUrl ?? (trustProxy ? `${request.protocol}://${request.host}` : 'http://localhost')
    return origin + request.originalUrl
  }

  await app.register(
    async scope => {
      scope.removeAllContentTypeParsers()
      scope.addContentTypeParser('*', (_request, payload, done) => done(null, payload))
      // Fastify refuses a malformed content type before any parser. For us it is a hint: the bytes decide.
      scope.addHook('onRequest', (request, reply, done) => {
        reply.header('x-request-id', request.id)
        // Not `delete`, which makes the whole object slow.
        request.headers['content-type'] = undefined
        done()
      })
      for (const url of ['/', '/:receiver', '/:receiver/:id', '/*']) {
        scope.route({
          method: METHODS,
          url,
          exposeHeadRoute: false,
          logSerializers: { req: loggedRequest },
          handler: serve
        })
      }
      // Methods that Fastify does not route end here: its own answer would repeat the URL, and with it what the query
      // carries. Serializers count for routes alone, and a logger of its own costs each request: so only for these.
      await scope.register(async unrouted => {
        const { childLoggerFactory } = unrouted
        unrouted.setChildLoggerFactory(function child(logger, bindings, { serializers, ...rest }, raw) {
          const logged = { ...rest, serializers: { ...serializers, req: loggedRequest } }
          return childLoggerFactory.call(this, logger, bindings, logged, raw)
        })
        unrouted.setNotFoundHandler(serve)
      })
    },
    { prefix }
  )
}

export default fp(webhooks, { fastify: '5.x', name: 'posthorn' })

function bodyOf(request: Request, limit: number, timeout: number): Uint8Array | Promise<Uint8Array | Reason> {
  const stream = request.body as Readable | undefined
  if (stream === undefined || BODYLESS.includes(request.method)) return EMPTY
  // An application's own `preParsing` hook may have put another stream in the request's place.
  const length = stream === request.raw ? request.headers['content-length'] : undefined
  return collect(stream, { limit, length, timeout })
}

function isConfidential(request: Request): boolean {
  return request.protocol === 'https' || isDirectLoopback(request.raw)
}

function send(request: Request, reply: FastifyReply, { status, headers = {}, body }: Reply): FastifyReply {
  reply.code(status).headers(headers)
  if (request.method === 'HEAD') return reply.send()
  if (body instanceof Uint8Array) return reply.send(Buffer.from(body.buffer, body.byteOffset, body.byteLength))
  return reply.send(body ?? (status >= 400 ? plainBody(status) : undefined))
}

/** The caller's own counting must not decide over a request. */
function tell<Fact>(request: Request, listener: ((fact: Fact) => void) | undefined, fact: Fact): void {
  try {
    listener?.(fact)
  } catch (err) {
    request.log.error({ err }, 'onDelivery or onRejected threw')
  }
}

/** As Fastify's own, but without the query: secrets travel there. */
function loggedRequest(request: FastifyRequest): object {
  const { method, url, host, ip, socket } = request
  return { method, url: pathOf(url), host, remoteAddress: ip, remotePort: socket?.remotePort }
}

function instancesOf({ instances, publicUrl }: Configuration, path: string): Webhooks['instances'] {
  // A password in the public URL is for the provider, not for the log.
  const origin = publicUrl?.replace(/\/\/[^/@]*@/, '//') ?? ''
  return [...instances].flatMap(([receiver, ids]) =>
    [...ids.keys()].map(instance => ({
      receiver,
      instance,
      url: `${origin}${path}/${receiver}${instance === '' ? '' : `/${instance}`}`
    }))
  )
}

function joinPaths(outer: string, inner: string): string {
  return outer.replace(/\/$/, '') + inner
}
