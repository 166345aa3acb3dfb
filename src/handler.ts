import type { BaseLogger } from 'pino'
import type { KnownEvents, Matched, Wildcard } from './pattern.ts'
import type { AnyReceiver, Delivery, Receiver, Reply } from './receiver.ts'
import { DEFAULT_RETRY } from './retry.ts'

/** What a handler accepts: deliveries of one receiver, or of all, whose event matches the pattern. */
export interface Accept<Accepted = any> {
  /** The receiver's name. Undefined: every receiver. */
  readonly receiver: string | undefined
  readonly pattern: string
  /** Types only, never set. */
  readonly delivery?: Accepted
}

/** The delivery that a list of accepts lets through. */
export type DeliveryOf<Accepts extends readonly Accept[]> = NonNullable<Accepts[number]['delivery']>

/** Pino's, or any logger with its methods: the object first, a fixed text second. */
export type Logger = Pick<BaseLogger, 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal'>

export interface HandlerContext {
  /** Already says receiver, instance, event, id and handler. */
  readonly log: Logger
  /** Aborts at the handler's time-out and when the server closes. */
  readonly signal: AbortSignal
  /** Ends the chain for this delivery, after this handler. The reason goes to the log. */
  stop(reason?: string): void
  /** Sets the answer, for providers that read it. The first one wins, over a batch too. It ends nothing. */
  reply(reply: Reply): void
  /**
   * Runs a step once: what it gives is kept as JSON under this handler's name and the key, durable before `once`
   * resolves, and another try gets it without running the step. A crash between the step and its record repeats it.
   * What it throws is not kept. Rejects with `LeaseLost` where this try is over meanwhile. Without an inbox it just runs.
   */
  once<T>(key: string, step: () => T | Promise<T>): Promise<T>
}

/** The user's code for deliveries. Extend `handles(on(receiver, event))`, which sets `accepts`. */
export abstract class Handler<Accepts extends readonly Accept[]> {
  /** Stable and unique: progress is recorded under it. */
  abstract readonly name: string
  readonly accepts: Accepts
  /** Handlers run in ascending order; equal ones as they were registered. */
  readonly order: number = 50
  /** Runs before the answer where there is an inbox. Without one, every handler does. */
  readonly inline: boolean = false
  /** Milliseconds. */
  readonly timeout: number = 30_000
  /** With an inbox: milliseconds between its tries, so one try more than it has entries. Default: ten tries in three days. */
  readonly retry: readonly number[] = DEFAULT_RETRY

  constructor(accepts: Accepts) {
    this.accepts = accepts
  }

  abstract handle(delivery: DeliveryOf<Accepts>, context: HandlerContext): void | Promise<void>
}

export type AnyHandler = Handler<any>

/** The base class of a handler: `class Deploy extends handles(on(github, 'push'))`. */
export function handles<const Accepts extends readonly [Accept, ...Accept[]]>(
  ...accepts: Accepts
): abstract new () => Handler<Accepts> {
  abstract class AcceptingHandler extends Handler<Accepts> {
    constructor() {
      super(accepts)
    }
  }
  return AcceptingHandler
}

export interface FunctionHandlerOptions {
  readonly name: string
  readonly order?: number
  readonly inline?: boolean
  readonly timeout?: number
  readonly retry?: readonly number[]
}

/** A handler out of a function: what `app.webhooks.on` makes. */
export class FunctionHandler extends Handler<readonly [Accept]> {
  readonly name: string
  override readonly order: number
  override readonly inline: boolean
  override readonly timeout: number
  override readonly retry: readonly number[]
  readonly handle: (delivery: any, context: HandlerContext) => void | Promise<void>

  constructor(accept: Accept, options: FunctionHandlerOptions, handle: FunctionHandler['handle']) {
    super([accept])
    this.name = options.name
    this.order = options.order ?? 50
    this.inline = options.inline ?? false
    this.timeout = options.timeout ?? 30_000
    this.retry = options.retry ?? DEFAULT_RETRY
    this.handle = handle
  }
}

/**
 * A receiver's event, by its name or a pattern (`issues.*`, `**`); `on('**')` is every event of every receiver.
 * A name that a closed map of events does not have does not compile.
 */
export function on(everything: '**'): Accept<Delivery>
export function on<const R extends AnyReceiver, const Pattern extends PatternOf<R>>(
  receiver: R,
  pattern: Pattern & Matching<R, Pattern>
): Accept<DeliveryFor<R, Pattern>>
export function on(receiver: AnyReceiver | '**', pattern: string = '**'): Accept {
  return receiver === '**' ? { receiver: undefined, pattern } : { receiver: receiver.name, pattern }
}

/** Narrows a delivery of an open map, or of several receivers, to one event. */
export function is<const R extends AnyReceiver, const Event extends EventOf<R>>(
  delivery: Delivery<string, string, unknown>,
  receiver: R,
  event: Event
): delivery is DeliveryFor<R, Event> {
  return delivery.receiver === receiver.name && delivery.event === event
}

/** The receiver with the provider's own payload types: `withPayloads<GithubPayloads<webhooks>>()(github)`. */
export function withPayloads<Events>(): <Name extends string>(receiver: Receiver<Name, any>) => Receiver<Name, Events> {
  return receiver => receiver
}

type EventsOf<R extends AnyReceiver> = R extends Receiver<string, infer Events> ? Events : never

/** Open maps have an index signature; a receiver without a map is as open as can be. */
type IsOpen<Events> = unknown extends Events ? true : string extends keyof Events ? true : false

export type EventOf<R extends AnyReceiver> =
  IsOpen<EventsOf<R>> extends true ? KnownEvents<EventsOf<R>> | (string & {}) : KnownEvents<EventsOf<R>>

export type PatternOf<R extends AnyReceiver> = EventOf<R> | Wildcard

/** A pattern that matches none of a closed map's events is refused, by an error that lists them. */
type Matching<R extends AnyReceiver, Pattern extends string> =
  IsOpen<EventsOf<R>> extends true
    ? unknown
    : [Matched<EventsOf<R>, Pattern>] extends [never]
      ? KnownEvents<EventsOf<R>>
      : unknown

/** The deliveries of a receiver that a pattern lets through; a union by event where the map is closed. */
export type DeliveryFor<R extends AnyReceiver, Pattern extends string> =
  IsOpen<EventsOf<R>> extends true
    ? Pattern extends Wildcard
      ? Delivery<R['name'], string, PayloadOf<EventsOf<R>, string>>
      : Delivery<R['name'], Pattern, PayloadOf<EventsOf<R>, Pattern>>
    : DeliveryOfEach<R, Matched<EventsOf<R>, Pattern>>

type DeliveryOfEach<R extends AnyReceiver, Event extends string> = Event extends unknown
  ? Delivery<R['name'], Event, PayloadOf<EventsOf<R>, Event>>
  : never

type PayloadOf<Events, Event extends string> = unknown extends Events ? any : Events[Event & keyof Events]
