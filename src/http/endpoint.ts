import { Handlers } from '../chain.ts'
import { type Configuration, configure } from '../config/config.ts'
import { CredentialsLookup } from '../config/credentials.ts'
import type { InstanceCredentials } from '../config/instance.ts'
import { InvalidHandler, type Reason, StoreRefused, StoreUnavailable } from '../errors.ts'
import { guardedFetch } from '../fetch.ts'
import { FunctionHandler, type Logger } from '../handler.ts'
import { type Assembled, assemble } from '../inbox/assemble.ts'
import { isEncoded } from '../incoming.ts'
import type { InjectOptions, Webhooks, WebhooksOptions } from '../options.ts'
import { methodsOf, receive } from '../receive.ts'
import type { AnyReceiver, Reply, WebhookRequest } from '../receiver.ts'
import { isPromise } from '../soon.ts'
import { openStore } from '../store/open.ts'
import type { Store } from '../store/store.ts'
import { Answers } from './answers.ts'
import type { Call } from './call.ts'

export const PREFIX = '/api/webhooks/incoming'
const BODYLESS = ['GET', 'HEAD']
const BODY_TIMEOUT = 10_000
const DEFAULT_LIMIT = 1024 * 1024
const RETRY_AFTER = '30'
const EMPTY = new Uint8Array()
const BODY_STATUS: Partial<Record<Reason, number>> = { 'body-too-large': 413, 'body-timeout': 408 }

/** What holds for all requests of a host. */
export interface Host {
  readonly log: Logger
  /** The path in front of `/:receiver/:id`. */
  readonly path: string
  /** Whether a trusted proxy tells each request's public URL. */
  readonly trustProxy: boolean
}

interface Parts {
  readonly options: WebhooksOptions
  readonly host: Host
  readonly configuration: Configuration
  readonly store: Store | undefined
}

/** Where requests come in, whatever server they come through: a request goes in, what to answer comes out. */
export class Endpoint {
  /** What the application is given. */
  readonly webhooks: Webhooks
  readonly #options: WebhooksOptions
  readonly #log: Logger
  readonly #path: string
  readonly #configuration: Configuration
  readonly #receivers: ReadonlyMap<string, AnyReceiver>
  readonly #methods: ReadonlyMap<AnyReceiver, readonly string[]>
  readonly #credentials: CredentialsLookup
  readonly #fetch: typeof fetch
  readonly #stored: Assembled | undefined
  readonly #answers: Answers
  readonly #closing = new AbortController()
  #isOpen = false

  /** Rejects where the configuration or a handler can't be used. Nothing is opened yet. */
  static async create(options: WebhooksOptions, host: Host): Promise<Endpoint> {
    const { env = process.env, receivers, inbox } = options
    const configuration = configure(receivers, { ...options, env, trustProxy: host.trustProxy })
    const store = inbox ?? (configuration.store === undefined ? undefined : await openStore(configuration.store))
    return new Endpoint({ options, host, configuration, store })
  }

