import { redactBody } from './body/redact.ts'
import type { AnyReceiver, BodyKind, WebhookRequest } from './receiver.ts'

/**
 * The request as everybody behind the proof may see it. A header that carried the secret is gone, a query parameter is
 * `***`, and fields, in `secretFields` too, are overwritten by as many `*`.
 */
export function redact(receiver: AnyReceiver, request: WebhookRequest, kind: BodyKind): WebhookRequest {
  const { headers = [], query = [], fields = [] } = receiver.scheme.carries ?? {}
  const secretFields = [...fields, ...(receiver.secretFields ?? [])]
  if (headers.length + query.length + secretFields.length === 0) return request

  const type = request.headers['content-type']
  return {
    method: request.method,
    url: redactQuery(request.url, query),
    headers: without(request.headers, headers),
    body:
      secretFields.length === 0
        ? request.body
        : redactBody(request.body, kind, typeof type === 'string' ? type : undefined, secretFields)
  }
}

function redactQuery(url: string, names: readonly string[]): string {
  const at = url.indexOf('?')
  if (names.length === 0 || at === -1) return url
  const pairs = url.slice(at + 1).split('&')
  return `${url.slice(0, at)}?${pairs.map(pair => (names.includes(nameOf(pair)) ? `${pair.split('=', 1)[0]}=***` : pair)).join('&')}`
}

function nameOf(pair: string): string {
  return [...new URLSearchParams(pair).keys()][0] ?? ''
}

function without(headers: WebhookRequest['headers'], names: readonly string[]): WebhookRequest['headers'] {
  if (names.length === 0) return headers
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !names.includes(name)))
}
