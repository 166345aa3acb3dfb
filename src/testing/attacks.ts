import type { AnyReceiver, Scheme, WebhookRequest } from '../receiver.ts'
import { altered, type Case } from './cases.ts'
import { outcomeOf, proofHeld, type Trial } from './outcome.ts'
import type { ProofPlace } from './places.ts'
import { type Change, withChange } from './vector.ts'

/** One change of a request that proves itself, after which it must be refused. */
export interface Attempt extends Partial<Trial> {
  readonly label: string
}

export interface Attack {
  readonly name: string
  /** Left out: against every scheme. */
  readonly against?: (scheme: Scheme) => boolean
  attempts(target: Case, receiver: AnyReceiver): Iterable<Attempt> | AsyncIterable<Attempt>
}

export const HOUR = 3_600_000

const takesSecrets = ({ key }: Scheme) => key !== false

export const attacks: readonly Attack[] = [
  { name: 'under another secret', attempts: underAnotherSecret },
  {
    name: 'without a secret',
    against: takesSecrets,
    attempts: ({ credentials }) => [{ label: 'no secret configured', credentials: { ...credentials, secrets: [] } }]
  },
  { name: 'with the empty secret', against: takesSecrets, attempts: withEmptySecret },
  {
    name: 'without its proof',
    *attempts({ request, places }) {
      yield {
        label: 'all of the proof removed',
        request: places.reduce((left, place) => place.put(left, undefined), request)
      }
      yield* spelled(request, places, () => [undefined])
    }
  },
  { name: 'with an empty proof', attempts: ({ request, places }) => spelled(request, places, () => ['']) },
  {
    name: 'with a longer proof',
    attempts: ({ request, exact }) =>
      spelled(request, exact, value => [`${value}0`, `${value}=`, `${value}\0`, `0${value}`, `x${value}`])
  },
  {
    name: 'with a shorter proof',
    attempts: ({ request, exact }) =>
      spelled(request, exact, value => [value.slice(0, -1), value.slice(1), value.slice(0, value.length / 2)])
  },
  { name: 'with a misspelled proof', attempts: ({ request, exact }) => spelled(request, exact, misspellings) },
  { name: 'with a doubled proof', attempts: withDoubledProof },
  {
    name: 'at another time',
    against: ({ covers }) => covers.time,
    attempts: ({ now }) => [
      { label: 'an hour late', now: new Date(now.getTime() + HOUR) },
      { label: 'an hour early', now: new Date(now.getTime() - HOUR) }
    ]
  },
  {
    name: 'with another body',
    against: ({ covers }) => covers.body === 'bytes',
    async *attempts(target, receiver) {
      yield* otherBodies(target.request)
      yield* likeBody(target, receiver)
    }
  },
  {
    name: 'with another signed value',
    against: ({ covers }) => covers.body === 'values',
    attempts: ({ request, vector: { signed } }) => changes(request, signed)
  },
  {
    name: 'at another URL',
    against: ({ covers }) => covers.url === true,
    // A provider's older proof may not cover it, so only what `sign` makes must.
    attempts: ({ request, key }) =>
      key === undefined ? [] : [{ label: 'at another path', request: atAnotherPath(request) }]
  }
]

function* underAnotherSecret({ credentials }: Case, { scheme, settings = [] }: AnyReceiver): Iterable<Attempt> {
  if (scheme.key !== false) {
    const secrets = credentials.secrets.map(altered)
    yield { label: 'another secret configured', credentials: { ...credentials, secrets } }
    return
  }
  // Without secrets, the required settings make the instance.
  for (const name of settings.filter(name => !name.endsWith('?')).map(name => name.replace('*', ''))) {
    const value = altered(credentials.settings[name] ?? '')
    yield {
      label: `another ${name} configured`,
      credentials: { ...credentials, settings: { ...credentials.settings, [name]: value } }
    }
  }
}

async function* withEmptySecret({ request, credentials, now }: Case, { scheme }: AnyReceiver): AsyncIterable<Attempt> {
  const empty = { ...credentials, secrets: [''] }
  yield { label: 'an empty secret configured', credentials: empty }
  try {
    const signed = await scheme.sign!(request, '', now)
    yield { label: 'an empty secret configured, and signed with it', request: signed, credentials: empty }
  } catch {
    // What can't be signed needs no refusal.
  }
}

