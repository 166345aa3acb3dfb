import type { ProvenRequest } from './receive.ts'
import type { Delivery, Description, WebhookRequest } from './receiver.ts'

/** One thing that a request tells, as its receiver describes it. */
export class ReceivedDelivery implements Delivery {
  readonly receiver: string
  readonly instance: string
  readonly event: string
  readonly id: string | undefined
  readonly occurredAt: Date | undefined
  readonly receivedAt: Date
  readonly subject: string | undefined
  readonly account: string | undefined
  declare readonly data: any
  readonly headers: Delivery['headers']
  readonly attempt: number
  readonly raw = (): WebhookRequest => this.#message.request
  readonly #message: ProvenRequest

  /**
   * For a body that nobody has read yet. Own and enumerable, so that a copy of the delivery has it. V8 makes every getter
   * of an object's own old at once, and with it all that it holds: each request would stay until the next full collection.
   * So there is one for all.
   */
  static readonly #unread = {
    enumerable: true,
    get(this: ReceivedDelivery): unknown {
      return this.#message.body
    }
  }

  constructor(
    message: ProvenRequest,
    description: Description,
    { receiver, instance, receivedAt, attempt }: Pick<Delivery, 'receiver' | 'instance' | 'receivedAt' | 'attempt'>
  ) {
    this.receiver = receiver
    this.instance = instance
    this.event = description.event!
    this.id = description.id
    this.occurredAt = description.occurredAt
    this.receivedAt = receivedAt
    this.attempt = attempt
    this.subject = description.subject
    this.account = description.account
    this.headers = message.headers
    this.#message = message
    if ('data' in description) this.data = description.data
    else if (message.isRead) this.data = message.body
    else Object.defineProperty(this, 'data', ReceivedDelivery.#unread)
  }
}
