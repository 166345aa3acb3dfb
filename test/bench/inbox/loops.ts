import Fastify, { type FastifyInstance } from 'fastify'
import { stripe } from '../../../receivers/stripe.ts'
import { FunctionHandler } from '../../../src/handler.ts'
import { on } from '../../../src/kit.ts'
import webhooks from '../../../src/plugin.ts'
import type { Store } from '../../../src/store/store.ts'
import { SECRET } from '../payloads.ts'
import { add } from './deliveries.ts'

export interface Loop {
  fill(count: number): Promise<void>
  /** Works until nothing waits. Resolves to how many were done. */
  work(): Promise<number>
  close(): Promise<unknown>
}

/** How many a claim takes. */
export const BATCH = 100
export const LEASE = 60_000

/** The plugin's own worker, with a chain of three handlers that do nothing. */
export class Handled implements Loop {
  readonly #app: FastifyInstance
  readonly #store: Store
  #calls = 0
  #seen = 0

  private constructor(store: Store) {
    this.#app = Fastify()
    this.#store = store
  }

  static async open(store: Store): Promise<Handled> {
    const handled = new Handled(store)
    const handlers = ['one', 'two', 'three'].map(
      name => new FunctionHandler(on('**'), { name }, () => void handled.#calls++)
    )
    const env = { WEBHOOKS_STRIPE_SECRET: SECRET }
    await handled.#app.register(webhooks, { env, receivers: [stripe], handlers, inbox: store, worker: false })
    await handled.#app.ready()
    return handled
  }

  fill(count: number): Promise<void> {
    this.#calls = 0
    return add(this.#store, count)
  }

  async work(): Promise<number> {
    await this.#app.webhooks.inbox!.drain()
    const done = await this.#store.count({ state: 'done' })
    const fresh = done - this.#seen
    this.#seen = done
    if (this.#calls !== 3 * fresh) throw new Error(`${this.#calls} calls for ${fresh} deliveries`)
    return fresh
  }

  close(): Promise<void> {
    return this.#app.close()
  }
}

/** What the store costs, without a worker. */
export class ClaimAndSettle implements Loop {
  readonly #store: Store

  private constructor(store: Store) {
    this.#store = store
  }

  static async open(store: Store): Promise<ClaimAndSettle> {
    await store.open()
    return new ClaimAndSettle(store)
  }

  fill(count: number): Promise<void> {
    return add(this.#store, count)
  }

  async work(): Promise<number> {
    const store = this.#store
    const receivers = [{ name: 'stripe', limit: BATCH }]
    for (let done = 0; ; ) {
      const now = store.now()
      const claimed = await store.claim({ worker: 'bench', now, until: now + LEASE, limit: BATCH, receivers })
      if (claimed.length === 0) return done
      const settled = await Promise.all(
        claimed.map(({ seq, fence, attempt, tries }) =>
          store.settle(
            { seq, fence },
            { state: 'done', attempt, tries, progress: '', history: '', error: undefined, now: store.now() }
          )
        )
      )
      done += settled.filter(Boolean).length
    }
  }

  close(): Promise<void> {
    return this.#store.close()
  }
}
