import { kindOf, parseBody } from '../body/body.ts'
import type { AnyReceiver, Delivery, WebhookRequest } from '../receiver.ts'
import type { Case } from './cases.ts'
import { outcomeOf } from './outcome.ts'

/** Shorter texts stand in many a body by chance. */
const TELLING = 8

/** Secrets that travel in a request and are still there behind the proof. */
export async function leaks(receiver: AnyReceiver, cases: readonly Case[]): Promise<string[]> {
  const findings: string[] = []
  for (const target of cases) {
    const outcome = await outcomeOf(receiver, target)
    if (outcome.kind !== 'accepted') continue
    const visible = outcome.deliveries.map(everythingOf).join('\n')
    if (secretsOf(receiver, target).some(spelling => visible.includes(spelling))) {
      findings.push(`${target.label}: the secret is in the delivery; name its place in scheme.carries`)
    }
    for (const { name, value } of secretValues(receiver, target.request)) {
      if (visible.includes(value)) findings.push(`${target.label}: the value of ${name} is in the delivery`)
    }
  }
  return findings
}

/** The secrets in every spelling in which they may travel. */
function secretsOf({ scheme: { key } }: AnyReceiver, { credentials }: Case): string[] {
  if (key !== false && key.isPublic) return []
  return credentials.secrets
    .filter(isTelling)
    .flatMap(secret => [
      secret,
      encodeURIComponent(secret),
      JSON.stringify(secret).slice(1, -1),
      Buffer.from(secret).toString('base64')
    ])
}

/** A secret field that no vector has is not known to be hidden. */
export function unseenFields(receiver: AnyReceiver, cases: readonly Case[]): string[] {
  const seen = new Set(cases.flatMap(({ request }) => secretValues(receiver, request).map(({ name }) => name)))
  return (receiver.secretFields ?? [])
    .filter(name => !seen.has(name))
    .map(name => `no valid vector has the secret field ${name}: add one with it`)
}

function everythingOf(delivery: Delivery): string {
  const raw = delivery.raw()
  const { event, id, subject, account, headers } = delivery
  const parsed = JSON.stringify({ event, id, subject, account, headers, raw: raw.headers, data: dataOf(delivery) })
  return [parsed, raw.url, Buffer.from(raw.body).toString()].join('\n')
}

function dataOf(delivery: Delivery): unknown {
  try {
    return delivery.data
  } catch {
    return undefined
  }
}

function isTelling(text: string): boolean {
  return text.length >= TELLING
}

function secretValues(receiver: AnyReceiver, request: WebhookRequest): { name: string; value: string }[] {
  const names = receiver.secretFields ?? []
  const found: { name: string; value: string }[] = []
  if (names.length > 0) collect(parsedBody(receiver, request))
  return found

  function collect(node: unknown, under?: string): void {
    if (typeof node === 'string' && under !== undefined && isTelling(node)) found.push({ name: under, value: node })
    if (typeof node !== 'object' || node === null) return
    for (const [name, child] of Object.entries(node)) collect(child, names.includes(name) ? name : under)
  }
}

function parsedBody(receiver: AnyReceiver, request: WebhookRequest): unknown {
  try {
    return parseBody(request, kindOf(receiver, request))
  } catch {
    return undefined
  }
}
