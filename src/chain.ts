import { HandlerTimeout, InvalidHandler } from './errors.ts'
import type { AnyHandler, HandlerContext, Logger } from './handler.ts'
import { matches } from './pattern.ts'
import type { AnyReceiver, Delivery, Reply } from './receiver.ts'

/** The registered handlers, in order. */
export class Handlers {
  readonly #receivers: ReadonlyMap<string, AnyReceiver>
  readonly #handlers: AnyHandler[] = []

  constructor(receivers: ReadonlyMap<string, AnyReceiver>) {
    this.#receivers = receivers
  }

  add(handler: AnyHandler): void {
    const problem = this.#problemOf(handler)
    if (problem !== undefined)
      throw new InvalidHandler(handler?.name || handler?.constructor?.name || 'without name', problem)
    this.#handlers.push(handler)
    // Stable: equal orders stay as they were registered.
    this.#handlers.sort((a, b) => a.order - b.order)
  }

  /** The handlers that accept a delivery. */
  chainFor(delivery: Delivery): AnyHandler[] {
    return this.#handlers.filter(({ accepts }) =>
      accepts.some(
        ({ receiver, pattern }: { receiver: string | undefined; pattern: string }) =>
          (receiver === undefined || receiver === delivery.receiver) && matches(pattern, delivery.event)
      )
    )
  }

  #problemOf(handler: AnyHandler): string | undefined {
    if (typeof handler?.handle !== 'function') return 'it has no method `handle`; pass an instance, not the class'
    if (typeof handler.name !== 'string' || handler.name === '') return 'it needs a stable `name`'
    if (this.#handlers.some(({ name }) => name === handler.name)) return 'another handler has the same name'
    if (!Number.isFinite(handler.order)) return '`order` must be a number'
    if (!(handler.timeout > 0)) return '`timeout` must be a positive number of milliseconds'
    if (!Array.isArray(handler.accepts) || handler.accepts.length === 0)
      return 'it accepts nothing; extend handles(on(…))'
    const unknown = handler.accepts.find(({ receiver }) => receiver !== undefined && !this.#receivers.has(receiver))
    return unknown && `it accepts the receiver ${unknown.receiver}, which is not among \`receivers\``
  }
}

export interface ChainResult {
  readonly reply: Reply | undefined
  /** The handler that threw, or took too long. Those behind it did not run. */
  readonly failed: { readonly handler: string; readonly error: unknown } | undefined
}

/** Runs a delivery through its chain, one handler after the other. Does not throw. */
export async function runChain(
  chain: readonly AnyHandler[],
  delivery: Delivery,
  log: Logger,
  closing: AbortSignal
): Promise<ChainResult> {
  let reply: Reply | undefined
  for (const handler of chain) {
    const turn = new Turn(handler, delivery, log, closing)
    try {
      await turn.run()
    } catch (error) {
      return { reply: reply ?? turn.answer, failed: { handler: handler.name, error } }
    }
    reply ??= turn.answer
    if (turn.stopped) break
  }
  return { reply, failed: undefined }
}

/** One handler with one delivery. What costs something is made when the handler asks for it. */
class Turn implements HandlerContext {
  readonly #handler: AnyHandler
  readonly #delivery: Delivery
  readonly #parent: Logger
  readonly #closing: AbortSignal
  #log: Logger | undefined
  #abort: AbortController | undefined
  answer: Reply | undefined
  stopped = false

  // Bound, so that a handler can take them apart: `{ log, stop }`.
  readonly stop = (reason?: string): void => {
    this.stopped = true
    this.log.debug({ reason }, 'chain stopped')
  }
  readonly reply = (reply: Reply): void => {
    this.answer ??= reply
  }

  constructor(handler: AnyHandler, delivery: Delivery, parent: Logger, closing: AbortSignal) {
    this.#handler = handler
    this.#delivery = delivery
    this.#parent = parent
    this.#closing = closing
  }

  get log(): Logger {
    this.#log ??= childOf(this.#parent, { ...labelsOf(this.#delivery), handler: this.#handler.name })
    return this.#log
  }

  get signal(): AbortSignal {
    if (this.#abort === undefined) {
      this.#abort = new AbortController()
      if (this.#closing.aborted) this.#abort.abort(this.#closing.reason)
      else this.#closing.addEventListener('abort', this.#onClosing, { once: true })
    }
    return this.#abort.signal
  }

  readonly #onClosing = (): void => this.#abort?.abort(this.#closing.reason)

  async run(): Promise<void> {
    try {
      const running = this.#handler.handle(this.#delivery, this)
      if (running !== undefined) await this.#inTime(Promise.resolve(running))
    } finally {
      this.#closing.removeEventListener('abort', this.#onClosing)
    }
  }

  async #inTime(running: Promise<void>): Promise<void> {
    const { name, timeout } = this.#handler
    let timer: NodeJS.Timeout | undefined
    const tooLate = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        const error = new HandlerTimeout(name, timeout)
        this.#abort?.abort(error)
        reject(error)
      }, timeout)
    })
    try {
      await Promise.race([running, tooLate])
    } finally {
      clearTimeout(timer)
    }
  }
}

/** What every log line about a delivery says. */
export function labelsOf({ receiver, instance, event, id }: Delivery): object {
  return { receiver, instance, event, id }
}

function childOf(log: Logger, bindings: object): Logger {
  return 'child' in log ? (log.child as (bindings: object) => Logger)(bindings) : log
}
