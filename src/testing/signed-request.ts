import { kindOf } from '../body/body.ts'
import { InvalidSample } from '../errors.ts'
import type { DeliveryFor, EventOf } from '../handler.ts'
import { ProvenRequest } from '../receive.ts'
import type { AnyReceiver, Credentials, Description, Headers, Scheme, WebhookRequest } from '../receiver.ts'
import { chosenScheme } from '../settings.ts'
import { describedIn } from './described.ts'
import { fresh } from './fresh.ts'
import { type Sample, samplesOf } from './samples.ts'

/** An event's payload as a delivery has it, or the exact body. */
export type SampleData<R extends AnyReceiver, Event extends EventOf<R>> =
  | DeliveryFor<R, Event>['data']
  | string
  | Uint8Array

export interface SignOptions {
  /** What to sign with: the instance's secret, or the private key of a test. Not needed where there is none. */
  readonly secret?: string | undefined
  /** The instance's settings. Default: those that the samples need. */
  readonly settings?: Credentials['settings'] | undefined
  /** When it is signed. Default: now. */
  readonly now?: Date | undefined
  /** The public URL. Default: one at example.com. */
  readonly url?: string | undefined
  /** In lower case; beside those of the sample, or in their place. */
  readonly headers?: Headers | undefined
}

/**
 * A request as the provider would send it for this event, signed: what `receive()` and `app.inject` take. Without `data`
 * it is a sample of ours, with ids and times as if it was new; data that you give is sent as it is. Rejects with
 * `InvalidSample` where that would be another event, or can't be signed.
 */
export async function signedRequest<const R extends AnyReceiver, const Event extends EventOf<R>>(
  receiver: R,
  event: Event,
  data?: SampleData<R, Event>,
  { secret, now = new Date(), url, headers, ...options }: SignOptions = {}
): Promise<WebhookRequest> {
  const { events, settings: known } = await samplesOf(receiver.name)
  const settings = options.settings ?? known
  const fail = (why: string): never => {
    throw new InvalidSample(receiver.name, event, why)
  }
  const sample = events.find(sample => sample.event === event) ?? templateFor(event, events)
  if (sample.body === undefined && sample.bodyBase64 === undefined && data === undefined) {
    fail(`there is no sample of it${events.length === 0 ? '' : `, only of ${namesOf(events)}`}; give its data`)
  }
  const credentials: Credentials = { secrets: secret === undefined ? [] : [secret], settings, fetch: offline }
  const asKnown = { receiver, credentials, now }

  const template = requestOf(sample, url ?? `https://example.com/api/webhooks/incoming/${receiver.name}`)
  const unsigned = { ...template, headers: { ...template.headers, ...headers } }
  const given = data === undefined ? undefined : bodyOf(data, unsigned, asKnown)
  if (data !== undefined && given === undefined)
    fail('its data is only a part of the body; give the whole body as text')
  const renewed = fresh(given === undefined ? unsigned : { ...unsigned, body: given }, asKnown)
  // What was given stays; only the headers beside it are new.
  const request = { ...renewed, headers: { ...renewed.headers, ...headers }, body: given ?? renewed.body }

  const described = describedIn(request, asKnown)
  if (described?.some(description => description.event === event) !== true) fail(instead(described))

  const scheme = chosenScheme(receiver.scheme, settings)
  if ('problem' in scheme) return fail(`the setting ${scheme.setting} ${scheme.problem}`)
  return sign(scheme, request, secret, now).catch(error => fail(error.message))
}

/** For tests: what to configure an instance with, and to sign with, where the provider has a private key of its own. */
export function testCredentials({ scheme }: AnyReceiver): Partial<Credentials> {
  return scheme.testKeys?.().credentials ?? {}
}

export interface InstanceOptions extends Omit<SignOptions, 'secret' | 'settings'> {
  /** Of the instance; undefined where there is no such one. */
  readonly credentials: Credentials | undefined
}

