import { kindOf, readBody } from '../../body/body.ts'
import type { Reason } from '../../errors.ts'
import type { AnyReceiver, BodyKind, Carries, Credentials, WebhookRequest } from '../../receiver.ts'
import { CREDENTIAL_HEADERS, carriedBy, hide } from '../../redact.ts'
import type { StoredRequest } from '../../store/store.ts'
import { withoutTexts } from './known-secrets.ts'

const NOTHING = new Uint8Array()

export interface Refused {
  readonly receiver: AnyReceiver
  readonly credentials: Pick<Credentials, 'secrets' | 'settings'>
  readonly reason: Reason
  readonly request: WebhookRequest
  /** Whether its body is all that came. */
  readonly isWhole: boolean
}

/**
 * A refused request as it may be kept. Whatever stands where a secret can travel is hidden, right or wrong: it may be
 * another instance's secret or an old one. The instance's own secrets are hidden anywhere: somebody may have put one into
 * the wrong place. A request without any proof of this receiver may be meant for another one, so fields that carry secrets
 * there are hidden as well. Where fields can't be found for sure, no body is kept.
 */
export function withoutSecrets(refused: Refused, receivers: Iterable<AnyReceiver>): StoredRequest {
  const { receiver, request, isWhole, credentials } = refused
  const places = placesOf(refused, [...receivers])
  const kind = kindOf(receiver, request)
  const isUnsure = places.fields.length > 0 && !(isWhole && isParsed(request, kind))
  const hidden = hide(isUnsure ? { ...request, body: NOTHING } : request, kind, places)
  const { key } = receiver.scheme
  const { address: _, ...stored } = key !== false && key.isPublic ? hidden : withoutTexts(hidden, credentials.secrets)
  return stored
}

function placesOf({ receiver, credentials, reason }: Refused, receivers: readonly AnyReceiver[]): Required<Carries> {
  const own = [carriedBy(receiver, credentials.settings), receiver.scheme.carries ?? {}]
  const all = [...own, ...receivers.map(({ scheme }) => scheme.carries ?? {})]
  const isStray = reason.endsWith('-missing')
  return {
    headers: [...CREDENTIAL_HEADERS, ...all.flatMap(({ headers = [] }) => headers)],
    query: all.flatMap(({ query = [] }) => query),
    fields: [
      ...(isStray ? all : own).flatMap(({ fields = [] }) => fields),
      ...(isStray ? [receiver, ...receivers] : [receiver]).flatMap(({ secretFields = [] }) => secretFields)
    ]
  }
}

function isParsed(request: WebhookRequest, kind: BodyKind): boolean {
  return kind !== 'text' && 'value' in readBody(request, kind)
}
