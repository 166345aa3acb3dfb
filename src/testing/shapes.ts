import type { AnyReceiver, Reply, WebhookRequest } from '../receiver.ts'
import type { Case } from './cases.ts'
import { bodyOf, headerOf, inWords, outcomeOf } from './outcome.ts'
import { clockOf, credentialsOf, isHandshake, toRequest, type Vector } from './vector.ts'

const WRONG = [null, 7, 'text', [], [null], {}]
const MARKUP = '<script>alert(1)</script>'

/** A proven body of any shape is described, or is not the provider's; it never makes `describe` throw. */
export async function undescribable(receiver: AnyReceiver, cases: readonly Case[]): Promise<string[]> {
  const findings = new Set<string>()
  for (const target of cases.filter(({ key }) => key !== undefined)) {
    for (const [change, request] of misshapen(target.request)) {
      const signed = await resigned(receiver, target, request)
      if (signed === undefined) continue
      const outcome = await outcomeOf(receiver, { ...target, request: signed })
      if (outcome.kind !== 'rejected' || outcome.stage !== 'describe') continue
      findings.add(`${target.vector.name}, with ${change}, was ${inWords(outcome)}`)
    }
  }
  return [...findings]
}

/** A proof that lies in the body may have nowhere to go in this one. */
async function resigned(
  receiver: AnyReceiver,
  { key, now }: Case,
  request: WebhookRequest
): Promise<WebhookRequest | undefined> {
  try {
    return await receiver.scheme.sign!(request, key!, now)
  } catch {
    return undefined
  }
}

/** The body with one value of another type each, as far as three levels down. */
function* misshapen(request: WebhookRequest): Iterable<[change: string, request: WebhookRequest]> {
  const root = asJson(request.body)
  for (const wrong of WRONG) yield [JSON.stringify(wrong), withJson(request, wrong)]
  if (root === undefined) return
  for (const path of paths(root, 3)) {
    for (const wrong of WRONG) {
      const copy = structuredClone(root)
      const parent = path.slice(0, -1).reduce((node, key) => node[key], copy)
      parent[path.at(-1)!] = wrong
      yield [`${path.join('.')} as ${JSON.stringify(wrong)}`, withJson(request, copy)]
    }
  }
}

function asJson(body: Uint8Array): any {
  try {
    return JSON.parse(Buffer.from(body).toString())
  } catch {
    return undefined
  }
}

function withJson(request: WebhookRequest, value: unknown): WebhookRequest {
  return { ...request, body: Buffer.from(JSON.stringify(value)) }
}

function* paths(node: unknown, depth: number): Iterable<string[]> {
  if (depth === 0 || typeof node !== 'object' || node === null) return
  for (const [key, child] of Object.entries(node)) {
    yield [key]
    for (const rest of paths(child, depth - 1)) yield [key, ...rest]
  }
}

/** A challenge that is heard again must not become a page that a browser shows. */
export async function markupEchoes(receiver: AnyReceiver, vectors: readonly Vector[]): Promise<string[]> {
  const findings: string[] = []
  for (const vector of vectors.filter(isHandshake)) {
    const request = toRequest(vector)
    const url = new URL(request.url)
    for (const name of new Set(url.searchParams.keys())) {
      const changed = new URL(url)
      changed.searchParams.set(name, MARKUP)
      const credentials = credentialsOf(vector)
      const trial = { request: { ...request, url: changed.href }, credentials, now: clockOf(vector) }
      const outcome = await outcomeOf(receiver, trial)
      if (outcome.kind === 'answered' && isMarkup(outcome.reply)) {
        findings.push(`${vector.name}: ${name} comes back as it was sent; answer with the kit's echo()`)
      }
    }
  }
  return findings
}

function isMarkup(reply: Reply): boolean {
  if (!bodyOf(reply).includes(MARKUP)) return false
  const type = headerOf(reply, 'content-type') ?? ''
  const isSniffed = headerOf(reply, 'x-content-type-options') !== 'nosniff'
  return !type.startsWith('application/json') && !(type.startsWith('text/plain') && !isSniffed)
}
