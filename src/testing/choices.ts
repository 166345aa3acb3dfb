import type { AnyReceiver, Covers, Credentials } from '../receiver.ts'
import { chosenScheme } from '../settings.ts'
import type { Vector } from './vector.ts'

/** A receiver under settings that its vectors have. Where settings choose no scheme, there is one choice for all. */
export interface Choice {
  /** The settings in words; empty where they choose nothing. */
  readonly label: string
  /** With the data and `sign` of the chosen scheme. It still verifies, hides and describes by the settings. */
  readonly receiver: AnyReceiver
  readonly settings: Credentials['settings']
  readonly vectors: readonly Vector[]
}

export function choicesOf(receiver: AnyReceiver, vectors: readonly Vector[]): Choice[] {
  const { scheme } = receiver
  if (scheme.choose === undefined) return [{ label: '', receiver, settings: {}, vectors }]
  const groups = Map.groupBy(vectors, ({ settings = {} }) => inWords(settings))
  return [...groups].map(([label, group]) => {
    const settings = group[0]!.settings ?? {}
    const chosen = chosenScheme(scheme, settings)
    if ('problem' in chosen) throw new TypeError(`A vector's setting ${chosen.setting} ${chosen.problem}.`)
    const { verify, choose } = scheme
    return {
      label,
      receiver: { ...receiver, scheme: { ...chosen, verify, choose: choose! } },
      settings,
      vectors: group
    }
  })
}

/** What is promised whatever the settings are, such as that HTTPS is demanded, must hold for each choice. */
export function overpromised(receiver: AnyReceiver, choices: readonly Choice[]): string[] {
  const { key, covers } = receiver.scheme
  return choices.flatMap(({ label, receiver: { scheme } }) => {
    const rules: [holds: boolean, what: string][] = [
      [worth(covers) <= worth(scheme.covers), 'covers.body'],
      [!covers.time || scheme.covers.time, 'covers.time'],
      [covers.url === true || scheme.covers.url !== true, 'covers.url'],
      [minOf(key) >= minOf(scheme.key), 'key']
    ]
    return rules.filter(([holds]) => !holds).map(([, what]) => `${what} promises more than holds with ${label}`)
  })
}

function worth({ body }: Covers): number {
  return [false, 'values', 'bytes'].indexOf(body)
}

function minOf(key: AnyReceiver['scheme']['key']): number {
  return key === false ? 0 : key.min
}

function inWords(settings: Credentials['settings']): string {
  const pairs = Object.entries(settings).map(([name, value]) => `${name}=${value}`)
  return pairs.sort().join(', ') || 'no settings'
}
