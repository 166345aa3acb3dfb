import type { Answer, WebhookRequest } from './receiver.ts'

const HOST = /^[A-Za-z0-9.:_-]{1,255}$/

/**
 * The consent that senders of CloudEvents ask for by OPTIONS, to send at all and so often: `rate` in requests a minute,
 * or `*`. The sender's name goes into a header of ours, so what is no name of a host is refused.
 */
export function consent({ headers }: Pick<WebhookRequest, 'headers'>, rate: string): Answer {
  const origin = headers['webhook-request-origin']
  if (typeof origin !== 'string' || !HOST.test(origin)) return { reject: 'challenge-malformed', status: 400 }
  return { status: 200, headers: { allow: 'POST', 'webhook-allowed-origin': origin, 'webhook-allowed-rate': rate } }
}
