import type { Accept, Delivery, HandlerContext } from '../../src/kit.ts'
import { on } from '../../src/kit.ts'

export const everything: readonly Accept[] = [on('**')]

/** A delivery as the pipeline makes it, for handlers that are called directly. */
export function deliveryWith(changes: Partial<Delivery> = {}, headers: object = {}): Delivery {
  const request = {
    method: 'POST',
    url: 'https://hooks.example/api/webhooks/incoming/shop?code=***',
    headers: { 'content-type': 'application/json', ...headers },
    body: Buffer.from('{ "spaced" : 1 }')
  }
  return {
    receiver: 'shop',
    instance: '',
    event: 'order.paid',
    id: 'o-1',
    occurredAt: undefined,
    receivedAt: new Date('2026-01-02T03:04:06Z'),
    subject: undefined,
    account: undefined,
    data: { spaced: 1 },
    headers: {},
    attempt: 1,
    raw: () => request,
    ...changes
  }
}

/** What a handler is given, and all that it logged, as text. */
export function contextWith(signal: AbortSignal = new AbortController().signal): HandlerContext & { logged(): string } {
  const lines: unknown[] = []
  const keep = (...line: unknown[]): void => void lines.push(line)
  const log = { trace: keep, debug: keep, info: keep, warn: keep, error: keep, fatal: keep }
  return { log, signal, stop() {}, reply() {}, once: async (_key, step) => step(), logged: () => JSON.stringify(lines) }
}
