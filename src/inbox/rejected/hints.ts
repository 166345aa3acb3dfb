import { isIP } from 'node:net'
import type { AnyReceiver, Credentials, WebhookRequest } from '../../receiver.ts'
import type { CredentialsFor } from '../inbox.ts'
import { placeOf } from './known-secrets.ts'
import { type HeaderForm, type ProofPlaces, proofPlaces } from './proof-places.ts'
import { byBody, bySecret, byUrl, proves, type Refusal, refuseToFetch, skewed, withoutQuery } from './trials.ts'

export interface HintParts {
  readonly receivers: ReadonlyMap<string, AnyReceiver>
  readonly credentialsFor: CredentialsFor
  /** What is configured: whose secret it might have been instead. */
  readonly instances: readonly { readonly receiver: string; readonly instance: string }[]
}

const MOST_INSTANCES = 100

/**
 * Says in words what may be wrong with a refused request, for the operator. It tries what goes wrong in practice, and
 * what proves the request is the answer. It costs dozens of proofs, so it is nothing to do while somebody waits.
 */
export class Hints {
  readonly #parts: HintParts
  #places: Promise<ReadonlyMap<string, ProofPlaces>> | undefined

  constructor(parts: HintParts) {
    this.#parts = parts
  }

  /** Undefined: nothing to say beyond the reason. Never throws, never fetches. */
  async hint(receiver: AnyReceiver, instance: string, refusal: Refusal): Promise<string | undefined> {
    const { reason } = refusal
    const offline = { ...refusal, credentials: { ...refusal.credentials, fetch: refuseToFetch } }
    try {
      if (reason.endsWith('-missing')) return await this.#missing(receiver, offline)
      if (reason.endsWith('-malformed')) return await this.#malformed(receiver, offline)
      if (reason === 'address-not-allowed') return cameFrom(offline.request)
      if (reason === 'timestamp-outside-tolerance') return await skewed(receiver, offline)
      if (reason.endsWith('-mismatch')) return await this.#mismatched(receiver, instance, offline)
    } catch {
      // A scheme that can't judge some spelling has nothing to say about it.
    }
    return undefined
  }

