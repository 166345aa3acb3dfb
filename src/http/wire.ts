import { plainBody } from '../receive.ts'
import type { Reply } from '../receiver.ts'

/** What an answer carries: nothing for HEAD, and for a refusal without words of its own its status in words. */
export function bodyOf({ status, body }: Reply, method: string): Reply['body'] {
  if (method === 'HEAD') return undefined
  return body ?? (status >= 400 ? plainBody(status) : undefined)
}

/** An answer as it goes over the wire. */
export interface Wire {
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Uint8Array | undefined
}

export function wireOf(reply: Reply, method: string): Wire {
  const { headers = {} } = reply
  const body = bodyOf(reply, method)
  if (body === undefined) return { headers, body }
  if (typeof body === 'string') return { headers: typed(headers, 'text/plain; charset=utf-8'), body }
  if (body instanceof Uint8Array) return { headers: typed(headers, 'application/octet-stream'), body }
  return { headers: typed(headers, 'application/json; charset=utf-8'), body: JSON.stringify(body) }
}

function typed(headers: Wire['headers'], type: string): Wire['headers'] {
  const isTyped = Object.keys(headers).some(name => name.toLowerCase() === 'content-type')
  return isTyped ? headers : { ...headers, 'content-type': type }
}
