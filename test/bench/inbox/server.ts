/** One variant in a process of its own: `node server.ts <options as JSON>`. Says its port, then answers questions. */
import { readFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import Fastify from 'fastify'
import { github } from '../../../receivers/github.ts'
import { stripe } from '../../../receivers/stripe.ts'
import { FunctionHandler } from '../../../src/handler.ts'
import { on } from '../../../src/kit.ts'
import webhooks from '../../../src/plugin.ts'
import { SECRET } from '../payloads.ts'
import type { Ids, PayloadName } from './requests.ts'
import type { Question, Report } from './served.ts'
import { type Place, type VariantName, variants } from './variants.ts'

export interface ServerOptions extends Place {
  readonly variant: VariantName
  readonly payload: PayloadName
  /** Of the requests that it will get. Default: by time. */
  readonly ids?: Ids
  /** Whether the worker runs beside, with a chain of three empty handlers. Default: false. */
  readonly worker?: boolean
}

const options = JSON.parse(process.argv[2]!) as ServerOptions
const { store, stored } = await variants[options.variant](options)
let handled = 0
let cpu = process.cpuUsage()
const delay = monitorEventLoopDelay({ resolution: 1 })
delay.enable()

const app = Fastify()
const handlers = ['one', 'two', 'three'].map(
  name => new FunctionHandler(on('**'), { name }, name === 'three' ? () => void handled++ : () => {})
)
await app.register(webhooks, {
  env: { WEBHOOKS_STRIPE_SECRET: SECRET, WEBHOOKS_GITHUB_SECRET: SECRET },
  receivers: [stripe, github],
  handlers,
  ...(store && { inbox: store, worker: options.worker ? {} : false })
})
await app.listen({ port: 0, host: '127.0.0.1' })

process.on('message', async (question: Question) => {
  if (question === 'look') await look()
  const { user, system } = process.cpuUsage(cpu)
  const stall = delay.max / 1e6
  const report: Report = {
    stored: store === undefined ? handled : await stored(),
    handled,
    cpu: user + system,
    stall,
    rss: process.memoryUsage.rss(),
    peak: Number(/VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))![1]) * 1024
  }
  if (question === 'begin') {
    cpu = process.cpuUsage()
    delay.reset()
  }
  process.send!(report)
})
process.on('disconnect', async () => {
  await app.close()
  process.exit()
})

async function look(): Promise<void> {
  const inbox = app.webhooks.inbox!
  await inbox.stats()
  let { next } = await inbox.list()
  for (let page = 0; page < 20; page++) next = (await inbox.list({ before: next })).next
  await inbox.list({ event: 'invoice.*', state: 'done', subject: 'none' })
}

process.send!({ port: (app.server.address() as AddressInfo).port })
