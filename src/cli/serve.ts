import { InvalidCommand } from '../errors.ts'
import { on } from '../handler.ts'
import type { Rejection } from '../options.ts'
import webhooks from '../plugin.ts'
import type { AnyReceiver, Delivery } from '../receiver.ts'
import { loadApp } from './app.ts'
import type { Call, Command } from './command.ts'
import { whose } from './inbox/words.ts'
import { allReceivers, configuredReceivers, handlerOf, receiverOf } from './known.ts'
import { appOption, storeOptions } from './options.ts'
import { portOf, text } from './read.ts'
import { storeOfEnvironment } from './session.ts'
import { askedToStop } from './stop.ts'
import { clean } from './terminal.ts'

export const serve: Command = {
  takes: '[<receiver…>]',
  summary: 'Receives webhooks of all receivers whose secrets the environment has, until it gets SIGTERM.',
  help: [
    'It tells each delivery in a line. With WEBHOOKS_STORE or --store, deliveries are stored before they are acknowledged;',
    'with --to, they are sent on to a program of your own, which need not be there all the time if there is a store.',
    'A proxy or tunnel on this machine is trusted to say by which protocol a request came. LOG_LEVEL: default warn.'
  ].join('\n'),
  options: {
    to: { type: 'string', value: '<url>', help: 'send each delivery on to this URL' },
    host: { type: 'string', value: '<address>', help: 'where it listens; default: 127.0.0.1' },
    port: { type: 'string', value: '<n>', help: 'default: PORT, or 3000' },
    ...appOption,
    ...storeOptions
  },
  examples: [
    ['serve', 'all receivers that are set up in this environment'],
    ['serve github stripe --store sqlite:webhooks.db', 'only these, and nothing is lost'],
    ['serve --to http://localhost:8080/hook', 'verified by Posthorn, handled by another program']
  ],
  async run(call) {
    const { values, io, terminal } = call
    const receivers = await receiversOf(call)
    const host = text(values, 'host') ?? '127.0.0.1'
    const port = portOf(values, io)
    const [{ fastify }, { pino }] = await Promise.all([import('fastify'), import('pino')])
    const log = pino({ level: io.env.LOG_LEVEL ?? 'warn' }, { write: text => void io.stderr.write(text) })
    const app = fastify({ loggerInstance: log, trustProxy: 'loopback' })
    const address = text(values, 'store') ?? storeOfEnvironment(io)
    const to = text(values, 'to')
    await app.register(webhooks, {
      receivers,
      env: io.env,
      handlers: to === undefined ? [] : [await forwardTo(to)],
      onDelivery: delivery => tellDelivery(call, delivery),
      onRejected: rejection => tellRejection(call, rejection),
      ...(io.env.WEBHOOKS_PUBLIC_URL === undefined && { publicUrl: `http://localhost:${port}` }),
      ...(address !== undefined && { inbox: await io.openStore(address) })
    })
    const asked = askedToStop(io.signals, () => io.exit(1))
    try {
      const url = await app.listen({ host, port })
      for (const one of app.webhooks.instances) terminal.note(`${whose(one)} at ${one.url}`)
      if (address === undefined) terminal.note('Nothing is stored: give --store sqlite:webhooks.db to lose nothing.')
      terminal.note(`posthorn serves at ${url}`)
      await asked
    } finally {
      await app.close()
    }
  }
}

async function receiversOf({ values, positionals, io }: Call): Promise<AnyReceiver[]> {
  if (positionals.length > 0) return Promise.all(positionals.map(name => receiverOf(name, values)))
  const path = text(values, 'app')
  if (path !== undefined) return [...(await loadApp(path)).receivers.values()]
  const configured = await configuredReceivers(io)
  if (configured.length > 0) return configured
  const { length } = await allReceivers()
  throw new InvalidCommand(
    `None of the ${length} receivers has a secret in this environment, such as WEBHOOKS_GITHUB_SECRET: see posthorn receivers.`
  )
}

async function forwardTo(to: string) {
  const Forward = await handlerOf('forward', 'Forward')
  return new Forward({ accepts: [on('**')], to })
}

function tellDelivery({ terminal }: Call, delivery: Delivery): void {
  const { receiver, instance, event, id, subject, account, occurredAt, receivedAt } = delivery
  if (terminal.isJson) {
    terminal.json({ receiver, instance, event, id, subject, account, occurredAt, receivedAt })
    return
  }
  const parts = [whose(delivery), terminal.style(clean(event), 'green'), clean(subject ?? ''), clean(id ?? '')]
  terminal.line(parts.filter(part => part !== '').join('  '))
}

function tellRejection({ terminal }: Call, { stage, reason, status, ...from }: Rejection): void {
  if (terminal.isJson) terminal.json({ ...from, rejected: reason, stage, status })
  else terminal.line(`${clean(whose(from))}  ${terminal.style(`refused with ${status}: ${reason}`, 'red')}`)
}
