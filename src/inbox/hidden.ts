import { kindOf, readBody } from '../body/body.ts'
import type { Reason } from '../errors.ts'
import type { AnyReceiver, BodyKind, Carries, Credentials, WebhookRequest } from '../receiver.ts'
import { carriedBy, hide } from '../redact.ts'

/** Credentials of proxies and browsers, and of whoever chose the wrong receiver. */
const CREDENTIAL_HEADERS = ['authorization', 'proxy-authorization', 'cookie']
const NOTHING = new Uint8Array()

export interface Refused {
  readonly receiver: AnyReceiver
  readonly settings: Credentials['settings']
  readonly reason: Reason
  readonly request: WebhookRequest
  /** Whether its body is all that came. */
  readonly isWhole: boolean
}

/**
 * A refused request as it may be kept. Whatever stands where a secret can travel is hidden, right or wrong: it may be
 * another instance's secret or an old one. A request without any proof of this receiver may be meant for another one, so
 * fields that carry secrets there are hidden as well. Where fields can't be found for sure, no body is kept.
 */
export function withoutSecrets(
  { receiver, settings, reason, request, isWhole }: Refused,
  receivers: Iterable<AnyReceiver>
): WebhookRequest {
  const others = [...receivers]
  const carrying = [carriedBy(receiver, settings), receiver.scheme.carries ?? {}]
  const anywhere = [...carrying, ...others.map(({ scheme }) => scheme.carries ?? {})]
  const isStray = reason.endsWith('-missing')
  const places: Required<Carries> = {
    headers: [...CREDENTIAL_HEADERS, ...anywhere.flatMap(({ headers = [] }) => headers)],
    query: anywhere.flatMap(({ query = [] }) => query),
    fields: [
      ...(isStray ? anywhere : carrying).flatMap(({ fields = [] }) => fields),
      ...(isStray ? [receiver, ...others] : [receiver]).flatMap(({ secretFields = [] }) => secretFields)
    ]
  }
  const kind = kindOf(receiver, request)
  const isUnsure = places.fields.length > 0 && !(isWhole && isParsed(request, kind))
  return hide(isUnsure ? { ...request, body: NOTHING } : request, kind, places)
}

function isParsed(request: WebhookRequest, kind: BodyKind): boolean {
  return kind !== 'text' && 'value' in readBody(request, kind)
}
