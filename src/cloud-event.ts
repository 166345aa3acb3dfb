import type { Delivery } from './receiver.ts'

/** A CloudEvent 1.0 in its JSON format. */
export interface CloudEvent {
  readonly specversion: '1.0'
  readonly id: string
  readonly source: string
  readonly type: string
  readonly time: string
  readonly subject?: string
  readonly datacontenttype: 'application/json'
  /** Extensions: the instance, the tenant at the provider, and the time of arrival. */
  readonly instance?: string
  readonly account?: string
  readonly receivedat: string
  /** As JSON holds it: the bytes of files (multipart) are Base64. */
  readonly data: unknown
}

/**
 * A delivery in the vocabulary of CloudEvents 1.0: `source` is `/<receiver>/<instance>`, `type` is `<receiver>.<event>`.
 * Where the provider gives no id it gets a random one: two deliveries without an id are not known to be the same.
 */
export function toCloudEvent(delivery: Delivery<string, string, unknown>): CloudEvent {
  const { receiver, instance, event, id, occurredAt, receivedAt, subject, account, data } = delivery
  return {
    specversion: '1.0',
    id: id ?? crypto.randomUUID(),
    source: instance === '' ? `/${receiver}` : `/${receiver}/${encodeURIComponent(instance)}`,
    type: `${receiver}.${event}`,
    time: (occurredAt ?? receivedAt).toISOString(),
    ...(subject !== undefined && { subject }),
    datacontenttype: 'application/json',
    ...(instance !== '' && { instance }),
    ...(account !== undefined && { account }),
    receivedat: receivedAt.toISOString(),
    data: withBytesAsBase64(data)
  }
}

/** Only plain objects and arrays are walked: what else a receiver puts into `data` knows its own JSON. */
function withBytesAsBase64(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (value instanceof Uint8Array)
    return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64')
  if (Array.isArray(value)) return value.map(withBytesAsBase64)
  if (Object.getPrototypeOf(value) !== Object.prototype) return value
  return Object.fromEntries(Object.entries(value).map(([name, content]) => [name, withBytesAsBase64(content)]))
}
