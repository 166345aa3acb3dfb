import type { AnyReceiver, Credentials, Scheme, WebhookRequest } from '../receiver.ts'
import { outcomeOf, proofHeld, type Trial } from './outcome.ts'
import { differences, headerPlace, type ProofPlace } from './places.ts'
import { clockOf, credentialsOf, isHandshake, toRequest, type Vector } from './vector.ts'

/** A request that proves itself: what attacks change. */
export interface Case extends Trial {
  readonly label: string
  readonly vector: Vector
  /** What the scheme signed it with; undefined where it came with the vector. */
  readonly key?: string
  readonly places: readonly ProofPlace[]
  /** Those that hold one proof and nothing else, such as a second signature: no letter of it may change. */
  readonly exact: readonly ProofPlace[]
}

export interface Cases {
  readonly cases: readonly Case[]
  /** What could not be signed, and why. */
  readonly failures: readonly string[]
}

/**
 * Each valid request of the vectors, and each signed afresh by the scheme: so a receiver whose provider's own key is
 * not public is attacked as well.
 */
export async function casesOf(receiver: AnyReceiver, vectors: readonly Vector[]): Promise<Cases> {
  const cases: Case[] = []
  const failures: string[] = []
  for (const vector of vectors.filter(vector => vector.valid && !isHandshake(vector))) {
    try {
      cases.push(...(await pairOf(receiver, vector)))
    } catch (error) {
      failures.push(`vector "${vector.name}": sign() threw ${error}`)
      cases.push(given(vector))
    }
  }
  return { cases, failures }
}

/** No proof, written down: such a scheme declares nothing, makes nothing, and there is nothing to attack. */
export function isUnsigned({ key, covers, sign }: Scheme): boolean {
  return key === false && sign === undefined && covers.body === false && !covers.time
}

async function pairOf(receiver: AnyReceiver, vector: Vector): Promise<Case[]> {
  if (receiver.scheme.sign === undefined) return [given(vector)]
  const request = toRequest(vector)
  const signed = await sign(receiver, vector, request)
  if (vector.requires === 'no-time-check') return [signed]
  if (signed.places.some(place => place.read(request) !== undefined)) return [given(vector, signed), signed]

  // Another kind of proof than the scheme makes: a weaker one that it takes as well. It would survive the attacks.
  const own = await headersNeeded(receiver, given(vector))
  const bare = own.reduce((left, place) => place.put(left, undefined), request)
  return [{ ...given(vector), places: own, exact: own }, await sign(receiver, vector, bare)]
}

function given(vector: Vector, signed?: Case): Case {
  const whole = toRequest(vector)
  // A header that sign() takes away is a second proof: it would survive the attacks on the first.
  const taken = Object.keys(whole.headers).filter(name => signed && signed.request.headers[name] === undefined)
  const request = taken.map(headerPlace).reduce((left, place) => place.put(left, undefined), whole)
  const places = signed?.places.filter(place => place.read(request) !== undefined) ?? []
  return {
    label: `vector "${vector.name}"`,
    vector,
    request,
    credentials: credentialsOf(vector),
    now: clockOf(vector),
    places,
    exact: places.filter(place => place.read(request)!.length === place.read(signed!.request)?.length)
  }
}

async function headersNeeded(receiver: AnyReceiver, target: Case): Promise<ProofPlace[]> {
  const needed: ProofPlace[] = []
  for (const place of Object.keys(target.request.headers).map(headerPlace)) {
    const without = place.put(target.request, undefined)
    if (!proofHeld(await outcomeOf(receiver, { ...target, request: without }))) needed.push(place)
  }
  return needed
}

async function sign(receiver: AnyReceiver, vector: Vector, request: WebhookRequest): Promise<Case> {
  const { scheme } = receiver
  const now = clockOf(vector)
  const test = scheme.testKeys?.()
  const key = test?.sign ?? credentialsOf(vector).secrets[0]
  if (key === undefined) throw new TypeError('without a key: the vector has no secret, and the scheme no testKeys()')

  // A vector may come from the very address that proves it: then only what `sign` adds shows it.
  const bare = { ...request, address: undefined }
  const signed = await scheme.sign!(bare, key, now)
  // Signed otherwise and a little later, it shows its proof where the vector's own is the same to the letter.
  const later = new Date(now.getTime() + 1000)
  const again = await scheme.sign!(bare, test === undefined ? altered(key) : key, later)
  const differing = [...differences(receiver, bare, signed), ...differences(receiver, again, signed)]
  const places = [...new Map(differing.map(place => [place.label, place])).values()]
  return {
    label: `vector "${vector.name}", signed afresh`,
    vector,
    request: signed,
    credentials: merged(credentialsOf(vector), test?.credentials ?? {}),
    now,
    key,
    places,
    exact: places
  }
}

function merged(own: Credentials, test: Partial<Credentials>): Credentials {
  return { ...own, ...test, settings: { ...own.settings, ...test.settings } }
}

/** Another secret of the same form: one letter or digit in its last third is another one. */
export function altered(secret: string): string {
  for (let at = Math.floor(secret.length * 0.75); at >= 0; at--) {
    const character = secret[at]!
    const kin = ['0123456789', 'abcdef', 'ghijklmnopqrstuvwxyz', 'ABCDEF', 'GHIJKLMNOPQRSTUVWXYZ'].find(group =>
      group.includes(character)
    )
    if (kin === undefined) continue
    const next = kin[(kin.indexOf(character) + 1) % kin.length]
    return secret.slice(0, at) + next + secret.slice(at + 1)
  }
  return `${secret}0`
}
