import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { configure } from '../config/config.ts'
import { CredentialsLookup } from '../config/credentials.ts'
import { InvalidCommand } from '../errors.ts'
import { guardedFetch } from '../fetch.ts'
import type { CredentialsFor } from '../inbox/inbox.ts'
import type { WebhooksOptions } from '../options.ts'
import type { AnyReceiver } from '../receiver.ts'
import type { Io } from './command.ts'

/** What the user's module says: the options that the plugin is given there. */
export interface App {
  readonly options: WebhooksOptions
  readonly receivers: ReadonlyMap<string, AnyReceiver>
}

export async function loadApp(path: string): Promise<App> {
  let loaded: { readonly default?: unknown }
  try {
    loaded = await import(pathToFileURL(resolve(path)).href)
  } catch (error) {
    throw new InvalidCommand(`Cannot load ${path}: ${(error as Error).message}`, { cause: error })
  }
  const options = (await loaded.default) as WebhooksOptions | undefined
  if (!Array.isArray(options?.receivers)) {
    throw new InvalidCommand(
      `${path} must export by default the options that the plugin is given, as { receivers: [github], handlers: [new Deploy()] }.`
    )
  }
  return { options, receivers: new Map(options.receivers.map(receiver => [receiver.name, receiver])) }
}

/** The credentials of its instances, found as the plugin finds them. */
export function credentialsOf({ options }: App, { env }: Io): CredentialsFor {
  // What is stored has its public URL already.
  const configuration = configure(options.receivers, { ...options, env: options.env ?? env, trustProxy: true })
  const lookup = new CredentialsLookup(configuration, options.credentials)
  const fetch = options.fetch ?? guardedFetch()
  return async (receiver, instance) => {
    const found = await lookup.credentialsFor(receiver, instance)
    return found && { secrets: found.secrets, settings: found.settings, fetch }
  }
}
