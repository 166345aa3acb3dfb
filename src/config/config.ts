import { InvalidConfiguration } from '../errors.ts'
import type { AnyReceiver } from '../receiver.ts'
import { Environment, type NamedValue } from './environment.ts'
import {
  addSetting,
  type CredentialsInput,
  credentialsOf,
  type Draft,
  draftOf,
  type Findings,
  ID_RULE,
  type InstanceCredentials,
  isId,
  missing,
  type Rules,
  rulesOf
} from './instance.ts'
import { variable } from './variable.ts'

/** Asked for an instance when a request for it comes. Undefined or null: there is none. */
export type CredentialsFunction = (
  receiver: string,
  instance: string
) => CredentialsInput | null | undefined | Promise<CredentialsInput | null | undefined>

/** By receiver and id, `''` for the unnamed instance; or a function that knows them. */
export type CredentialsOption = CredentialsTable | CredentialsFunction
type CredentialsTable = Readonly<Record<string, Readonly<Record<string, CredentialsInput>>>>

export interface ConfigureOptions {
  readonly env: Readonly<Record<string, string | undefined>>
  /** Beats the environment, for the instances that it names. */
  readonly credentials?: CredentialsOption
  /** Beats `WEBHOOKS_PUBLIC_URL`. */
  readonly publicUrl?: string
  /** Lowers what each scheme demands of its secrets, in characters; never raises it. */
  readonly minSecretLength?: number
  /** Whether a proxy is trusted to tell the public URL. */
  readonly trustProxy?: boolean
  readonly readFile?: (path: string) => string
}

export interface Configuration {
  /** What an instance must have, by receiver. */
  readonly rules: ReadonlyMap<string, Rules>
  /** By receiver and id. */
  readonly instances: ReadonlyMap<string, ReadonlyMap<string, InstanceCredentials>>
  /** Origin and path as they were given, without slash at the end: some providers sign this very text. */
  readonly publicUrl: string | undefined
  /** Where deliveries are stored: `sqlite:webhooks.db`, `postgres://…`. Undefined: nowhere. It may hold a password. */
  readonly store: string | undefined
  readonly warnings: readonly string[]
}

const NAME = /^[a-z0-9]+(?:-[a-z0-9]+)*$/
const PUBLIC_URL = 'WEBHOOKS_PUBLIC_URL'
const STORE = 'WEBHOOKS_STORE'

/** Credentials and the public URL, or one `InvalidConfiguration` with all that is wrong. A function of its arguments. */
export function configure(receivers: readonly AnyReceiver[], options: ConfigureOptions): Configuration {
  const environment = new Environment(options.env, options.readFile)
  const { problems, warnings } = environment

  const minimum = minimumOf(options, problems)
  const registered = distinct(receivers, problems)
  const publicUrl = publicUrlOf(options, registered, problems)
  const rules = new Map(registered.map(one => [one.name, rulesOf(one, problems, minimum)]))
  const instances = instancesOf(rules, options.credentials, environment)
  const store = environment.one(STORE, 'the inbox')?.text.trim()

  const strict = [...rules.values()].filter(rule => rule.strict).map(rule => variable(rule.receiver, ''))
  environment.tellUnread([PUBLIC_URL], strict)
  // The warnings as well: a mistyped name explains what is missing.
  if (problems.length > 0) {
    throw new InvalidConfiguration([...problems, ...warnings].map(line => `- ${line}`).join('\n'))
  }
  return { rules, instances, publicUrl, store, warnings }
}

function minimumOf({ minSecretLength }: ConfigureOptions, problems: string[]): number | undefined {
  if (minSecretLength === undefined || (Number.isInteger(minSecretLength) && minSecretLength >= 1)) {
    return minSecretLength
  }
  problems.push('The option minSecretLength must be a whole number, 1 at least')
  return undefined
}

function distinct(receivers: readonly AnyReceiver[], problems: string[]): AnyReceiver[] {
  const byName = new Map<string, AnyReceiver>()
  for (const receiver of receivers) {
    const { name } = receiver
    if (typeof name !== 'string' || !NAME.test(name)) {
      problems.push(`The receiver name ${JSON.stringify(name)} is not lower-case letters, digits and single hyphens`)
    } else if (byName.has(name)) {
      problems.push(`Two receivers are named ${name}: spread one of them and give it another name`)
    } else byName.set(name, receiver)
  }
  return [...byName.values()]
}

