import { type Outcome, receive } from '../receive.ts'
import type { AnyReceiver, Credentials, Reply, WebhookRequest } from '../receiver.ts'

/** All that an outcome depends on. */
export interface Trial {
  readonly request: WebhookRequest
  readonly credentials: Credentials
  readonly now: Date
}

export async function outcomeOf(receiver: AnyReceiver, { request, credentials, now }: Trial): Promise<Outcome> {
  return receive(receiver, '', request, credentials, now)
}

/** Whether the proof held. What came after it, such as a body in another format, is another matter. */
export function proofHeld(outcome: Outcome): boolean {
  return outcome.kind !== 'rejected' || outcome.stage !== 'proof'
}

/** An outcome in words, for a failure's message. */
export function inWords(outcome: Outcome): string {
  switch (outcome.kind) {
    case 'accepted':
      return `accepted as ${outcome.deliveries.map(({ event }) => event).join(', ') || 'nothing to handle'}`
    case 'answered':
      return `answered with ${outcome.reply.status}`
    case 'rejected': {
      const why = outcome.error === undefined ? '' : ` (${outcome.error})`
      return `rejected at stage ${outcome.stage} for ${outcome.reason}${why}`
    }
  }
}

export function bodyOf({ body }: Reply): string {
  if (body === undefined || typeof body === 'string') return body ?? ''
  return body instanceof Uint8Array ? Buffer.from(body).toString() : JSON.stringify(body)
}

export function headerOf({ headers = {}, body }: Reply, name: string): string | undefined {
  const written = Object.entries(headers).find(([key]) => key.toLowerCase() === name.toLowerCase())?.[1]
  const isObject = typeof body === 'object' && !(body instanceof Uint8Array)
  return written ?? (isObject && name === 'content-type' ? 'application/json' : undefined)
}
