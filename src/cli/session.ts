import { existsSync } from 'node:fs'
import { Environment } from '../config/environment.ts'
import { InvalidCommand } from '../errors.ts'
import type { Logger } from '../handler.ts'
import { Inbox } from '../inbox/inbox.ts'
import { sqlitePath } from '../store/open.ts'
import type { Store } from '../store/store.ts'
import { type App, credentialsOf } from './app.ts'
import type { Call, Io } from './command.ts'
import { text } from './read.ts'

/** The store that was asked for: `--store`, the application's own, `WEBHOOKS_STORE`. Not opened yet. */
export async function storeOf({ values, io }: Pick<Call, 'values' | 'io'>, app?: App): Promise<Store> {
  const given = text(values, 'store')
  if (given === undefined && app?.options.inbox !== undefined) return app.options.inbox
  const address = given ?? storeOfEnvironment(io)
  if (address === undefined)
    throw new InvalidCommand('Which store? Set WEBHOOKS_STORE, or give --store sqlite:webhooks.db.')
  return existing(address, io)
}

export function storeOfEnvironment({ env }: Pick<Io, 'env'>): string | undefined {
  const environment = new Environment(env)
  const address = environment.one('WEBHOOKS_STORE', 'the inbox')?.text
  for (const problem of environment.problems) throw new InvalidCommand(`${problem}.`)
  return address
}

/** A mistyped name would otherwise make a new and empty file. */
export async function existing(address: string, io: Io): Promise<Store> {
  const path = sqlitePath(address)
  if (path !== undefined && !existsSync(path)) throw new InvalidCommand(`There is no file ${path}.`)
  return io.openStore(address)
}

/** Opens the inbox, does what is to be done, and closes it whatever happens. */
export async function withInbox(
  call: Call,
  use: (inbox: Inbox, store: Store) => Promise<void>,
  app?: App
): Promise<void> {
  const store = await storeOf(call, app)
  await withStore(store, async pepper => {
    const known = app && {
      receivers: app.receivers,
      credentialsFor: credentialsOf(app, call.io),
      order: app.options.order
    }
    await use(new Inbox({ ...known, store, pepper: () => pepper, log: logOf(call) }), store)
  })
}

export async function withStore(store: Store, use: (pepper: Uint8Array) => Promise<void>): Promise<void> {
  const { pepper } = await store.open()
  try {
    await use(pepper)
  } finally {
    await store.close()
  }
}

/** Commands tell what they did by themselves. */
function logOf({ terminal }: Call): Logger {
  const tell = (_fields: unknown, text?: string): void => terminal.note(text ?? '')
  const pass = (): void => {}
  return { trace: pass, debug: pass, info: pass, warn: tell, error: tell, fatal: tell }
}