  private constructor({ options, host, configuration, store }: Parts) {
    const { log } = host
    const receivers = new Map(options.receivers.map(receiver => [receiver.name, receiver]))
    const handlers = new Handlers(receivers)
    for (const handler of options.handlers ?? []) handlers.add(handler)
    const credentials = new CredentialsLookup(configuration, options.credentials)
    const fetch = options.fetch ?? guardedFetch()
    const instances = instancesOf(configuration, host.path)
    this.#options = options
    this.#log = log
    this.#path = host.path
    this.#configuration = configuration
    this.#receivers = receivers
    this.#methods = new Map(options.receivers.map(receiver => [receiver, methodsOf(receiver)]))
    this.#credentials = credentials
    this.#fetch = fetch
    this.#stored = store && assemble({ ...options, store, receivers, handlers, credentials, instances, fetch, log })
    this.#answers = new Answers({ options, handlers, stored: this.#stored, closing: this.#closing.signal })
    this.webhooks = {
      instances,
      inbox: this.#stored?.inbox,
      on: (receiver, pattern, handlerOptions, handle) => {
        if (this.#isOpen) throw new InvalidHandler(handlerOptions.name, 'the server is ready; add handlers before')
        handlers.add(new FunctionHandler({ receiver: receiver.name, pattern }, handlerOptions, handle))
      }
    }
  }

  /** Opens the store and loads what schemes need. From now on no handler can be added. */
  async open(): Promise<void> {
    this.#isOpen = true
    await this.#stored?.open()
    await Promise.all(this.#options.receivers.map(({ scheme }) => scheme.load?.()))
    for (const warning of this.#configuration.warnings) this.#log.warn(warning)
    for (const instance of this.webhooks.instances) this.#log.info(instance, 'webhooks are received here')
  }

  /** The worker goes to work. */
  start(): void {
    this.#stored?.start()
  }

  /** Nothing new is begun; handlers that run hear of it. */
  stop(): void {
    this.#closing.abort(new Error('The server is closing.'))
    this.#stored?.stop()
  }

  async close(): Promise<void> {
    await this.#stored?.close()
  }

  /** Rejects only where something is broken that no answer can tell of. */
  async serve(call: Call): Promise<Reply> {
    const receiver = this.#receiverOf(call)
    if (receiver === undefined) return this.refuse(call, 404, 'unknown-receiver')
    const { requireHttps = true, bodyTimeout: timeout = BODY_TIMEOUT } = this.#options
    if (requireHttps && receiver.scheme.covers.body === false && !call.isConfidential) {
      return this.refuse(call, 403, 'https-required')
    }
    const { headers } = call
    if (isEncoded(headers)) return this.refuse(call, 415, 'content-encoding')
    if (this.#stored?.intake.isFull) return this.refuse(call, 503, 'inbox-full')

    let found: InstanceCredentials | undefined
    try {
      // Configured instances are there at once: no promise on the way of a request.
      const looked = this.#credentials.credentialsFor(receiver, call.instance)
      found = isPromise(looked) ? await looked : looked
    } catch (error) {
      return this.refuse(call, 503, 'credentials-unavailable', error)
    }
    if (found === undefined) return this.refuse(call, 404, 'unknown-instance')

    // A method that the receiver does not take is refused by `receive()`, whatever the body says.
    const isRead = this.#methods.get(receiver)!.includes(call.method) && !BODYLESS.includes(call.method)
    const body = isRead ? await call.body({ limit: receiver.limit ?? DEFAULT_LIMIT, timeout }) : EMPTY
    if (typeof body === 'string') return this.refuse(call, BODY_STATUS[body] ?? 400, body)

    const { method, address } = call
    const incoming = { method, url: this.#urlOf(call), headers, body, address }
    const credentials = { secrets: found.secrets, settings: found.settings, fetch: this.#fetch }
    const received = receive(receiver, call.instance, incoming, credentials, new Date())
    const outcome = isPromise(received) ? await received : received
    try {
      return await this.#answers.to({ call, receiver, incoming, credentials }, outcome)
    } catch (error) {
      if (error instanceof StoreUnavailable) return this.refuse(call, 503, 'store-unavailable')
      if (error instanceof StoreRefused) return this.refuse(call, 500, 'store-refused', error)
      throw error
    }
  }

  /** The answer to a request that is refused before its proof is looked at, or that can't be kept. */
  refuse(call: Call, status: number, reason: Reason, error?: unknown): Reply {
    const receiver = this.#receiverOf(call)?.name ?? call.receiver
    this.#answers.refused(call, { receiver, instance: call.instance, stage: 'request', reason, status }, error)
    const headers: Record<string, string> = {}
    // What may still come of the body is not waited for.
    if (!BODYLESS.includes(call.method)) headers.connection = 'close'
    if (status === 503) headers['retry-after'] = RETRY_AFTER
    return { status, headers }
  }

  /** A request as the provider would send it to this instance, and the target of its URL: for tests. */
  async signed(
    receiver: AnyReceiver,
    event: string,
    data: unknown,
    { instance = '', ...given }: InjectOptions = {}
  ): Promise<WebhookRequest & { readonly target: string }> {
    // No server loads it.
    const { signedForInstance } = await import('../testing/signed-request.ts')
    const found = await this.#credentials.credentialsFor(receiver, instance)
    const credentials = found && { secrets: found.secrets, settings: found.settings, fetch: this.#fetch }
    const origin = this.#configuration.publicUrl ?? 'http://localhost'
    const url = `${origin}${this.#path}/${receiver.name}${instance === '' ? '' : `/${instance}`}`
    const request = await signedForInstance(receiver, event, data, { ...given, credentials, url })
    return { ...request, target: request.url.slice(origin.length) }
  }

  #receiverOf({ receiver }: Call): AnyReceiver | undefined {
    return this.#receivers.get(receiver) ?? this.#receivers.get(receiver.toLowerCase())
  }

  /** The public URL as the provider knows it. Where nobody tells its origin, no scheme asks for it. */
  #urlOf({ origin = 'http://localhost', target }: Call): string {
    return (this.#configuration.publicUrl ?? origin) + target
  }
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
