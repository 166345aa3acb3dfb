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

  get all(): readonly AnyHandler[] {
    return this.#handlers
  }

  #problemOf(handler: AnyHandler): string | undefined {
    if (typeof handler?.handle !== 'function') return 'it has no method `handle`; pass an instance, not the class'
    if (typeof handler.name !== 'string' || handler.name === '') return 'it needs a stable `name`'
    if (this.#handlers.some(({ name }) => name === handler.name)) return 'another handler has the same name'
    if (!Number.isFinite(handler.order)) return '`order` must be a number'
    if (!(handler.timeout > 0)) return '`timeout` must be a positive number of milliseconds'
    if (!isSchedule(handler.retry)) return '`retry` must be a list of at most 100 numbers of milliseconds'
    if (!Array.isArray(handler.accepts) || handler.accepts.length === 0)
      return 'it accepts nothing; extend handles(on(…))'
    const unknown = handler.accepts.find(({ receiver }) => receiver !== undefined && !this.#receivers.has(receiver))
    return unknown && `it accepts the receiver ${unknown.receiver}, which is not among \`receivers\``
  }
}

const MOST_RETRIES = 100

function isSchedule(retry: unknown): boolean {
  if (!Array.isArray(retry) || retry.length > MOST_RETRIES) return false
  return retry.every(delay => Number.isFinite(delay) && delay >= 0)
}

/** Where it is written down how far a chain has come. Without an inbox nowhere. */
export interface Journal {
  once<T>(handler: AnyHandler, key: string, step: () => T | Promise<T>): Promise<T>
  /** After each handler, before the next. */
  ended(handler: AnyHandler, outcome: 'done' | 'stopped' | 'failed', error?: unknown): void
}

export interface ChainResult {
  readonly reply: Reply | undefined
  /** The handler that threw, or took too long. Those behind it did not run. */
  readonly failed: { readonly handler: string; readonly error: unknown } | undefined
}

/**
 * Runs a delivery through its chain, one handler after the other. Does not throw. With a journal, a chain that was told to
 * abort waits for nobody: the handler that is running counts as failed, whatever comes of it.
 */
export async function runChain(
  chain: readonly AnyHandler[],
  delivery: Delivery,
  log: Logger,
  closing: AbortSignal,
  journal?: Journal
): Promise<ChainResult> {
  let reply: Reply | undefined
  for (const handler of chain) {
    if (journal !== undefined && closing.aborted) {
      return { reply, failed: { handler: handler.name, error: closing.reason } }
    }
    const turn = new Turn(handler, delivery, log, closing, journal)
    try {
      const running = turn.run()
      if (running !== undefined) await running
    } catch (error) {
      journal?.ended(handler, 'failed', error)
      return { reply: reply ?? turn.answer, failed: { handler: handler.name, error } }
    }
    reply ??= turn.answer
    journal?.ended(handler, turn.stopped ? 'stopped' : 'done')
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
  readonly #journal: Journal | undefined
  #log: Logger | undefined
  #abort: AbortController | undefined
  #leave: ((reason: unknown) => void) | undefined
  answer: Reply | undefined
  stopped = false

  constructor(handler: AnyHandler, delivery: Delivery, parent: Logger, closing: AbortSignal, journal?: Journal) {
    this.#handler = handler
    this.#delivery = delivery
    this.#parent = parent
    this.#closing = closing
    this.#journal = journal
  }

  // Made when they are read, as all that follows, and bound: a handler can take them apart, `{ log, stop }`.
  get stop(): HandlerContext['stop'] {
    return reason => {
      this.stopped = true
      this.log.debug({ reason }, 'chain stopped')
    }
  }

  get reply(): HandlerContext['reply'] {
    return reply => {
      this.answer ??= reply
    }
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

  get once(): HandlerContext['once'] {
    return async (key, step) => (this.#journal === undefined ? step() : this.#journal.once(this.#handler, key, step))
  }

  readonly #onClosing = (): void => {
    this.#abort?.abort(this.#closing.reason)
    this.#leave?.(this.#closing.reason)
  }

  /** A promise only where the handler gives one. */
  run(): Promise<void> | undefined {
    let running: void | Promise<void> | undefined
    try {
      running = this.#handler.handle(this.#delivery, this)
    } finally {
      if (running === undefined) this.#end()
    }
    return running === undefined ? undefined : this.#inTime(Promise.resolve(running))
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
      if (this.#journal !== undefined) {
        this.#leave = reject
        this.#closing.addEventListener('abort', this.#onClosing, { once: true })
      }
    })
    try {
      await Promise.race([running, tooLate])
    } finally {
      clearTimeout(timer)
      this.#end()
    }
  }

  #end(): void {
    // Nothing was added where nobody asked for the signal, and nothing is written down.
    if (this.#abort !== undefined || this.#leave !== undefined) {
      this.#closing.removeEventListener('abort', this.#onClosing)
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
