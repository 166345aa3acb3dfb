import { InvalidSample } from '../errors.ts'
import type { DeliveryFor, EventOf } from '../handler.ts'
import type { AnyReceiver, Credentials, Description, Headers, Scheme, WebhookRequest } from '../receiver.ts'
import { chosenScheme } from '../settings.ts'
import { describedIn } from './described.ts'
import { fresh } from './fresh.ts'
import { bodyOf } from './sample-body.ts'
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
  const own = events.find(sample => sample.event === event)
  if (own === undefined && data === undefined) {
    fail(`there is no sample of it${events.length === 0 ? '' : `, only of ${namesOf(events)}`}; give its data`)
  }
  const sample = own ?? events[0] ?? { event, headers: { 'content-type': 'application/json' } }
  const credentials: Credentials = { secrets: secret === undefined ? [] : [secret], settings, fetch: offline }
  const asKnown = { receiver, credentials, now }

  const renewed = fresh(requestOf(sample, url ?? `https://example.com/api/webhooks/incoming/${receiver.name}`), asKnown)
  const template = { ...renewed, headers: { ...renamed(renewed.headers, sample.event, event), ...headers } }
  const body = data === undefined ? template.body : bodyOf(data, template, asKnown)
  if (body === undefined) return fail('its data is only a part of the body; give the whole body as text')
  const request = { ...template, body }

  const described = describedIn(request, asKnown)
  if (described?.some(description => description.event === event) !== true) fail(instead(described))

  const scheme = chosenScheme(receiver.scheme, settings)
  if ('problem' in scheme) return fail(`the setting ${scheme.setting} ${scheme.problem}`)
  return sign(scheme, request, secret, now).catch(error => fail(whyUnsigned(error)))
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
    hasPrivateKey(receiver)
      ? `only the provider can sign it (${verdict.reason}): configure the instance with testCredentials(receiver)`
      : `it does not prove itself with the secret of the instance (${verdict.reason})`
  )
}

function hasPrivateKey({ scheme }: AnyReceiver): boolean {
  const test = scheme.testKeys?.()
  return test !== undefined && test.credentials.secrets?.[0] !== test.sign
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

/** A parser quotes what it could not read, and that may be the key. */
function whyUnsigned(error: Error): string {
  return error instanceof SyntaxError ? 'its key is not in the form that can sign' : error.message
}

/** Where a header says another event's name, or what it begins with, as `x-github-event` does: this one's. */
function renamed(headers: Headers, other: string, event: string): Headers {
  const [words, others] = [event.split('.'), other.split('.')]
  const beginnings = others.map(
    (_, at) => [others.slice(0, at + 1).join('.'), words.slice(0, at + 1).join('.')] as const
  )
  const names = new Map<unknown, string>(beginnings)
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, names.get(value) ?? value]))
}

function requestOf({ method = 'POST', query = '', headers, body = '', bodyBase64 }: Sample, url: string) {
  const bytes = bodyBase64 === undefined ? Buffer.from(body) : Buffer.from(bodyBase64, 'base64')
  const joined = url.includes('?') ? url + query.replace('?', '&') : url + query
  return { method, url: joined, headers, body: bytes } satisfies WebhookRequest
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