async function* withDoubledProof(target: Case, receiver: AnyReceiver): AsyncIterable<Attempt> {
  for (const place of target.places) {
    const value = place.read(target.request)!
    yield { label: `${place.label} twice`, request: place.put(target.request, [value, value]) }
    for (const separator of [',', ', ']) {
      if (await isList(target, receiver, place, separator)) continue
      const doubled = value + separator + value
      yield { label: `${place.label} as "p${separator}p"`, request: place.put(target.request, doubled) }
    }
  }
}

/** A list of alternatives: a wrong one beside the right one does no harm, whichever comes first. */
async function isList(target: Case, receiver: AnyReceiver, place: ProofPlace, separator: string): Promise<boolean> {
  const value = place.read(target.request)!
  for (const list of [value + separator + altered(value), altered(value) + separator + value]) {
    if (!proofHeld(await outcomeOf(receiver, { ...target, request: place.put(target.request, list) }))) return false
  }
  return true
}

function* spelled(
  request: WebhookRequest,
  places: readonly ProofPlace[],
  spellings: (value: string) => readonly (string | undefined)[]
): Iterable<Attempt> {
  for (const place of places) {
    const proof = place.read(request)!
    for (const value of spellings(proof).filter(value => value !== proof)) {
      const label = value === undefined ? `${place.label} removed` : `${place.label} as ${JSON.stringify(value)}`
      yield { label, request: place.put(request, value) }
    }
  }
}

/** Hex may come in either case, nothing else may; and no decoder may skip what it does not know. */
function misspellings(value: string): string[] {
  const middle = Math.ceil(value.length / 2)
  const split = [' ', '\n', '-'].map(junk => value.slice(0, middle) + junk + value.slice(middle))
  const last = value.search(/[g-zG-Z][^g-zG-Z]*$/)
  if (last === -1) return split
  const letter = value[last]!
  const swapped = letter === letter.toUpperCase() ? letter.toLowerCase() : letter.toUpperCase()
  return [...split, value.slice(0, last) + swapped + value.slice(last + 1)]
}

function changes(request: WebhookRequest, change: Change | undefined): Attempt[] {
  const changed = change && withChange(request, change)
  return changed === undefined
    ? []
    : [{ label: `"${change!.find}" replaced by "${change!.replace}"`, request: changed }]
}

export function atAnotherPath(request: WebhookRequest): WebhookRequest {
  const [path, ...search] = request.url.split('?')
  return { ...request, url: [`${path}/elsewhere`, ...search].join('?') }
}

/** Bytes that are no text decode to one and the same sign: whoever signs the text can't tell them apart. */
async function* likeBody({ request, key, now }: Case, { scheme }: AnyReceiver): AsyncIterable<Attempt> {
  if (key === undefined) return
  const ending = (byte: number) => ({ ...request, body: Buffer.concat([request.body, Buffer.of(byte)]) })
  try {
    const { headers, url } = await scheme.sign!(ending(0xff), key, now)
    yield { label: 'another byte that is no text', request: { ...ending(0xfe), headers, url } }
  } catch {
    // What can't be signed needs no refusal.
  }
}

function* otherBodies(request: WebhookRequest): Iterable<Attempt> {
  const body = Buffer.from(request.body)
  const last = body.length - 1
  yield {
    label: 'a line break after the body',
    request: { ...request, body: Buffer.concat([body, Buffer.from('\n')]) }
  }
  yield { label: 'a BOM before the body', request: { ...request, body: Buffer.concat([Buffer.from('\uFEFF'), body]) } }
  if (last === -1) return
  yield { label: 'an empty body', request: { ...request, body: Buffer.of() } }
  yield { label: 'a body without its last byte', request: { ...request, body: body.subarray(0, last) } }
  for (const at of new Set([0, 0.25, 0.5, 0.75, 1].map(part => Math.round(last * part)))) {
    const flipped = Buffer.from(body)
    flipped[at]! ^= 1 << (at % 8)
    yield { label: `bit ${at % 8} of byte ${at} flipped`, request: { ...request, body: flipped } }
  }
}
