import type { AnyReceiver, Credentials, Scheme, WebhookRequest } from '../../receiver.ts'
import { searchOf } from '../../schemes/place.ts'
import { chosenScheme } from '../../settings.ts'

/** Where a receiver's proof stands. */
export interface ProofPlaces {
  readonly headers: readonly HeaderForm[]
  readonly query: readonly string[]
  readonly fields: readonly string[]
}

export interface HeaderForm {
  readonly name: string
  /** How a proof begins there: `sha256=`. */
  readonly prefix: string
  readonly length: number
}

const SAMPLE: WebhookRequest = {
  method: 'POST',
  url: 'https://example.com/',
  headers: { 'content-type': 'application/json' },
  body: Buffer.from('{}')
}
/** Some schemes want a key of two parts. */
const KEYS = ['key:0123456789abcdef0123456789abcdef', 'key:f123456789abcdef0123456789abcdee']
/** A time that is signed may stand beside the signature, and is no part of its form. */
const TIMES = [new Date(1_700_000_000_000), new Date(1_234_567_890_000)] as const

/** What the scheme adds to a request when it signs it. Nothing where it can't sign one. */
export async function proofPlaces({ scheme }: AnyReceiver, settings: Credentials['settings']): Promise<ProofPlaces> {
  const chosen = chosenScheme(scheme, settings)
  if ('problem' in chosen) return { headers: [], query: [], fields: [] }
  const { query = [], fields = [] } = chosen.carries ?? {}
  try {
    const [one, other] = await signed(chosen)
    const added = Object.keys(one.headers).filter(name => !(name in SAMPLE.headers))
    return {
      headers: added.map(name => formOf(name, String(one.headers[name]), String(other.headers[name]))),
      query: [...new Set([...query, ...searchOf(one.url).keys()])],
      fields
    }
  } catch {
    return { headers: (chosen.carries?.headers ?? []).map(name => ({ name, prefix: '', length: 0 })), query, fields }
  }
}

async function signed(scheme: Scheme): Promise<readonly [WebhookRequest, WebhookRequest]> {
  const key = scheme.testKeys?.().sign
  const [first = '', second = ''] = key === undefined ? KEYS : [key, key]
  return [await scheme.sign!(SAMPLE, first, TIMES[0]), await scheme.sign!(SAMPLE, second, TIMES[1])]
}

function formOf(name: string, one: string, other: string): HeaderForm {
  let same = 0
  while (same < one.length && one[same] === other[same]) same++
  // Two signatures may begin with the same letters.
  const prefix = same === one.length ? '' : one.slice(0, same).replace(/[A-Za-z0-9+/]+$/, '')
  return { name, prefix, length: one.length }
}
