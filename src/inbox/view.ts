/** What is stored, as `app.webhooks.inbox` shows it. */
import { InvalidInboxCall } from '../errors.ts'
import type { Filter, State, StoredDelivery, StoredRequest } from '../store/store.ts'
import { type History, type Progress, parseHistory, parseProgress } from './worker/progress.ts'

/** All that is given must hold. Without any, it is every delivery. */
export interface InboxFilter extends Omit<Filter, 'since' | 'until'> {
  /** Arrived at or after. */
  readonly since?: Date | undefined
  /** Arrived before. */
  readonly until?: Date | undefined
}

/** A stored delivery. */
export interface InboxDelivery {
  /** Its number in the inbox: what `get`, `replay` and `describe` take. */
  readonly seq: number
  readonly receiver: string
  readonly instance: string
  readonly event: string
  readonly id: string | undefined
  readonly occurredAt: Date | undefined
  readonly receivedAt: Date
  readonly subject: string | undefined
  readonly account: string | undefined
  readonly state: State
  /** Of a waiting one: when its turn comes. */
  readonly due: Date | undefined
  /** How often it was taken up. */
  readonly attempt: number
  /** How often since a handler was last done. */
  readonly tries: number
  /** Whoever has it, or had it last. */
  readonly worker: string | undefined
  /** Of a running one: until then nobody else takes it. */
  readonly leaseUntil: Date | undefined
  /** Why it is dead, or waits for another try. */
  readonly error: string | undefined
  /** How often the provider sent it again. */
  readonly duplicates: number
  /** The replay that put it back to work last. */
  readonly replay: string | undefined
  /** When it was done, dead, ignored or put off last. */
  readonly settledAt: Date | undefined
  /** Which of the instance's secrets proved it: 0 is the newest. */
  readonly secret: number
  /** Bytes of the request's body. */
  readonly size: number
}

/** A stored delivery with how it went, and its request. */
export interface InboxEntry extends InboxDelivery {
  /** One event's part of a batch, as JSON; undefined: the body. */
  readonly data: string | undefined
  /** Which handlers are done, and the results of their steps. */
  readonly progress: Progress
  /** What was tried, oldest first, with what each handler did. */
  readonly history: History
  readonly request: StoredRequest
}

// biome-ignore format: one line says it best.
const FILTERS = ['seq', 'receiver', 'instance', 'event', 'state', 'subject', 'account', 'id', 'since', 'until', 'text']

/** What the store is asked. A name that is no filter would be passed over, and all would match. */
export function filterOf(filter: InboxFilter): Filter {
  const unknown = Object.keys(filter).find(name => !FILTERS.includes(name))
  if (unknown !== undefined) throw new InvalidInboxCall(`${unknown} is no filter; there are ${FILTERS.join(', ')}`)
  const { since, until, ...same } = filter
  return { ...same, since: timeOf('since', since), until: timeOf('until', until) }
}

export function deliveryOf(stored: StoredDelivery): InboxDelivery {
  const { seq, receiver, instance, event, id, subject, account, state, attempt, tries, worker } = stored
  const { error, duplicates, replay, secret, size } = stored
  return {
    seq,
    receiver,
    instance,
    event,
    id,
    occurredAt: dateOf(stored.occurredAt),
    receivedAt: new Date(stored.receivedAt),
    subject,
    account,
    state,
    due: state === 'waiting' ? new Date(stored.due) : undefined,
    attempt,
    tries,
    worker,
    leaseUntil: state === 'running' ? dateOf(stored.leaseUntil) : undefined,
    error,
    duplicates,
    replay,
    settledAt: dateOf(stored.settledAt),
    secret,
    size
  }
}

export function entryOf(stored: StoredDelivery, request: StoredRequest): InboxEntry {
  const { data, progress, history } = stored
  return {
    ...deliveryOf(stored),
    data,
    progress: parseProgress(progress),
    history: parseHistory(history),
    request
  }
}

function timeOf(name: string, date: Date | undefined): number | undefined {
  if (date === undefined) return undefined
  if (date instanceof Date && !Number.isNaN(date.getTime())) return date.getTime()
  throw new InvalidInboxCall(`\`${name}\` must be a valid Date`)
}

function dateOf(time: number | undefined): Date | undefined {
  return time === undefined ? undefined : new Date(time)
}