  async #missing(receiver: AnyReceiver, { request, credentials }: Refusal): Promise<string | undefined> {
    const { headers, query, fields } = await this.#placesOf(receiver, credentials)
    const lacking = headers.filter(({ name }) => request.headers[name] === undefined)
    const places = [
      ...lacking.map(({ name }) => `the header ${name}`),
      ...(headers.length > 0 ? [] : query.map(name => `the query parameter ${name}`)),
      ...(headers.length + query.length > 0 ? [] : fields.map(name => `the field ${name} of the body`))
    ]
    if (places.length === 0) return undefined
    const missing = `There is no proof in ${places.join(' and ')}.`
    const { scheme } = receiver
    const misplaced = scheme.carries === undefined ? undefined : placeOf(request, credentials.secrets)
    if (misplaced !== undefined) return `${missing} The secret stands in ${misplaced}.`
    const others = await this.#othersSeen(receiver, request)
    if (others.length > 0) return `${missing} Instead it has ${others.join(', ')}: it may be meant for another URL.`
    return `${missing} A webhook that was set up without its secret sends none; a proxy may have dropped it.`
  }

  /** The headers with which other receivers' requests prove themselves. */
  async #othersSeen(receiver: AnyReceiver, request: WebhookRequest): Promise<string[]> {
    const places = await this.#all()
    const own = places.get(receiver.name)?.headers.map(({ name }) => name) ?? []
    return [...places].flatMap(([other, { headers }]) =>
      headers
        .filter(({ name }) => other !== receiver.name && !own.includes(name) && request.headers[name] !== undefined)
        .map(({ name }) => `${name}, as ${other} sends it`)
    )
  }

  async #malformed(receiver: AnyReceiver, { request, credentials }: Refusal): Promise<string | undefined> {
    const { headers } = await this.#placesOf(receiver, credentials)
    return headers.map(form => problemOf(form, request)).find(problem => problem !== undefined)
  }

  async #placesOf(receiver: AnyReceiver, { settings }: Credentials): Promise<ProofPlaces> {
    const known = receiver.scheme.choose === undefined ? (await this.#all()).get(receiver.name) : undefined
    return known ?? proofPlaces(receiver, settings)
  }

  /** Made once: some proofs cost a private key's work. */
  #all(): Promise<ReadonlyMap<string, ProofPlaces>> {
    this.#places ??= placesOf(this.#parts.receivers)
    return this.#places
  }

  async #mismatched(receiver: AnyReceiver, instance: string, refusal: Refusal): Promise<string> {
    const proof =
      (await bySecret(receiver, refusal)) ??
      (await byBody(receiver, refusal)) ??
      (await byUrl(receiver, refusal)) ??
      (await this.#byInstance(receiver, instance, refusal))
    if (proof !== undefined) return proof
    const { length } = refusal.credentials.secrets
    const secrets = length === 1 ? 'the secret does not give it' : `none of the ${length} secrets gives it`
    const compared = `The proof has the right form, but ${secrets}: compare it with the provider’s`
    const { covers } = receiver.scheme
    const changed = covers.body === 'bytes' ? ', and look for what may change the body on its way' : ''
    const checked = covers.url ? ` It was checked as sent to ${withoutQuery(refusal.request.url)}.` : ''
    return `${compared}${changed}.${checked}`
  }

  async #byInstance(receiver: AnyReceiver, instance: string, refusal: Refusal): Promise<string | undefined> {
    const { instances, receivers, credentialsFor } = this.#parts
    const others = instances.filter(one => one.receiver !== receiver.name || one.instance !== instance)
    // First those of the same receiver: most are named by mistake.
    const ordered = others.toSorted(
      (a, b) => Number(b.receiver === receiver.name) - Number(a.receiver === receiver.name)
    )
    for (const other of ordered.slice(0, MOST_INSTANCES)) {
      const owner = receivers.get(other.receiver)
      const credentials = owner && (await credentialsFor(owner, other.instance))
      // What proves nothing at all would prove this one.
      if (owner === undefined || credentials === undefined || owner.scheme.key === false) continue
      const offline = { ...credentials, fetch: refuseToFetch }
      if (await proves(owner, refusal.request, offline, refusal.at)) {
        const whose = other.instance === '' ? 'the unnamed instance' : `the instance ${other.instance}`
        return `It proves itself with the secret of ${whose} of ${owner.name}: the provider has the wrong URL for it.`
      }
    }
    return undefined
  }
}

async function placesOf(receivers: ReadonlyMap<string, AnyReceiver>): Promise<ReadonlyMap<string, ProofPlaces>> {
  const places = new Map<string, ProofPlaces>()
  for (const [name, receiver] of receivers) places.set(name, await proofPlaces(receiver, {}))
  return places
}

function problemOf({ name, prefix, length }: HeaderForm, { headers }: WebhookRequest): string | undefined {
  const value = headers[name]
  if (typeof value === 'object') return `The header ${name} came ${value.length} times: a proxy may repeat it.`
  if (value === undefined || length === 0) return undefined
  const looks = prefix === '' ? '' : ` and begin with ${prefix}`
  if (!value.startsWith(prefix)) return `The header ${name} should have ${length} characters${looks}.`
  if (value.length !== length) return `The header ${name} has ${value.length} characters, where ${length} are expected.`
  return undefined
}

/** A proxy that nobody has named is the sender. What a proxy tells may be any text. */
function cameFrom({ address = '' }: WebhookRequest): string | undefined {
  return isIP(address) === 0
    ? undefined
    : `It came from ${address}. Where that is your own proxy, name it in Fastify’s \`trustProxy\`.`
}
