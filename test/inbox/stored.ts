import { github } from '../../receivers/github.ts'
import { mailchimp } from '../../receivers/mailchimp.ts'
import { slack } from '../../receivers/slack.ts'
import { stripe } from '../../receivers/stripe.ts'
import { twilio } from '../../receivers/twilio.ts'
import type { Logger } from '../../src/handler.ts'
import { type CredentialsFor, Inbox, type InboxParts } from '../../src/inbox/inbox.ts'
import type { AnyReceiver, Credentials, WebhookRequest } from '../../src/receiver.ts'
import type { NewDelivery, Store } from '../../src/store/store.ts'
import { type MemoryStore, memoryStore } from '../store/memory.ts'

export const NOW = Date.parse('2026-03-01T12:00:00Z')
export const SECRET = 'a-secret-for-the-tests'
export const CODE = 'a-code-for-the-url-of-32-letters-'
export const PEPPER = Buffer.alloc(32, 7)

const all: readonly AnyReceiver[] = [github, mailchimp, slack, stripe, twilio]
export const receivers: ReadonlyMap<string, AnyReceiver> = new Map(all.map(receiver => [receiver.name, receiver]))

export const offline: typeof fetch = () => Promise.reject(new TypeError('offline'))

export function credentials(...secrets: readonly string[]): Credentials {
  return { secrets, settings: {}, fetch: offline }
}

/** The same secret for every instance of every receiver, or what is given by `receiver/instance`. */
export function knowing(table: Readonly<Record<string, readonly string[]>>): CredentialsFor {
  return async ({ name }, instance) => {
    const secrets = table[`${name}/${instance}`]
    return secrets && credentials(...secrets)
  }
}

/** Lines of the log, by what they say. */
export function recordingLog(): { log: Logger; lines: { level: string; fields: any; text: string }[] } {
  const lines: { level: string; fields: any; text: string }[] = []
  const write = (level: string) => (fields: any, text: string) => void lines.push({ level, fields, text })
  const levels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal']
  return { log: Object.fromEntries(levels.map(level => [level, write(level)])) as unknown as Logger, lines }
}

export function inboxOf(parts: Partial<InboxParts> = {}): { inbox: Inbox; store: Store } {
  const store = parts.store ?? memoryStore({ now: () => NOW })
  const credentialsFor = knowing({ 'github/': [SECRET] })
  const { log } = recordingLog()
  return { inbox: new Inbox({ store, receivers, credentialsFor, pepper: () => PEPPER, log, ...parts }), store }
}

export const pushBody = '{"ref":"refs/heads/main","repository":{"full_name":"octo/hello","owner":{"login":"octo"}}}'

/** A GitHub push without its signature. */
export function pushRequest(changes: Partial<WebhookRequest> = {}): WebhookRequest {
  return {
    method: 'POST',
    url: 'https://example.com/api/webhooks/incoming/github',
    headers: { 'content-type': 'application/json', 'x-github-event': 'push', 'x-github-delivery': 'd-1' },
    body: Buffer.from(pushBody),
    ...changes
  }
}

export function described(changes: Partial<NewDelivery> = {}): NewDelivery {
  return {
    event: 'push',
    position: 0,
    ...changes
  }
}

/** Stores deliveries, each with a request of its own; resolves to their numbers. */
export async function fill(
  store: Store,
  deliveries: readonly (Partial<NewDelivery> & { receiver?: string; instance?: string; receivedAt?: number })[]
): Promise<number[]> {
  const seqs: number[] = []
  for (const { receiver = 'github', instance = '', receivedAt = NOW, ...delivery } of deliveries) {
    const [added] = await store.add({
      ...{ receiver, instance, receivedAt, secret: 0, kind: 'json', request: pushRequest() },
      deliveries: [described(delivery)]
    })
    seqs.push(added!.seq)
  }
  return seqs
}

/** Claims everything that is due and settles it like this. */
export async function settleAll(
  store: MemoryStore | Store,
  settlement: { state: 'done' | 'dead' | 'ignored' | 'waiting'; error?: string; progress?: string; history?: string }
): Promise<void> {
  const now = store.now()
  const names = [...receivers.keys()].map(name => ({ name, limit: 1000 }))
  const claimed = await store.claim({ worker: 'w', now, until: now + 60_000, limit: 1000, receivers: names })
  for (const { seq, fence, attempt, tries } of claimed) {
    const { state, error, progress = '', history = '' } = settlement
    await store.settle({ seq, fence }, { state, due: now + 5_000, attempt, tries, progress, history, error, now })
  }
}