/** The same for an instance as it is configured. What would not prove itself there is not made. */
export async function signedForInstance<const R extends AnyReceiver, const Event extends EventOf<R>>(
  receiver: R,
  event: Event,
  data: SampleData<R, Event> | undefined,
  { credentials, now = new Date(), ...options }: InstanceOptions
): Promise<WebhookRequest> {
  const fail = (why: string): never => {
    throw new InvalidSample(receiver.name, event, why)
  }
  if (credentials === undefined) return fail('it has no such instance')
  const { secrets, settings } = credentials
  const scheme = chosenScheme(receiver.scheme, settings)
  const secret = 'problem' in scheme ? undefined : signingKeyOf(scheme, secrets)
  const request = await signedRequest(receiver, event, data, { ...options, secret, settings, now })
  const verdict = await receiver.scheme.verify(request, credentials, now)
  if (verdict.ok) return request
  return fail(
    receiver.scheme.testKeys === undefined
      ? `it does not prove itself with the secret of the instance (${verdict.reason})`
      : `only the provider can sign it (${verdict.reason}): configure the instance with testCredentials(receiver)`
  )
}

/** What requests are signed with for an instance: its newest secret, or the private half of the key for tests. */
function signingKeyOf(scheme: Scheme, secrets: readonly string[]): string | undefined {
  const test = scheme.testKeys?.()
  const isTest = test !== undefined && (test.credentials.secrets?.[0] ?? secrets[0]) === secrets[0]
  return isTest ? test.sign : secrets[0]
}

async function sign(
  scheme: Scheme,
  request: WebhookRequest,
  secret: string | undefined,
  now: Date
): Promise<WebhookRequest> {
  if (scheme.sign === undefined) return request
  await scheme.load?.()
  const key = secret ?? scheme.testKeys?.().sign
  if (key === undefined) throw new Error('there is no secret to sign with')
  return scheme.sign(request, key, now)
}

/** The headers of another event, with the name of this one where they begin with the other's: `x-github-event`. */
function templateFor(event: string, [first]: readonly Sample[]): Sample {
  if (first === undefined) return { event, headers: { 'content-type': 'application/json' } }
  const { body: _, bodyBase64: __, ...rest } = first
  const [words, others] = [event.split('.'), first.event.split('.')]
  const beginnings = new Map(
    others.map((_, at) => [others.slice(0, at + 1).join('.'), words.slice(0, at + 1).join('.')])
  )
  const headers = Object.entries(rest.headers).map(([name, value]) => [name, beginnings.get(value) ?? value])
  return { ...rest, event, headers: Object.fromEntries(headers) }
}

function requestOf({ method = 'POST', query = '', headers, body = '', bodyBase64 }: Sample, url: string) {
  const bytes = bodyBase64 === undefined ? Buffer.from(body) : Buffer.from(bodyBase64, 'base64')
  const joined = url.includes('?') ? url + query.replace('?', '&') : url + query
  return { method, url: joined, headers, body: bytes } satisfies WebhookRequest
}

/** The body with this data: as it is, or in the place of the part of the sample's body that is one event's data. */
function bodyOf(
  data: unknown,
  sample: WebhookRequest,
  known: { readonly receiver: AnyReceiver; readonly credentials: Credentials }
): Uint8Array | undefined {
  if (typeof data === 'string') return Buffer.from(data)
  if (data instanceof Uint8Array) return data
  const kind = kindOf(known.receiver, sample)
  const { part, whole } = partOf(sample, known)
  if (part === undefined) {
    if (kind === 'form') return Buffer.from(new URLSearchParams(data as Record<string, string>).toString())
    return kind === 'json' ? Buffer.from(JSON.stringify(data)) : undefined
  }
  let isFound = false
  const json = JSON.stringify(whole, (_, value) => {
    if (value !== part) return value
    isFound = true
    return data
  })
  return isFound && kind === 'json' ? Buffer.from(json) : undefined
}

/** The first event's part of the sample's body, where a body holds several; both are undefined where it can't be read. */
function partOf(
  sample: WebhookRequest,
  { receiver, credentials }: { readonly receiver: AnyReceiver; readonly credentials: Credentials }
): { readonly part?: unknown; readonly whole?: unknown } {
  const message = new ProvenRequest(sample, kindOf(receiver, sample))
  try {
    const [first] = [receiver.describe(message, credentials)].flat() as readonly Description[]
    return first?.data === undefined ? {} : { part: first.data, whole: message.body }
  } catch {
    return {}
  }
}

function instead(described: readonly Description[] | undefined): string {
  const events = described?.map(({ event }) => event).filter(event => event !== undefined) ?? []
  return events.length === 0
    ? 'with this data it is no event of the receiver; headers may have to name it'
    : `its data says ${events.join(', ')}`
}

function namesOf(events: readonly Sample[]): string {
  return events.map(({ event }) => event).join(', ')
}

/** Nothing is fetched to describe and sign. */
async function offline(): Promise<never> {
  throw new TypeError('Nothing is fetched here.')
}
