import { ReceivedDelivery } from '../../delivery.ts'
import { ProvenRequest } from '../../receive.ts'
import type { Delivery, Description } from '../../receiver.ts'
import type { StoredDelivery, StoredRequest } from '../../store/store.ts'

/** A stored delivery as handlers know it: its data is read when a handler does, once. */
export function deliveryOf(stored: StoredDelivery, request: StoredRequest, attempt: number): Delivery {
  const message = new ProvenRequest(request, stored.kind)
  const { receiver, instance } = stored
  const arrival = { receiver, instance, receivedAt: new Date(stored.receivedAt), attempt }
  return new ReceivedDelivery(message, descriptionOf(stored), arrival)
}

function descriptionOf(stored: StoredDelivery): Description {
  return stored.data === undefined ? new StoredDescription(stored) : new StoredItem(stored, stored.data)
}

class StoredDescription implements Description {
  readonly event: string
  readonly id: string | undefined
  readonly occurredAt: Date | undefined
  readonly subject: string | undefined
  readonly account: string | undefined

  constructor({ event, id, occurredAt, subject, account }: StoredDelivery) {
    this.event = event
    this.id = id
    this.occurredAt = occurredAt === undefined ? undefined : new Date(occurredAt)
    this.subject = subject
    this.account = account
  }
}

/** One event's part of a batch. */
class StoredItem extends StoredDescription {
  readonly #json: string
  #parsed: { readonly value: unknown } | undefined

  constructor(stored: StoredDelivery, json: string) {
    super(stored)
    this.#json = json
  }

  get data(): unknown {
    this.#parsed ??= { value: JSON.parse(this.#json) }
    return this.#parsed.value
  }
}
