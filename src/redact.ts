import { redactBody } from './body/redact.ts'
import type { AnyReceiver, BodyKind, Carries, Credentials, WebhookRequest } from './receiver.ts'
import { chosenScheme } from './settings.ts'

/** Credentials of proxies and browsers, and of whoever chose the wrong receiver. No proof of a receiver, and never kept. */
export const CREDENTIAL_HEADERS = ['authorization', 'proxy-authorization', 'cookie']

const USER = /^(https?:\/\/)[^\s\\@?#/]+@/i

/**
 * The request as everybody behind the proof may see it. A header that carried the secret is gone, a query parameter is
 * `***`, and fields, in `secretFields` too, are overwritten by as many `*`. A user in the public URL is gone as well: it
 * may be part of what is signed, and is the provider's way through a proxy.
 */
export function redact(
  receiver: AnyReceiver,
  request: WebhookRequest,
  kind: BodyKind,
  settings: Credentials['settings']
): WebhookRequest {
  const { headers = [], query = [], fields = [] } = carriedBy(receiver, settings)
  return hide(request, kind, { headers, query, fields: [...fields, ...(receiver.secretFields ?? [])] })
}

/** The request without what stands at these places. */
export function hide(request: WebhookRequest, kind: BodyKind, places: Required<Carries>): WebhookRequest {
  const { headers, query, fields } = places
  const url = request.url.includes('@') ? request.url.replace(USER, '$1') : request.url
  if (headers.length + query.length + fields.length === 0 && url === request.url) return request

  const type = request.headers['content-type']
  return {
    ...request,
    url: redactQuery(url, query),
    headers: without(request.headers, headers),
    body:
      fields.length === 0
        ? request.body
        : redactBody(request.body, kind, typeof type === 'string' ? type : undefined, fields)
  }
}

/** Where secrets travel under these settings. Unusable ones prove nothing: then it is what holds for every choice. */
export function carriedBy({ scheme }: AnyReceiver, settings: Credentials['settings']): Carries {
  const chosen = chosenScheme(scheme, settings)
  return ('problem' in chosen ? scheme : chosen).carries ?? {}
}

/** The fragment goes as well: no query stands in one, and without what hid in front of it, it would be read as one. */
function redactQuery(url: string, names: readonly string[]): string {
  if (names.length === 0) return url
  const [start = ''] = url.split('#', 1)
  const at = start.indexOf('?')
  if (at === -1) return start
  const pairs = start.slice(at + 1).split('&')
  return `${start.slice(0, at)}?${pairs.map(pair => (names.includes(nameOf(pair)) ? `${pair.split('=', 1)[0]}=***` : pair)).join('&')}`
}

function nameOf(pair: string): string {
  return [...new URLSearchParams(pair).keys()][0] ?? ''
}

/** The same object where none is there. */
export function without(headers: WebhookRequest['headers'], names: readonly string[]): WebhookRequest['headers'] {
  if (!names.some(name => name in headers)) return headers
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !names.includes(name)))
}
