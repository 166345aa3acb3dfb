import { kindOf } from '../body/body.ts'
import { ProvenRequest } from '../receive.ts'
import type { AnyReceiver, Credentials, Description, WebhookRequest } from '../receiver.ts'

/**
 * The body with this data: as it is, or in the place of the part of the sample's body that is one event's data. Undefined
 * where that can't be written back.
 */
export function bodyOf(
  data: unknown,
  sample: WebhookRequest,
  known: { readonly receiver: AnyReceiver; readonly credentials: Credentials }
): Uint8Array | undefined {
  if (typeof data === 'string') return Buffer.from(data)
  if (data instanceof Uint8Array) return data
  const kind = kindOf(known.receiver, sample)
  const { part, whole } = partOf(sample, known)
  if (part === undefined) {
    if (kind === 'form') return Buffer.from(new URLSearchParams(data as Record<string, string>).toString())
    return kind === 'json' ? Buffer.from(JSON.stringify(data)) : undefined
  }
  let isFound = false
  const json = JSON.stringify(whole, (_, value) => {
    if (value !== part) return value
    isFound = true
    return data
  })
  return isFound && kind === 'json' ? Buffer.from(json) : undefined
}

/** The first event's part of the sample's body, where a body holds several; both are undefined where it can't be read. */
function partOf(
  sample: WebhookRequest,
  { receiver, credentials }: { readonly receiver: AnyReceiver; readonly credentials: Credentials }
): { readonly part?: unknown; readonly whole?: unknown } {
  const message = new ProvenRequest(sample, kindOf(receiver, sample))
  try {
    const [first] = [receiver.describe(message, credentials)].flat() as readonly Description[]
    return first?.data === undefined ? {} : { part: first.data, whole: message.body }
  } catch {
    return {}
  }
}
