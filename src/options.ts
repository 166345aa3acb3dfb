import type { CredentialsOption } from './config/config.ts'
import type { Reason } from './errors.ts'
import type { AnyHandler, DeliveryFor, EventOf, FunctionHandlerOptions, HandlerContext, PatternOf } from './handler.ts'
import type { Order } from './inbox/arrival.ts'
import type { Inbox } from './inbox/inbox.ts'
import type { WorkerOptions } from './inbox/worker/worker.ts'
import type { AnyReceiver, Delivery, Stage } from './receiver.ts'
import type { Store } from './store/store.ts'
import type { SampleData, SignOptions } from './testing/signed-request.ts'

export interface WebhooksOptions {
  /** The providers to receive from. */
  readonly receivers: readonly AnyReceiver[]
  /** Default: none; `app.webhooks.on` adds more until the server is ready. */
  readonly handlers?: readonly AnyHandler[]
  /** Where the routes `/:receiver/:id` hang. Default: `/api/webhooks/incoming`. */
  readonly prefix?: string
  /** The decorator's name. Default: `webhooks`. */
  readonly decorateAs?: string
  /** Where secrets and settings come from. Default: `process.env`. */
  readonly env?: Readonly<Record<string, string | undefined>>
  /** Secrets and settings from elsewhere: an object, or a function that looks them up. They beat the environment. */
  readonly credentials?: CredentialsOption
  /** Origin, and path before the prefix, that providers know us by. Default: `WEBHOOKS_PUBLIC_URL`. */
  readonly publicUrl?: string
  /** Whether receivers whose proof does not cover the body demand HTTPS. Default: true. */
  readonly requireHttps?: boolean
  /** Lowers what each scheme demands of its secrets, in characters: a risk. Default: what the scheme demands. */
  readonly minSecretLength?: number
  /** Milliseconds for a body to arrive. Default: 10 000. */
  readonly bodyTimeout?: number
  /**
   * Where deliveries are stored before they are acknowledged: `sqlite('webhooks.db')`, `postgres('postgres://…')`.
   * Default: `WEBHOOKS_STORE`; without it nothing is stored, and handlers run before the answer.
   */
  readonly inbox?: Store
  /** Works through the inbox in this process, from the moment it listens. `false`: another process does. */
  readonly worker?: false | WorkerOptions
  /** One delivery after the other for each subject: of all receivers, or of the named ones. Default: in any order. */
  readonly order?: Order
  /** Days that the inbox keeps what is settled, and knows a duplicate. Default: 30. */
  readonly retention?: number
  /** Whether the inbox keeps a few of the refused requests for the operator, for a week. Default: true. */
  readonly keepRejected?: boolean
  /** Fetches what a provider makes us fetch: certificates, confirmations. Default: a guarded fetch. */
  readonly fetch?: typeof fetch
  /** Called for every delivery, before its handlers; with an inbox not for duplicates. What it throws is logged. */
  readonly onDelivery?: (delivery: Delivery) => void
  /** Called for every refused request. What it throws is logged. */
  readonly onRejected?: (rejection: Rejection) => void
}

export interface Rejection {
  readonly receiver: string
  readonly instance: string
  /** `request`: refused before its proof was looked at. */
  readonly stage: Stage | 'request'
  readonly reason: Reason
  readonly status: number
}

export interface Webhooks {
  /** Adds a handler: the short form of a `Handler` class. Until the server is ready. */
  on<const R extends AnyReceiver, const Pattern extends PatternOf<R>>(
    receiver: R,
    pattern: Pattern,
    options: FunctionHandlerOptions,
    handle: (delivery: DeliveryFor<R, Pattern>, context: HandlerContext) => void | Promise<void>
  ): void
  /** What is stored: to find, replay and explain it. Undefined without an inbox. */
  readonly inbox: Inbox | undefined
  /** What is configured, by the environment and the option `credentials` where that is an object. */
  readonly instances: readonly { readonly receiver: string; readonly instance: string; readonly url: string }[]
}

/** In Fastify, which can send a request through the whole server without a socket. */
export interface InjectableWebhooks extends Webhooks {
  /**
   * For tests: signs a request of this event as the provider would, with the instance's secret, and sends it through the
   * whole server. Without `data` it is a sample. Resolves to the answer. Rejects with `InvalidSample` where there is no such
   * event, or where the instance's key can't sign: see `testCredentials`.
   */
  inject<const R extends AnyReceiver, const Event extends EventOf<R>>(
    receiver: R,
    event: Event,
    data?: SampleData<R, Event>,
    options?: InjectOptions
  ): Promise<Injected>
}

export interface InjectOptions extends Pick<SignOptions, 'now' | 'headers'> {
  /** Default: the unnamed one. */
  readonly instance?: string
}

/** What the provider would have got as an answer. */
export interface Injected {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | number | undefined>>
  readonly body: string
}
