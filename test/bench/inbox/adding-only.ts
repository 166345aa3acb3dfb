import type { Arrival, Store } from '../../../src/store/store.ts'

export interface Adding {
  open?(): Promise<void>
  close(): Promise<void>
  add(arrival: Arrival): Promise<unknown>
}

/** A store that can only be added to: enough for a server without a worker. */
export function addingOnly(name: string, { open, close, add }: Adding): Store {
  const ADDED = [{ seq: 1, duplicate: false, fence: 0 }]
  const store: Partial<Store> = {
    name,
    close,
    now: () => Date.now(),
    async open() {
      await open?.()
      return { pepper: new Uint8Array(32) }
    },
    async add(arrival) {
      await add(arrival)
      return ADDED
    },
    watch: () => () => {},
    nextDue: async () => ({ due: undefined, alone: undefined }),
    workers: async () => [],
    paused: async () => [],
    prune: async () => 0,
    pruneRejected: async () => 0,
    countRejected: async () => {}
  }
  return store as Store
}

/** What a queue gets as its job: JSON, with the body as text, as one writes it by hand. */
export function jobOf({ receiver, instance, receivedAt, request, deliveries }: Arrival): Record<string, unknown> {
  const { method, url, headers, body } = request
  const { event, id, subject, account } = deliveries[0]!
  return { receiver, instance, receivedAt, event, id, subject, account, method, url, headers, body: textOf(body) }
}

export function textOf(body: Uint8Array): string {
  return Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString()
}
