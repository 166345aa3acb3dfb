/** What goes wrong in practice, tried out: what proves a refused request after all is what went wrong. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Reason } from '../../errors.ts'
import type { AnyReceiver, Credentials, WebhookRequest } from '../../receiver.ts'
import { chosenScheme } from '../../settings.ts'
import { bodySpellings, secretSpellings, urlSpellings } from './spellings.ts'

export interface Refusal {
  readonly request: WebhookRequest
  readonly credentials: Credentials
  readonly reason: Reason
  /** When it came. */
  readonly at: number
}

const MOST_TIMES = 20
const TIME = /(?<!\d)(?:[12]\d{9}|[12]\d{12})(?!\d)|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:?\d\d)/g

/** The signature is right, so the time that was signed is the one at which it holds. */
export async function skewed(
  receiver: AnyReceiver,
  { request, credentials, at }: Refusal
): Promise<string | undefined> {
  const texts = [...Object.values(request.headers).flat(), request.url, Buffer.from(request.body).toString('latin1')]
  const found = texts.flatMap(text => text?.match(TIME) ?? [])
  for (const text of [...new Set(found)].slice(0, MOST_TIMES)) {
    const signedAt = /^\d+$/.test(text) ? Number(text) * (text.length === 10 ? 1000 : 1) : Date.parse(text)
    if (Number.isNaN(signedAt) || !(await proves(receiver, request, credentials, signedAt))) continue
    const seconds = Math.round(Math.abs(at - signedAt) / 1000)
    return signedAt < at
      ? `It was signed ${seconds} seconds before it came: a queue on its way, a replay, or a clock that is wrong here or there.`
      : `It was signed ${seconds} seconds after it came: a clock is wrong here or there.`
  }
  return undefined
}

export async function bySecret(
  receiver: AnyReceiver,
  { request, credentials, at }: Refusal
): Promise<string | undefined> {
  for (const secret of credentials.secrets) {
    for (const [spelled, words] of secretSpellings(secret)) {
      const secrets = [spelled]
      if (await proves(receiver, request, { ...credentials, secrets }, at)) return `It proves itself with ${words}.`
    }
  }
  return undefined
}

export async function byBody(
  receiver: AnyReceiver,
  { request, credentials, at }: Refusal
): Promise<string | undefined> {
  if (schemeOf(receiver, credentials)?.covers.body !== 'bytes') return undefined
  for (const [body, words] of bodySpellings(request.body)) {
    if (await proves(receiver, { ...request, body }, credentials, at)) {
      return `It proves itself with ${words}: something on its way, such as a proxy or a body parser, has changed it.`
    }
  }
  return undefined
}

export async function byUrl(receiver: AnyReceiver, { request, credentials, at }: Refusal): Promise<string | undefined> {
  if (schemeOf(receiver, credentials)?.covers.url !== true) return undefined
  for (const [url, shown] of urlSpellings(request)) {
    if (await proves(receiver, { ...request, url }, credentials, at)) {
      return `It proves itself as sent to ${shown}, but was checked as sent to ${withoutQuery(request.url)}: make WEBHOOKS_PUBLIC_URL the origin that the provider has.`
    }
  }
  return undefined
}

/** Requests that come meanwhile go first. A scheme may throw on what no provider would send. */
export async function proves(
  { scheme }: AnyReceiver,
  request: WebhookRequest,
  credentials: Credentials,
  at: number
): Promise<boolean> {
  await nextTurn()
  try {
    return (await scheme.verify(request, credentials, new Date(at))).ok === true
  } catch {
    return false
  }
}

function schemeOf({ scheme }: AnyReceiver, { settings }: Credentials) {
  const chosen = chosenScheme(scheme, settings)
  return 'problem' in chosen ? undefined : chosen
}

export function withoutQuery(url: string): string {
  return url.replace(/^(https?:\/\/)[^/@?#]*@/i, '$1').split(/[?#]/, 1)[0]!
}

export async function refuseToFetch(): Promise<never> {
  throw new TypeError('A hint is not worth a download.')
}
