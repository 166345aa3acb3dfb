/** Receivers and handlers of the package, by their name. */
import { readdirSync } from 'node:fs'
import { type Configuration, configure } from '../config/config.ts'
import type { InstanceCredentials } from '../config/instance.ts'
import { variable } from '../config/variable.ts'
import { InvalidCommand, InvalidConfiguration } from '../errors.ts'
import type { AnyReceiver } from '../receiver.ts'
import { loadApp } from './app.ts'
import type { Io, Values } from './command.ts'
import { text } from './read.ts'

const NAME = /^[a-z0-9]+(?:-[a-z0-9]+)*$/
/** The package as its sources, or as it is published. */
const EXTENSION = import.meta.url.endsWith('.ts') ? '.ts' : '.js'

export function receiverNames(): string[] {
  return readdirSync(new URL('../../receivers/', import.meta.url))
    .filter(file => file.endsWith(EXTENSION) && NAME.test(file.slice(0, -EXTENSION.length)))
    .map(file => file.slice(0, -EXTENSION.length))
    .sort()
}

/** Of the module that `--app` names, or one of ours. */
export async function receiverOf(name: string | undefined, values: Values): Promise<AnyReceiver> {
  if (name === undefined) throw new InvalidCommand('Which receiver? posthorn receivers lists them.')
  const path = text(values, 'app')
  const found = path === undefined ? await ours(name) : (await loadApp(path)).receivers.get(name)
  if (found !== undefined) return found
  throw new InvalidCommand(
    path === undefined
      ? `There is no receiver ${name}. posthorn receivers lists them; one of your own is given by --app.`
      : `${path} has no receiver ${name}.`
  )
}

export async function allReceivers(): Promise<AnyReceiver[]> {
  return Promise.all(receiverNames().map(async name => (await ours(name))!))
}

/** A class of `handlers/`. */
export async function handlerOf(name: string, exported: string): Promise<new (options: object) => any> {
  return (await import(new URL(`../../handlers/${name}${EXTENSION}`, import.meta.url).href))[exported]
}

/** The file has the name, and one export. Only a name that is a file's is ever loaded. */
async function ours(name: string): Promise<AnyReceiver | undefined> {
  if (!receiverNames().includes(name)) return undefined
  const module = await import(new URL(`../../receivers/${name}${EXTENSION}`, import.meta.url).href)
  return Object.values<AnyReceiver>(module).find(receiver => receiver.name === name)
}

export interface Variable {
  readonly name: string
  readonly isRequired: boolean
  /** The variable itself, its plural, or either from a file. */
  readonly isSet: boolean
}

/** What an instance of the receiver reads from the environment. */
export function variablesOf({ name, scheme, settings = [] }: AnyReceiver, { env }: Pick<Io, 'env'>): Variable[] {
  const keys = [
    ...(scheme.key === false ? [] : [{ key: 'secret', isRequired: true }]),
    ...settings.map(setting => ({ key: setting.replace(/[*?]+$/, ''), isRequired: !setting.endsWith('?') }))
  ]
  return keys.map(({ key, isRequired }) => {
    const [one, several] = [variable(name, key), variable(name, key, 'named')]
    const isSet = [one, several, `${one}_FILE`, `${several}_FILE`].some(variable => env[variable] !== undefined)
    return { name: one, isRequired, isSet }
  })
}

/** Those that the environment says something to. */
export async function configuredReceivers(io: Pick<Io, 'env'>): Promise<AnyReceiver[]> {
  return (await allReceivers()).filter(receiver => variablesOf(receiver, io).some(({ isSet }) => isSet))
}

/** The credentials of an instance as the environment has them, and the public URL. */
export function instanceOf(
  receiver: AnyReceiver,
  id: string,
  { env }: Pick<Io, 'env'>
): { readonly credentials: InstanceCredentials; readonly publicUrl: string | undefined } {
  const { instances, publicUrl } = configured(receiver, env)
  const found = instances.get(receiver.name)?.get(id)
  if (found !== undefined) return { credentials: found, publicUrl }
  const ids = [...(instances.get(receiver.name)?.keys() ?? [])].map(id => id || 'the unnamed one')
  throw new InvalidCommand(
    `${receiver.name} has no instance ${id || 'without a name'}, only ${ids.join(', ')}: see --id.`
  )
}

function configured(receiver: AnyReceiver, env: Io['env']): Configuration {
  try {
    return configure([receiver], { env: envOf(receiver, env), trustProxy: true })
  } catch (error) {
    const problems = problemsOf(error)
    throw new InvalidCommand(`${problems.join('. ')}.`)
  }
}

/** One line each. What is no `InvalidConfiguration` is thrown. */
export function problemsOf(error: unknown): string[] {
  if (error instanceof InvalidConfiguration) return error.message.split('\n- ').slice(1)
  throw error
}

/** Without what other receivers read: nothing is to be said of it here. */
export function envOf({ name }: AnyReceiver, env: Io['env']): Io['env'] {
  const mine = variable(name, '')
  return Object.fromEntries(
    Object.entries(env).filter(([key]) => key.startsWith(mine) || key.startsWith('WEBHOOKS_PUBLIC_URL'))
  )
}
