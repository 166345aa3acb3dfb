/**
 * The process that is killed: an application as anybody would write it, with an inbox and three handlers. Each leaves an
 * effect. What the second does besides stands in the event: `act` says `fail` (its first try fails), `die` (it takes the
 * process with it), `wait` (until the gate is gone).
 */
import { existsSync } from 'node:fs'
import { flushCompileCache } from 'node:module'
import { setTimeout as pause } from 'node:timers/promises'
import Fastify from 'fastify'
import { custom } from '../../../receivers/custom.ts'
import { github } from '../../../receivers/github.ts'
import { FunctionHandler, type HandlerContext, on } from '../../../src/handler.ts'
import type { WorkerOptions } from '../../../src/inbox/worker/worker.ts'
import webhooks from '../../../src/plugin.ts'
import type { Delivery } from '../../../src/receiver.ts'
import { Effects, STEP } from './effects.ts'
import { SECRET } from './requests.ts'
import { type Address, storeAt } from './stores.ts'

export interface ServerOptions {
  readonly store: Address
  /** Where effects go, and the log. */
  readonly effects: string
  readonly log: string
  /** Default: any. */
  readonly port?: number
  readonly worker?: false | WorkerOptions
  readonly order?: 'subject'
  /** Milliseconds between tries. */
  readonly retry?: readonly number[]
  /** Milliseconds that a handler may take; shorter than the lease. */
  readonly timeout?: number
  /** A file: while it is there, `wait` waits. */
  readonly gate?: string
  /** A file with the milliseconds by which its clock is wrong. Default: the machine's clock. */
  readonly clock?: string
}

/** What it says of itself. */
export type Said =
  | { readonly port: number }
  | { readonly error: { readonly code: string; readonly message: string } }
  | { readonly megabytes: number; readonly peak: number }

const options = JSON.parse(process.argv[2]!) as ServerOptions
const { retry = [20, 20, 20, 20, 20, 20, 20, 20, 20], timeout = 1_000 } = options
const effects = new Effects(options.effects)
const say = (said: Said): void => void process.send!(said)

async function act(delivery: Delivery): Promise<void> {
  const what = (delivery.data as { readonly act?: string }).act
  if (what === 'fail' && delivery.attempt === 1) throw new Error('its first try fails, on purpose')
  if (what === 'die') {
    effects.append('dying', delivery)
    process.kill(process.pid, 'SIGKILL')
  }
  if (what === 'wait' && options.gate !== undefined) {
    effects.append('waiting', delivery)
    while (existsSync(options.gate)) await pause(5)
  }
}

const handlers = [
  new FunctionHandler(on('**'), { name: 'first', retry, timeout }, delivery => effects.append('first', delivery)),
  new FunctionHandler(on('**'), { name: 'second', retry, timeout }, async (delivery, { once }: HandlerContext) => {
    await once('step', () => effects.append(STEP, delivery))
    await act(delivery)
    effects.append('second', delivery)
  }),
  new FunctionHandler(on('**'), { name: 'third', retry, timeout }, async delivery => {
    await pause(1)
    effects.append('third', delivery)
  })
]

const app = Fastify({ logger: { level: 'warn', file: options.log } })
try {
  await app.register(webhooks, {
    receivers: [custom, github],
    env: { WEBHOOKS_CUSTOM_SECRET: SECRET, WEBHOOKS_GITHUB_SECRET: SECRET },
    inbox: storeAt(options.store),
    handlers,
    ...(options.worker !== undefined && { worker: options.worker }),
    ...(options.order !== undefined && { order: options.order })
  })
  await app.listen({ port: options.port ?? 0, host: '127.0.0.1' })
  say({ port: (app.server.address() as { port: number }).port })
  // For the next one: who is killed leaves none behind.
  flushCompileCache()
} catch (error) {
  const { code, message } = error as Error & { code: string }
  process.send!({ error: { code, message } }, () => process.exit(1))
}

process.on('message', () => {
  const { rss } = process.memoryUsage()
  say({ megabytes: rss / 2 ** 20, peak: process.resourceUsage().maxRSS / 2 ** 10 })
})
process.on('disconnect', () => process.exit())
process.once('SIGTERM', async () => {
  await app.close()
  // Nothing else may keep it alive: it ends by itself.
  process.removeAllListeners('disconnect')
  process.disconnect()
})
