/**
 * Makes the samples that `posthorn/testing` and `posthorn send` start from, out of the requests in `test/vectors/`: of
 * each event the first, without its proof. `node docs/generate.ts` writes them.
 */
import { exactText } from '../src/body/text.ts'
import type { AnyReceiver, WebhookRequest } from '../src/receiver.ts'
import { chosenScheme } from '../src/settings.ts'
import { altered } from '../src/testing/cases.ts'
import { describedIn } from '../src/testing/described.ts'
import type { Sample, Samples } from '../src/testing/samples.ts'
import { clockOf, credentialsOf, isHandshake, toRequest, type Vector } from '../src/testing/vector.ts'
import type { Documented } from './receiver-facts.ts'

/** Each sample file's path, with its text as it should be. */
export async function sampleFiles(documented: readonly Documented[]): Promise<Map<string, string>> {
  const files = documented.map(async ({ receiver, vectors }) => {
    const samples = await samplesFrom(receiver, vectors)
    return [`src/testing/samples/${receiver.name}.json`, `${JSON.stringify(samples, null, 2)}\n`] as const
  })
  return new Map(await Promise.all(files))
}

/** What others publish to show a signature is often cut down to a few fields. */
function isOurs({ source }: Vector): boolean {
  return source === 'posthorn'
}

/** Told of bodies that were made up for a test: no provider sends such an event. */
const NO_EVENTS = new Set(['adyen EVENT', 'sentry issue'])

/** One instance must understand them all, so those count that need the settings of the first. */
async function samplesFrom(receiver: AnyReceiver, vectors: readonly Vector[]): Promise<Samples> {
  const usable = vectors
    .filter(vector => vector.valid && !isHandshake(vector) && vector.describes !== undefined)
    .toSorted((a, b) => Number(isOurs(b)) - Number(isOurs(a)))
  const credentials = credentialsOf(usable[0]!)
  const events = new Map<string, Sample>()
  for (const vector of usable) {
    const request = await withoutProof(receiver, vector)
    const event = describedIn(request, { receiver, credentials })?.[0]?.event
    if (event === undefined || events.has(event) || NO_EVENTS.has(`${receiver.name} ${event}`)) continue
    events.set(event, sampleOf(event, request))
  }
  return { settings: credentials.settings, events: [...events.values()] }
}

/** What proofs stand in, beside the one that `sign` makes; and what belongs to one connection. */
const LEFT_OUT = /signature|^authorization$|^(?:host|connection|content-length|accept-encoding|x-forwarded-.*|via)$/

/** Without the headers that another secret at another time would write otherwise. In URL and body, `sign` writes them over. */
async function withoutProof(receiver: AnyReceiver, vector: Vector): Promise<WebhookRequest> {
  const request = toRequest(vector)
  const written = await signedOtherwise(receiver, vector, request)
  const kept = Object.entries(request.headers).filter(
    ([name, value]) => !LEFT_OUT.test(name) && written.headers[name] === value
  )
  const url = new URL(request.url)
  for (const name of receiver.scheme.carries?.query ?? []) url.searchParams.delete(name)
  return { ...request, url: url.href, headers: Object.fromEntries(kept) }
}

async function signedOtherwise(
  receiver: AnyReceiver,
  vector: Vector,
  request: WebhookRequest
): Promise<WebhookRequest> {
  const { secrets, settings } = credentialsOf(vector)
  const scheme = chosenScheme(receiver.scheme, settings)
  if ('problem' in scheme || scheme.sign === undefined) return request
  const later = new Date(clockOf(vector).getTime() + 1000)
  return scheme.sign(request, scheme.testKeys?.().sign ?? altered(secrets[0]!), later)
}

function sampleOf(event: string, { method, url, headers, body }: WebhookRequest): Sample {
  const text = exactText(body)
  const { search } = new URL(url)
  return {
    event,
    ...(method !== 'POST' && { method }),
    ...(search !== '' && { query: search }),
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)])),
    ...(text === undefined ? { bodyBase64: Buffer.from(body).toString('base64') } : { body: text })
  }
}
