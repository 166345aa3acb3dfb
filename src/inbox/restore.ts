import { ReceivedDelivery } from '../delivery.ts'
import { ProvenRequest } from '../receive.ts'
import type { Delivery, Description } from '../receiver.ts'
import type { StoredDelivery, StoredRequest } from '../store/store.ts'

/** A stored delivery as handlers know it: its data is read when a handler does, once. */
export function deliveryOf(stored: StoredDelivery, request: StoredRequest, attempt: number): Delivery {
  const message = new ProvenRequest(request, stored.kind)
  const { receiver, instance } = stored
  const arrival = { receiver, instance, receivedAt: new Date(stored.receivedAt), attempt }
  return new ReceivedDelivery(message, descriptionOf(stored), arrival)
}

function descriptionOf({ event, id, occurredAt, subject, account, data }: StoredDelivery): Description {
  const described = {
    event,
    id,
    occurredAt: occurredAt === undefined ? undefined : new Date(occurredAt),
    subject,
    account
  }
  return data === undefined ? described : withData(described, data)
}

function withData(description: Description, json: string): Description {
  let parsed: { readonly value: unknown } | undefined
  return {
    ...description,
    get data() {
      parsed ??= { value: JSON.parse(json) }
      return parsed.value
    }
  }
}
