import { kindOf } from '../body/body.ts'
import { ProvenRequest } from '../receive.ts'
import type { AnyReceiver, Credentials, Description, WebhookRequest } from '../receiver.ts'

/** How the receiver would describe the request, were it proven; undefined where it can't. */
export function describedIn(
  request: WebhookRequest,
  { receiver, credentials }: { readonly receiver: AnyReceiver; readonly credentials: Credentials }
): readonly Description[] | undefined {
  try {
    const described = receiver.describe(new ProvenRequest(request, kindOf(receiver, request)), credentials)
    return [described].flat() as readonly Description[]
  } catch {
    return undefined
  }
}