function publicUrlOf(
  { env, publicUrl, trustProxy = false }: ConfigureOptions,
  receivers: readonly AnyReceiver[],
  problems: string[]
): string | undefined {
  const text = (publicUrl ?? env[PUBLIC_URL])?.trim()
  if (text === undefined) {
    const signers = trustProxy ? [] : receivers.filter(({ scheme }) => scheme.covers.url).map(({ name }) => name)
    if (signers.length > 0) problems.push(`${PUBLIC_URL} is not set, and this is signed by ${signers.join(', ')}`)
    return undefined
  }
  // The parser alone would forgive backslashes, white space, too many slashes, and control characters at the end, if it
  // were the end. A user may be part of what is signed.
  if (!/^https?:\/\/(?:[^\s\\@?#/]+@)?[^\s\\@?#/][^\s\\@?#]*$/i.test(text) || !URL.canParse(`${text}/`)) {
    const from = publicUrl === undefined ? PUBLIC_URL : 'The option publicUrl'
    problems.push(`${from} is not an origin and a path, like https://api.example.com/hooks, without query and hash`)
  }
  return text.replace(/\/+$/, '')
}

function instancesOf(
  rules: ReadonlyMap<string, Rules>,
  credentials: CredentialsOption | undefined,
  environment: Environment
): Configuration['instances'] {
  const { problems } = environment
  const table = new Map(Object.entries(typeof credentials === 'function' ? {} : (credentials ?? {})))
  for (const name of table.keys()) {
    if (!rules.has(name)) problems.push(`The option credentials names ${name}, but no such receiver is registered`)
  }

  const instances = new Map<string, ReadonlyMap<string, InstanceCredentials>>()
  for (const [name, rule] of rules) {
    const before = problems.length
    const drafts = draftsOfEnvironment(rule, environment)
    for (const [id, draft] of draftsOfTable(rule, table.get(name) ?? {}, environment)) drafts.set(id, draft)

    // Where something could not be read, what is missing may have been there.
    if (problems.length === before) {
      for (const draft of drafts.values()) problems.push(...missing(draft, rule))
      if (drafts.size === 0 && typeof credentials !== 'function') {
        if (isBare(rule)) drafts.set('', draftOf({ input: {}, from: name }, rule, environment))
        else problems.push(noInstance(rule))
      }
    }
    instances.set(name, new Map([...drafts].map(([id, draft]) => [id, credentialsOf(draft, rule, environment)])))
  }
  return instances
}

function draftsOfEnvironment(rules: Rules, environment: Environment): Map<string, Draft> {
  const drafts = new Map<string, Draft>()
  function draft({ id, from }: NamedValue): Draft {
    const place = (setting?: string) => `${id === '' ? '' : 'its id in '}${variable(rules.receiver, setting, id)}`
    if (!drafts.has(id)) drafts.set(id, { from, secrets: [], settings: new Map(), place })
    return drafts.get(id)!
  }

  if (rules.min !== false) {
    const name = variable(rules.receiver)
    const reader = `the secret of ${rules.receiver}`
    const secrets = environment.all(name, reader)
    const previous = environment.one(`${name}_PREVIOUS`, reader)
    if (previous !== undefined && !environment.has(name)) {
      environment.problems.push(`${previous.from} is set, but ${name} is not`)
    }
    for (const secret of previous === undefined ? secrets : [...secrets, { id: '', ...previous }]) {
      draft(secret).secrets.push(secret)
    }
  }
  for (const setting of rules.settings) {
    const reader = `the setting ${setting.name} of ${rules.receiver}`
    for (const value of environment.all(variable(rules.receiver, setting.name), reader)) {
      if (!addSetting(draft(value), setting, value)) {
        environment.problems.push(`${value.from} gives an id its second value, and only lists have several`)
      }
    }
  }
  return drafts
}

function draftsOfTable(
  rules: Rules,
  inputs: Readonly<Record<string, CredentialsInput>>,
  findings: Findings
): Map<string, Draft> {
  const drafts = new Map<string, Draft>()
  const from = `credentials['${rules.receiver}']`
  for (const [index, [id, input]] of Object.entries(inputs).entries()) {
    if (id === '' || isId(id)) drafts.set(id, draftOf({ input, from: `${from}['${id}']` }, rules, findings))
    else findings.problems.push(`${from} (entry ${index + 1}) has an id that cannot stand in a URL: ${ID_RULE}`)
  }
  return drafts
}

/** Nothing to configure: `none()`, or a provider whose certificate says it all. */
function isBare({ min, settings }: Rules): boolean {
  return min === false && !settings.some(({ required }) => required)
}

function noInstance(rules: Rules): string {
  const required = rules.settings.filter(setting => setting.required).map(({ name }) => name)
  const needed = rules.min === false ? required : [undefined, ...required]
  const names = (id: string) => needed.map(setting => variable(rules.receiver, setting, id)).join(' and ')
  return `${rules.receiver} has no instance: set ${names('')}, or for named ones ${names('id')}`
}
