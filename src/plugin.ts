import type { IncomingHttpHeaders } from 'node:http'
import type { Readable } from 'node:stream'
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { collect } from './collect.ts'
import { AlreadyRegistered, type Reason } from './errors.ts'
import type { Logger } from './handler.ts'
import type { BodyLimits, Call } from './http/call.ts'
import { Endpoint, PREFIX } from './http/endpoint.ts'
import { bodyOf } from './http/wire.ts'
import { headersOf, isDirectLoopback, pathOf } from './incoming.ts'
import type { InjectableWebhooks, WebhooksOptions } from './options.ts'
import type { Headers, Reply } from './receiver.ts'

declare module 'fastify' {
  interface FastifyInstance {
    webhooks: InjectableWebhooks
  }
}

const METHODS = ['DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT']

/** Where the hook in front of the handler leaves what the handler needs. */
const CALL = Symbol('posthorn.call')

type Request = FastifyRequest & { [CALL]?: FastifyCall }
type Params = { readonly receiver?: string; readonly id?: string }

const webhooks: FastifyPluginAsync<WebhooksOptions> = async (app, options) => {
  const { prefix = PREFIX, decorateAs = 'webhooks' } = options
  if (app.hasDecorator(decorateAs)) throw new AlreadyRegistered(decorateAs)

  // Fastify has `ips` only with `trustProxy`; then protocol and host are the proxy's word, otherwise the sender's.
  const trustProxy = app.hasRequestDecorator('ips')
  const endpoint = await Endpoint.create(options, { log: app.log, path: joinPaths(app.prefix, prefix), trustProxy })

  app.decorate(decorateAs, {
    ...endpoint.webhooks,
    async inject(receiver, event, data, options) {
      const { method, target, headers, body, address } = await endpoint.signed(receiver, event, data, options)
      const answer = await app.inject({
        method: method as 'POST',
        url: target,
        headers: headers as Record<string, string>,
        payload: Buffer.from(body),
        ...(address !== undefined && { remoteAddress: address })
      })
      return { status: answer.statusCode, headers: answer.headers, body: answer.body }
    }
  } satisfies InjectableWebhooks)
  app.addHook('onReady', () => endpoint.open())
  app.addHook('onListen', async () => endpoint.start())
  app.addHook('preClose', async () => endpoint.stop())
  app.addHook('onClose', () => endpoint.close())

  // Not `async`: Fastify would wait for the reply that is returned, which costs each request three more promises.
  function serve(request: Request, reply: FastifyReply): void {
    const call = request[CALL]!
    call.show()
    reply.header('x-request-id', request.id)
    endpoint
      .serve(call)
      .then(answer => send(request, reply, answer))
      .catch(error => reply.send(error))
  }

  await app.register(
    async scope => {
      scope.decorateRequest(CALL)
      scope.addHook('preParsing', (request: Request, _reply, payload, done) => {
        request[CALL] = new FastifyCall(request, payload, trustProxy)
        done(null, payload)
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

/**
 * A request whose body is ours to read. Fastify would look for a parser, and refuse a malformed content type before any:
 * for us it is a hint, and the bytes decide. So Fastify sees a request without body, until `show`.
 */
class FastifyCall implements Call {
  readonly #request: Request
  readonly #payload: Readable
  readonly #trustProxy: boolean
  readonly #type: string | undefined
  readonly #length: string | undefined
  readonly #encoding: string | undefined

  constructor(request: Request, payload: Readable, trustProxy: boolean) {
    const { headers } = request.raw
    this.#request = request
    this.#payload = payload
    this.#trustProxy = trustProxy
    this.#type = headers['content-type']
    this.#length = headers['content-length']
    this.#encoding = headers['transfer-encoding']
    announce(headers)
  }

  show(): void {
    announce(this.#request.raw.headers, this.#type, this.#length, this.#encoding)
  }

  get method(): string {
    return this.#request.method
  }

  get receiver(): string {
    return (this.#request.params as Params).receiver ?? ''
  }

  get instance(): string {
    return (this.#request.params as Params).id ?? ''
  }

  get target(): string {
    return this.#request.originalUrl
  }

  get origin(): string | undefined {
    return this.#trustProxy ? `${this.#request.protocol}://${this.#request.host}` : undefined
  }

  get address(): string {
    return this.#request.ip
  }

  get headers(): Headers {
    return headersOf(this.#request.raw)
  }

  get isConfidential(): boolean {
    return this.#request.protocol === 'https' || isDirectLoopback(this.#request.raw)
  }

  get log(): Logger {
    return this.#request.log
  }

  body(limits: BodyLimits): Promise<Uint8Array | Reason> {
    // An application's own `preParsing` hook may have put another stream in the request's place.
    const length = this.#payload === this.#request.raw ? this.#request.headers['content-length'] : undefined
    return collect(this.#payload, { ...limits, length })
  }
}

/** What the headers say of a body. Not `delete`, which makes the whole object slow. */
function announce(headers: IncomingHttpHeaders, type?: string, length?: string, encoding?: string): void {
  if ('content-type' in headers) headers['content-type'] = type
  if ('content-length' in headers) headers['content-length'] = length
  if ('transfer-encoding' in headers) headers['transfer-encoding'] = encoding
}

function send({ method }: Request, reply: FastifyReply, answer: Reply): void {
  const { status, headers = {} } = answer
  const body = bodyOf(answer, method)
  reply.code(status).headers(headers)
  reply.send(body instanceof Uint8Array ? Buffer.from(body.buffer, body.byteOffset, body.byteLength) : body)
}

/** As Fastify's own, but without the query: secrets travel there. */
function loggedRequest(request: FastifyRequest): object {
  const { method, url, host, ip, socket } = request
  return { method, url: pathOf(url), host, remoteAddress: ip, remotePort: socket?.remotePort }
}

function joinPaths(outer: string, inner: string): string {
  return outer.replace(/\/$/, '') + inner
}
