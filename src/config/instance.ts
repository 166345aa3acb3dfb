import type { AnyReceiver, Credentials, Scheme, Unusable } from '../receiver.ts'
import { asList, chosenScheme } from '../settings.ts'

/** What one instance was configured with: `Credentials` without `fetch`, which is ours. */
export type InstanceCredentials = Pick<Credentials, 'secrets' | 'settings'>

/** The same, as code gives it. A scheme without key needs no `secrets`. */
export interface CredentialsInput {
  /** The newest first. */
  readonly secrets?: readonly string[] | undefined
  readonly settings?: Readonly<Record<string, string | undefined>> | undefined
}

/** A value and where it stands: messages name the place, never the text. */
export interface Value {
  readonly text: string
  readonly from: string
}

/** What an instance of a receiver must have. */
export interface Rules {
  readonly receiver: string
  /** The shortest secret, in characters. `false`: no secret; the settings make the instance. */
  readonly min: number | false
  readonly settings: readonly Setting[]
  /** Settings choose the proof: one that nobody reads may be a misspelled one, and a weaker proof would count. */
  readonly strict: boolean
  /** What is wrong with settings, taken together; or the shortest secret under them. */
  judge(settings: Credentials['settings']): Unusable | { readonly min: number }
}

export interface Setting {
  readonly name: string
  readonly list: boolean
  readonly required: boolean
}

/** An instance as it was found, not yet checked. */
export interface Draft {
  readonly from: string
  readonly secrets: Value[]
  readonly settings: Map<string, Value>
  /** Where to put what is missing: a secret, or the setting of this name. */
  place(setting?: string): string
}

export interface Findings {
  readonly problems: string[]
  readonly warnings: string[]
}

const SETTING = /^([a-z0-9]+(?:-[a-z0-9]+)*)(\*?)(\??)$/

export const ID_RULE = 'an id is 1 to 100 of the characters A-Z a-z 0-9 - . _ ~, but not . or ..'

/** An id is a segment of the URL, and goes as it is to whoever looks credentials up. */
export function isId(text: string): boolean {
  return /^(?!\.{1,2}$)[A-Za-z0-9._~-]{1,100}$/.test(text)
}

/** `minimum` lowers what the scheme demands of a secret, and never raises it. */
export function rulesOf(receiver: AnyReceiver, problems: string[], minimum = Infinity): Rules {
  const { name, scheme, settings = [] } = receiver
  // A secret that is not needed may be given all the same, but not as an empty text.
  const minOf = ({ key }: Scheme): number => (key === false ? 1 : Math.min(key.min, minimum))
  return {
    receiver: name,
    min: scheme.key === false ? false : minOf(scheme),
    strict: scheme.choose !== undefined,
    judge(settings) {
      const chosen = chosenScheme(scheme, settings)
      if ('problem' in chosen) return chosen
      // Whoever lowers a receiver's minimum means all that can be chosen.
      return receiver.check?.(settings) ?? { min: Math.min(minOf(scheme), minOf(chosen)) }
    },
    settings: settings.flatMap(text => {
      const [, setting, star, question] = SETTING.exec(text) ?? []
      if (setting !== undefined) return [{ name: setting, list: star !== '', required: question === '' }]
      problems.push(`${name} has a setting of no valid name: ${JSON.stringify(text)}`)
      return []
    })
  }
}

/** Code can be wrong in its types, too: what a table holds is not what its columns are called. */
export function draftOf(
  { input, from }: { readonly input: CredentialsInput; readonly from: string },
  rules: Rules,
  { problems, warnings }: Findings
): Draft {
  const { secrets = [], settings }: { secrets?: unknown; settings?: unknown } = Object(input)
  const place = (setting?: string): string => (setting === undefined ? 'a secret' : `the setting ${setting}`)
  const draft: Draft = { from, secrets: [], settings: new Map(), place }

  if (Array.isArray(secrets) && secrets.every(secret => typeof secret === 'string')) {
    draft.secrets.push(...secrets.map((text, index) => ({ text, from: `${from}.secrets[${index}]` })))
  } else problems.push(`${from}.secrets must be a list of strings`)

  for (const [name, text] of Object.entries(Object(settings))) {
    const setting = rules.settings.find(setting => setting.name === name)
    if (setting === undefined) {
      const unread = `${from}.settings has ${name}, which ${rules.receiver} does not read`
      if (rules.strict) problems.push(unread)
      else warnings.push(unread)
    } else if (typeof text === 'string') addSetting(draft, setting, { text, from: `${from}.settings['${name}']` })
    else if (text !== undefined && text !== null) problems.push(`${from}.settings['${name}'] must be a string`)
  }
  return draft
}

/** False: the instance has this setting already, and it is no list. */
export function addSetting({ settings }: Draft, { name, list }: Setting, { text, from }: Value): boolean {
  const known = settings.get(name)
  if (known !== undefined && !list) return false
  const values = list ? asList(`${known?.text ?? ''} ${text}`).join(' ') : text
  settings.set(name, { text: values, from: known?.from ?? from })
  return true
}

/** What the instance lacks. */
export function missing({ from, secrets, settings, place }: Draft, rules: Rules): string[] {
  const lacking = rules.settings.filter(({ name, required }) => required && !settings.has(name))
  return [
    ...(rules.min !== false && secrets.length === 0 ? [place()] : []),
    ...lacking.map(({ name }) => place(name))
  ].map(what => `${from} needs ${what} as well`)
}

/** The instance, with what is wrong with the values that it has. */
export function credentialsOf(draft: Draft, rules: Rules, { problems, warnings }: Findings): InstanceCredentials {
  function inspect({ text, from }: Value, min: number): void {
    const length = [...text].length
    if (text.trim() === '') problems.push(`${from} is empty`)
    else if (length < min) problems.push(`${from} has ${length} characters; ${rules.receiver} needs ${min} at least`)
    else if (text.trim() !== text) warnings.push(`${from} begins or ends with white space: is that part of it?`)
  }
  const settings = Object.fromEntries([...draft.settings].map(([name, { text }]) => [name, text]))
  const judged = rules.judge(settings)
  if ('problem' in judged) problems.push(`${draft.settings.get(judged.setting)?.from ?? draft.from} ${judged.problem}`)
  else for (const secret of draft.secrets) inspect(secret, judged.min)
  for (const setting of draft.settings.values()) inspect(setting, 1)
  return { secrets: draft.secrets.map(({ text }) => text), settings }
}
