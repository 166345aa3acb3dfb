import { github } from '../../../receivers/github.ts'
import { slack } from '../../../receivers/slack.ts'
import { stripe } from '../../../receivers/stripe.ts'
import { Handlers } from '../../../src/chain.ts'
import {
  type AnyHandler,
  FunctionHandler,
  type FunctionHandlerOptions,
  type HandlerContext,
  on
} from '../../../src/handler.ts'
import { parseHistory, parseProgress } from '../../../src/inbox/worker/progress.ts'
import { Worker, type WorkerOptions } from '../../../src/inbox/worker/worker.ts'
import type { AnyReceiver, Delivery } from '../../../src/receiver.ts'
import type { NewDelivery, Store, StoredDelivery } from '../../../src/store/store.ts'
import { type MemoryStore, memoryStore } from '../../store/memory.ts'
import { described, pushRequest, recordingLog } from '../stored.ts'

export const NOW = Date.parse('2026-03-01T12:00:00Z')
const all: readonly AnyReceiver[] = [github, slack, stripe]

export class Clock {
  time = NOW
  readonly now = (): number => this.time
}

export type Handle = (delivery: Delivery, context: HandlerContext) => void | Promise<void>

export function handler(name: string, handle: Handle = () => {}, options: Partial<FunctionHandlerOptions> = {}) {
  return new FunctionHandler(on('**'), { name, timeout: 30_000, ...options }, handle)
}

export interface Workshop {
  readonly clock: Clock
  readonly store: MemoryStore
  readonly worker: Worker
  readonly lines: ReturnType<typeof recordingLog>['lines']
  put(
    delivery?: Partial<NewDelivery> & { receiver?: string; body?: Uint8Array; kind?: 'json' | 'form' }
  ): Promise<number>
  get(seq: number): Promise<StoredDelivery>
  /** Another process, with the same handlers or others. */
  another(handlers?: readonly AnyHandler[], options?: WorkerOptions, store?: Store): Worker
}

export interface WorkshopOptions extends WorkerOptions {
  readonly receivers?: readonly AnyReceiver[]
  /** What the worker sees of the store. */
  readonly seen?: (store: MemoryStore) => Store
  readonly random?: () => number
}

export function workshop(handlers: readonly AnyHandler[], options: WorkshopOptions = {}): Workshop {
  const { receivers: known = all, seen = (store: MemoryStore) => store, random = () => 0.5, ...rest } = options
  const clock = new Clock()
  const store = memoryStore({ now: clock.now })
  const { log, lines } = recordingLog()
  const receivers = new Map(known.map(receiver => [receiver.name, receiver]))
  const another: Workshop['another'] = (chain = handlers, other = rest, through = seen(store)) => {
    const registered = new Handlers(receivers)
    for (const one of chain) registered.add(one)
    return new Worker({ store: through, receivers, handlers: registered, log, options: other, random })
  }
  return {
    clock,
    store,
    lines,
    worker: another(),
    another,
    async put({ receiver = 'github', body, kind = 'json', ...delivery } = {}) {
      const request = body === undefined ? pushRequest() : pushRequest({ body })
      const arrival = { receiver, instance: '', receivedAt: clock.time, secret: 0, kind, request }
      const [added] = await store.add({ ...arrival, deliveries: [described(delivery)] })
      return added!.seq
    },
    async get(seq) {
      return (await store.get(seq))!
    }
  }
}

export const progressOf = (stored: StoredDelivery) => parseProgress(stored.progress)
export const triesOf = (stored: StoredDelivery) => parseHistory(stored.history)

/** Resolves when it is opened. */
export class Gate {
  readonly #opened = Promise.withResolvers<void>()
  readonly passed = this.#opened.promise
  open = (): void => this.#opened.resolve()
}

/** Looks again and again, for ten seconds at most, whether something has come true. */
export async function until(isTrue: () => boolean | Promise<boolean>): Promise<void> {
  const end = Date.now() + 10_000
  while (!(await isTrue())) {
    if (Date.now() > end) throw new Error('it did not come true')
    await new Promise(resolve => setTimeout(resolve, 2))
  }
}
