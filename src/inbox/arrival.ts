/** From a request that has proved itself to what the store keeps of it. */
import { createHash } from 'node:crypto'
import type { Proven } from '../receive.ts'
import type { AnyReceiver, Description, WebhookRequest } from '../receiver.ts'
import { CREDENTIAL_HEADERS, without } from '../redact.ts'
import type { Arrival, NewDelivery } from '../store/store.ts'

/** One delivery after the other for a subject: for all receivers, or for those that are named. */
export type Order = 'subject' | Readonly<Record<string, 'subject'>>

/** The event of a delivery whose request proved itself, but could not be described. */
export const UNREADABLE = 'unreadable'

const LONGEST_KEY = 256

export function arrivalOf(
  receiver: AnyReceiver,
  instance: string,
  { request: { method, url, headers, body }, kind, secret }: Proven,
  receivedAt: Date,
  deliveries: readonly NewDelivery[]
): Arrival {
  return {
    receiver: receiver.name,
    instance,
    receivedAt: receivedAt.getTime(),
    secret,
    kind,
    request: { method, url, headers: without(headers, CREDENTIAL_HEADERS), body },
    deliveries
  }
}

/** Or why the request, which proved itself, has none. */
export function newDeliveriesOf(
  receiver: AnyReceiver,
  instance: string,
  request: WebhookRequest,
  descriptions: readonly Description[],
  order: Order | undefined
): NewDelivery[] | string {
  try {
    return described(receiver, instance, request, descriptions, order)
  } catch (error) {
    return `describe-failed: the receiver gave data that is no JSON (${(error as Error).message})`
  }
}

function described(
  receiver: AnyReceiver,
  instance: string,
  request: WebhookRequest,
  descriptions: readonly Description[],
  order: Order | undefined
): NewDelivery[] {
  const isOrdered = order === 'subject' || order?.[receiver.name] === 'subject'
  const seen = new Map<string, number>()
  return descriptions.map(description => {
    const { event, id, occurredAt, subject, account } = description
    const key = id === undefined ? bodyKey(receiver, request) : keyOf(id)
    // Where items have no ids of their own, their place among those with the same one tells them apart.
    const position = key === undefined ? 0 : (seen.get(key) ?? 0)
    if (key !== undefined) seen.set(key, position + 1)
    return {
      event: clean(event!),
      id: id === undefined ? undefined : clean(id),
      key,
      position,
      // A receiver may have made it of a text that is no time.
      occurredAt: Number.isNaN(occurredAt?.getTime()) ? undefined : occurredAt?.getTime(),
      subject: subject === undefined ? undefined : clean(subject),
      account: account === undefined ? undefined : clean(account),
      data: 'data' in description ? (JSON.stringify(description.data) ?? 'null') : undefined,
      order: isOrdered && subject !== undefined ? digest(JSON.stringify([receiver.name, instance, subject])) : undefined
    }
  })
}

/** It proved itself, so it is kept, but there is nothing to handle: dead from the start. */
export function unreadable(error: string): NewDelivery {
  return { event: UNREADABLE, position: 0, start: { state: 'dead', error: clean(error) } }
}

/** The id itself where it is a plain one: then it can be searched by the same index that finds duplicates. */
export function keyOf(id: string): string {
  return id.length <= LONGEST_KEY && !id.startsWith('#') && clean(id) === id ? id : `#${digest(id)}`
}

function bodyKey({ dedupe }: AnyReceiver, { body }: WebhookRequest): string | undefined {
  return dedupe === 'body' ? `#${digest(body)}` : undefined
}

/** UTF-16 for texts: a hash of UTF-8 would take lone surrogates for one and the same. */
function digest(content: string | Uint8Array): string {
  const bytes = typeof content === 'string' ? Buffer.from(content, 'utf16le') : content
  return createHash('sha256').update(bytes).digest('base64url')
}

/** What every engine can keep as text: no NUL, no half of a surrogate pair. */
function clean(text: string): string {
  return text.isWellFormed() && !text.includes('\0') ? text : text.toWellFormed().replaceAll('\0', '\uFFFD')
}
