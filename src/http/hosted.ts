import type { Logger } from '../handler.ts'
import type { Webhooks, WebhooksOptions } from '../options.ts'
import type { Reply } from '../receiver.ts'
import type { Call } from './call.ts'
import { Endpoint, PREFIX } from './endpoint.ts'

export interface HostedOptions extends Omit<WebhooksOptions, 'decorateAs'> {
  /** Pino, or any logger with its methods. Default: pino, from level info on. */
  readonly logger?: Logger
}

export interface HostedParts {
  readonly endpoint: Endpoint
  readonly prefix: string
  readonly log: Logger
}

/** Rejects with `InvalidConfiguration` and `InvalidHandler`. */
export async function prepare(options: HostedOptions): Promise<HostedParts> {
  const prefix = (options.prefix ?? PREFIX).replace(/\/$/, '')
  const log = options.logger ?? (await import('pino')).pino({ level: 'info' })
  const endpoint = await Endpoint.create(options, { log, path: prefix, trustProxy: false })
  return { endpoint, prefix, log }
}

/** Webhooks in a server that does not start and close its parts by itself. */
export abstract class Hosted implements Webhooks {
  readonly instances: Webhooks['instances']
  readonly inbox: Webhooks['inbox']
  /** Adds a handler: the short form of a `Handler` class. Until it is ready. */
  readonly on: Webhooks['on']
  protected readonly prefix: string
  protected readonly log: Logger
  readonly #endpoint: Endpoint
  readonly #underWay = new Set<Promise<Reply>>()
  #isReady = false
  #starting: Promise<void> | undefined
  #closing: Promise<void> | undefined

  constructor({ endpoint, prefix, log }: HostedParts) {
    this.instances = endpoint.webhooks.instances
    this.inbox = endpoint.webhooks.inbox
    this.on = endpoint.webhooks.on
    this.prefix = prefix
    this.log = log
    this.#endpoint = endpoint
  }

  /**
   * Opens the inbox and lets its worker go to work. Rejects where that fails; then it may be called again. Where nobody
   * has called it, the first request does.
   */
  ready(): Promise<void> {
    this.#starting ??= this.#start().catch(error => {
      this.#starting = undefined
      throw error
    })
    return this.#starting
  }

  /**
   * Aborts the signals of handlers, waits for the requests that are under way, lets the worker end and closes the inbox.
   * A request that comes later gets 503. Let the server stop listening before.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  protected serve(call: Call): Promise<Reply> {
    const reply = this.#isReady ? this.#endpoint.serve(call) : this.#serveUnready(call)
    const ended = () => this.#underWay.delete(reply)
    this.#underWay.add(reply)
    reply.then(ended, ended)
    return reply
  }

  async #serveUnready(call: Call): Promise<Reply> {
    if (this.#closing !== undefined) return this.#endpoint.refuse(call, 503, 'not-ready')
    try {
      await this.ready()
    } catch (error) {
      return this.#endpoint.refuse(call, 503, 'not-ready', error)
    }
    return this.#endpoint.serve(call)
  }

  async #start(): Promise<void> {
    await this.#endpoint.open()
    this.#endpoint.start()
    this.#isReady = true
  }

  async #close(): Promise<void> {
    await this.#starting?.catch(() => {})
    this.#isReady = false
    this.#endpoint.stop()
    await Promise.allSettled(this.#underWay)
    await this.#endpoint.close()
  }
}
