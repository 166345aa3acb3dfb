/** What the checks work with: deliveries that differ only in what a check is about. */
import assert from 'node:assert/strict'
import type {
  Added,
  Arrival,
  Claimed,
  ClaimQuery,
  Lease,
  NewDelivery,
  Settlement,
  State,
  Store,
  StoredDelivery,
  StoredRequest
} from '../../store/store.ts'

export const RECEIVED = 1_700_000_000_000
export const SETTLED = ['done', 'dead', 'ignored'] as const satisfies readonly State[]

export type Given = Partial<NewDelivery> &
  Partial<Omit<Arrival, 'request' | 'deliveries'>> & { readonly body?: string | Uint8Array | undefined }

export function delivery(given: Partial<NewDelivery> = {}): NewDelivery {
  return { event: 'order.paid', position: 0, ...given }
}

export function arrival(given: Given = {}, deliveries?: readonly NewDelivery[]): Arrival {
  const {
    receiver = 'acme',
    instance = '',
    receivedAt = RECEIVED,
    secret = 0,
    kind = 'json',
    body = '{}',
    ...one
  } = given
  const request = { method: 'POST', url: '/acme', headers: {}, body: Buffer.from(body) }
  return { receiver, instance, receivedAt, secret, kind, request, deliveries: deliveries ?? [delivery(one)] }
}

export async function put(store: Store, given: Given = {}): Promise<Added> {
  const [added] = await store.add(arrival(given))
  assert.ok(added, 'add must resolve to an entry for the delivery')
  return added
}

/** Numbers of new deliveries, one request each, in this order. */
export async function putEach(store: Store, given: readonly Given[]): Promise<number[]> {
  const numbers: number[] = []
  for (const one of given) numbers.push((await put(store, one)).seq)
  return numbers
}

export function times(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index)
}

/** By then all that was just added is due. */
export function soon(store: Store): number {
  return store.now() + 1_000
}

export function claim(store: Store, query: Partial<ClaimQuery> = {}): Promise<readonly Claimed[]> {
  const now = query.now ?? soon(store)
  const receivers = ['acme', 'globex'].map(name => ({ name, limit: 1_000 }))
  return store.claim({ worker: 'worker-1', now, until: now + 60_000, limit: 1_000, receivers, ...query })
}

export function settle(store: Store, lease: Lease, settlement: Partial<Settlement> = {}): Promise<boolean> {
  const written = { state: 'done', attempt: 1, tries: 1, progress: '{"done":["a"]}', history: '[1]' } as const
  return store.settle(lease, { ...written, error: undefined, now: store.now(), ...settlement })
}

/** A new delivery that is in this state. */
export async function bring(
  store: Store,
  state: State,
  given: Given = {},
  settlement: Partial<Settlement> = {}
): Promise<Added> {
  if (state === 'waiting' && settlement.due === undefined) return put(store, given)
  const start = { state: 'running', worker: 'worker-1', until: store.now() + 60_000, progress: '' } as const
  const added = await put(store, { ...given, start })
  if (state !== 'running') assert.equal(await settle(store, added, { state, ...settlement }), true)
  return added
}

/** Lets the lease of a running delivery lapse, and takes it over, so often. */
export async function lapse(store: Store, seq: number, often: number): Promise<Claimed> {
  let taken: Claimed | undefined
  for (const _ of times(often)) {
    const { leaseUntil, lapses } = await stored(store, seq)
    const now = leaseUntil! + 1
    taken = (await claim(store, { now, worker: 'worker-2', alone: lapses > 0 })).find(claimed => claimed.seq === seq)
    assert.ok(taken, 'a lapsed lease must be taken')
  }
  return taken!
}

export async function stored(store: Store, seq: number): Promise<StoredDelivery> {
  const found = await store.get(seq)
  assert.ok(found, `the delivery ${seq} must be there`)
  return found
}

export async function states(store: Store, numbers: readonly number[]): Promise<State[]> {
  return Promise.all(numbers.map(async seq => (await stored(store, seq)).state))
}

export function seqs(list: readonly { readonly seq: number }[]): number[] {
  return list.map(({ seq }) => seq)
}

export function ascending(numbers: readonly number[]): number[] {
  return numbers.toSorted((a, b) => a - b)
}

/** Whatever an engine makes its objects of: their values, without what is undefined. */
export function values(object: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined))
}

export function assertSame(actual: object | undefined, expected: object, message?: string): void {
  assert.ok(actual, message)
  assert.deepEqual(values(actual), values(expected), message)
}

export function assertRequest(actual: StoredRequest | undefined, expected: StoredRequest, message?: string): void {
  assert.ok(actual, message ?? 'the request must be there')
  const { body, headers, ...rest } = expected
  assert.equal(Buffer.compare(actual.body, body), 0, `the body must be the same bytes (${body.length})`)
  assert.deepEqual(values(actual.headers), values(headers), message)
  assert.deepEqual({ method: actual.method, url: actual.url }, rest, message)
}
