import type { Handlers } from '../chain.ts'
import { dispatch } from '../dispatch.ts'
import { MalformedBody, type Reason } from '../errors.ts'
import type { Assembled } from '../inbox/assemble.ts'
import type { Rejection, WebhooksOptions } from '../options.ts'
import type { Outcome } from '../receive.ts'
import type { AnyReceiver, Credentials, Reply, WebhookRequest } from '../receiver.ts'
import type { Call } from './call.ts'

/** What scanners of the internet cause all day, and what is logged where it begins and ends. */
const QUIET: readonly Reason[] = ['unknown-receiver', 'unknown-instance', 'inbox-full', 'store-unavailable']

type Of<Kind extends Outcome['kind']> = Extract<Outcome, { kind: Kind }>

export interface AnswersParts {
  readonly options: Pick<WebhooksOptions, 'onDelivery' | 'onRejected'>
  readonly handlers: Handlers
  /** Undefined: the handlers run before the answer. */
  readonly stored: Assembled | undefined
  readonly closing: AbortSignal
}

/** A request whose receiver and instance are known, and whose body is there. */
export interface Received {
  readonly call: Call
  readonly receiver: AnyReceiver
  readonly incoming: WebhookRequest
  readonly credentials: Credentials
}

/** What is done about the outcome of a request, and answered. */
export class Answers {
  readonly #parts: AnswersParts

  constructor(parts: AnswersParts) {
    this.#parts = parts
  }

  /** Throws or rejects with `StoreUnavailable` and `StoreRefused`. */
  to(received: Received, outcome: Outcome): Reply | Promise<Reply> {
    if (outcome.kind === 'accepted') return this.#accept(received, outcome)
    if (outcome.kind === 'rejected') return this.#reject(received, outcome)
    const labels = labelsOf(received)
    const { log } = received.call
    if (outcome.notice === undefined) log.debug(labels, 'handshake answered')
    else log.warn({ ...labels, notice: outcome.notice }, 'handshake answered; read its notice')
    return outcome.reply
  }

  /** A request was refused: the log says so, and `onRejected` hears of it. */
  refused(call: Call, rejection: Rejection, error?: unknown): void {
    if (error !== undefined) call.log.error({ ...rejection, err: error }, 'webhook rejected')
    else call.log[QUIET.includes(rejection.reason) ? 'debug' : 'info'](rejection, 'webhook rejected')
    tell(call, this.#parts.options.onRejected, rejection)
  }

  #accept(received: Received, outcome: Of<'accepted'>): Promise<Reply> {
    const { secret } = outcome
    if (secret > 0) received.call.log.info({ ...labelsOf(received), secret }, 'proved by an older secret')
    const { stored } = this.#parts
    return stored === undefined ? this.#handle(received, outcome) : this.#store(received, outcome, stored)
  }

  #reject(received: Received, { stage, reason, reply, error, proven }: Of<'rejected'>): Reply | Promise<Reply> {
    const { call, receiver, incoming, credentials } = received
    const { stored } = this.#parts
    const labels = labelsOf(received)
    if (stored === undefined || proven === undefined) {
      this.refused(call, { ...labels, stage, reason, status: reply.status }, error)
      stored?.inbox.rejected.keep(receiver, call.instance, stage, reason, incoming, credentials)
      return reply
    }
    call.log.warn({ ...labels, stage, reason, err: error }, 'webhook proved itself, but is unreadable: kept as dead')
    const kept = stored.intake.keepDead(receiver, call.instance, proven, reason)
    return kept.then(() => (typeof receiver.accepted === 'object' ? receiver.accepted : { status: 200 }))
  }

  async #store({ call, receiver }: Received, outcome: Of<'accepted'>, { intake }: Assembled): Promise<Reply> {
    const { reply, fresh } = await intake.take(receiver, call.instance, outcome, call.log)
    for (const delivery of fresh) tell(call, this.#parts.options.onDelivery, delivery)
    return reply
  }

  async #handle(received: Received, { deliveries, reply: usual }: Of<'accepted'>): Promise<Reply> {
    const { call, receiver } = received
    const { options, handlers, closing } = this.#parts
    for (const delivery of deliveries) tell(call, options.onDelivery, delivery)
    const { reply, failed } = await dispatch(deliveries, handlers, call.log, closing)
    if (failed === undefined) return reply ?? usual
    if (!(failed.error instanceof MalformedBody)) return { status: 500 }
    const malformed = receiver.rejected?.('body') ?? { status: 400 }
    this.refused(call, { ...labelsOf(received), stage: 'body', reason: 'body-malformed', status: malformed.status })
    return malformed
  }
}

function labelsOf({ receiver, call }: Received): { readonly receiver: string; readonly instance: string } {
  return { receiver: receiver.name, instance: call.instance }
}

/** The caller's own counting must not decide over a request. */
function tell<Fact>({ log }: Call, listener: ((fact: Fact) => void) | undefined, fact: Fact): void {
  try {
    listener?.(fact)
  } catch (err) {
    log.error({ err }, 'onDelivery or onRejected threw')
  }
}
