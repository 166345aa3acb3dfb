import { Handlers } from '../chain.ts'
import { InvalidCommand } from '../errors.ts'
import { monitored } from '../inbox/health.ts'
import { Janitor } from '../inbox/janitor.ts'
import { Worker } from '../inbox/worker/worker.ts'
import { loadApp } from './app.ts'
import type { Command } from './command.ts'
import { storeOptions } from './options.ts'
import { storeOf, withStore } from './session.ts'
import { askedToStop } from './stop.ts'

const DAY = 86_400_000

export const work: Command = {
  takes: '<module>',
  summary: 'Handles what is in the inbox, in a process of its own, until it gets SIGTERM.',
  help: [
    'The module exports by default the options that the plugin is given: { receivers, handlers, inbox, … }. It needs no',
    'secrets: what is stored has proved itself. SIGTERM or SIGINT lets the running handlers end; a second one doesn’t.',
    'LOG_LEVEL says how much is logged; default: info.'
  ].join('\n'),
  options: { store: storeOptions.store! },
  examples: [
    ['work app.ts', 'beside a server with `worker: false`'],
    ['work app.ts --store postgres://me@db/app', 'with another store than the module’s']
  ],
  async run(call) {
    const { positionals, io, terminal } = call
    const [path, ...more] = positionals
    if (path === undefined || more.length > 0)
      throw new InvalidCommand('Which handlers? Give the module with the options of the plugin.')
    const app = await loadApp(path)
    const { options, receivers } = app
    const handlers = new Handlers(receivers)
    for (const handler of options.handlers ?? []) handlers.add(handler)

    const { pino } = await import('pino')
    const log = pino({ level: io.env.LOG_LEVEL ?? 'info' }, { write: text => void io.stdout.write(text) })
    const store = monitored(await storeOf(call, app), log)
    const worker = new Worker({ store, receivers, handlers, log, options: options.worker || undefined })
    worker.check()
    const janitor = new Janitor({ store, log, retention: options.retention && options.retention * DAY })
    await withStore(store, async () => {
      const asked = askedToStop(io.signals, () => io.exit(1))
      await worker.recover()
      worker.start()
      janitor.start()
      terminal.line(
        `posthorn works on ${store.name}: ${names(receivers.keys())}; handlers: ${names(handlers.all.map(({ name }) => name))}`
      )
      await asked
      log.info('posthorn stops')
      await Promise.all([worker.close(), janitor.stop()])
    })
  }
}

function names(all: Iterable<string>): string {
  return [...all].join(', ') || 'none'
}
