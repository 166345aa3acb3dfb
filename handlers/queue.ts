import { type Accept, type CloudEvent, type Delivery, Handler, type HandlerContext, toCloudEvent } from '../src/kit.ts'

export interface QueueOptions {
  /** The deliveries to enqueue: `[on(github, 'issues.*')]`. */
  readonly accepts: readonly Accept[]
  /**
   * Puts an event into your queue, and resolves once it is kept there. `source` and `id` together are what a redelivery
   * repeats. Where the provider gives no id, the id is random, and no queue can tell that two events are the same.
   */
  readonly enqueue: (event: CloudEvent, context: HandlerContext) => Promise<unknown>
  /** Default: `queue`. */
  readonly name?: string
  /** Default: 50. */
  readonly order?: number
  /** Milliseconds. Default: 30 000. */
  readonly timeout?: number
}

/** Puts deliveries into a queue, as CloudEvents. If the queue fails, the handler does, and the provider tries again. */
export class Queue extends Handler<readonly Accept[]> {
  readonly name: string
  override readonly order: number
  override readonly timeout: number
  readonly #enqueue: QueueOptions['enqueue']

  constructor({ accepts, enqueue, name = 'queue', order = 50, timeout = 30_000 }: QueueOptions) {
    super(accepts)
    this.name = name
    this.order = order
    this.timeout = timeout
    this.#enqueue = enqueue
  }

  async handle(delivery: Delivery, context: HandlerContext): Promise<void> {
    const enqueue = this.#enqueue
    await enqueue(toCloudEvent(delivery), context)
  }
}
