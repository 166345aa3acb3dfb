import type { AnyReceiver, BodyKind } from '../receiver.ts'
import { altered, type Cases, isUnsigned } from './cases.ts'
import { inWords, outcomeOf, proofHeld } from './outcome.ts'
import { isHandshake, type Vector } from './vector.ts'

const BODY_KINDS: readonly BodyKind[] = ['json', 'form', 'xml', 'multipart', 'text']

/** What a receiver's data must look like, whatever it verifies. */
export function malformations(receiver: AnyReceiver): string[] {
  const { name, docs, scheme, settings = [], body = [], limit, handshakes = [] } = receiver
  const { headers = [] } = scheme.carries ?? {}
  const methods = [...(receiver.methods ?? []), ...handshakes.flatMap(({ methods = [] }) => methods)]
  const rules: [holds: boolean, what: string][] = [
    [/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name), `the name ${JSON.stringify(name)} is not lower case, digits and hyphens`],
    [URL.canParse(docs) && docs.startsWith('https://'), 'docs is not an https URL'],
    [settings.every(setting => /^[a-z0-9]+(-[a-z0-9]+)*[*?]?$/.test(setting)), 'a setting is not a lower-case name'],
    [settings.every(setting => !/s[*?]?$/.test(setting)), 'a setting is named in the plural'],
    [scheme.key === false || (Number.isInteger(scheme.key.min) && scheme.key.min > 0), 'scheme.key.min is no length'],
    [scheme.sign !== undefined || isUnsigned(scheme), 'the scheme has no sign()'],
    [headers.every(header => header === header.toLowerCase()), 'carries.headers are not in lower case'],
    [body.every(kind => BODY_KINDS.includes(kind)), `body is not made of ${BODY_KINDS.join(', ')}`],
    [limit === undefined || (Number.isInteger(limit) && limit > 0), 'limit is not a number of bytes'],
    [methods.every(method => /^[A-Z]+$/.test(method)), 'a method is not in upper case']
  ]
  return rules.filter(([holds]) => !holds).map(([, what]) => what)
}

/** What the vectors must have, for the rest of the suite to mean something. */
export function gaps(vectors: readonly Vector[], { cases, failures }: Cases): string[] {
  const names = vectors.map(({ name }) => name)
  const twice = names.filter((name, index) => names.indexOf(name) !== index)
  const findings = [...failures, ...twice.map(name => `two vectors are named "${name}"`)]
  const deliveries = vectors.filter(vector => vector.valid && !isHandshake(vector))
  if (deliveries.length === 0) findings.push('no vector is a valid delivery: add one, signed at least by yourself')
  if (!deliveries.some(({ describes }) => describes)) {
    findings.push(
      'no valid vector says what it `describes`: add { "event": "…", "id": "…" } as you read it in the body'
    )
  }
  for (const { label, key, places } of cases) {
    if (key !== undefined && places.length === 0) findings.push(`${label}: sign() left no proof that could be found`)
  }
  return findings
}

/** What `sign` makes must be right before a change of it can be wrong. */
export async function refusedOwn(receiver: AnyReceiver, { cases }: Cases): Promise<string[]> {
  const findings: string[] = []
  for (const target of cases.filter(({ key }) => key !== undefined)) {
    const outcome = await outcomeOf(receiver, target)
    if (!proofHeld(outcome)) findings.push(`${target.label}: must be accepted, but was ${inWords(outcome)}`)
  }
  return findings
}

/** A secret that is being rotated out still counts, and is told apart. */
export async function rotationFails(receiver: AnyReceiver, { cases }: Cases): Promise<string[]> {
  const findings: string[] = []
  for (const target of cases.filter(({ key }) => key !== undefined)) {
    const [secret, ...others] = target.credentials.secrets
    if (receiver.scheme.key === false || secret === undefined || others.length > 0) continue
    const credentials = { ...target.credentials, secrets: [altered(secret), secret] }
    const verdict = await receiver.scheme.verify(target.request, credentials, target.now)
    if (!verdict.ok) findings.push(`${target.label}: with a newer secret beside its own, refused for ${verdict.reason}`)
    else if (verdict.secret !== 1)
      findings.push(`${target.label}: matched the second secret, but said ${verdict.secret}`)
  }
  return findings
}

/** A method that nobody named is none of the receiver's business. */
export async function takesAnyMethod(receiver: AnyReceiver, { cases }: Cases): Promise<string[]> {
  const findings: string[] = []
  for (const target of cases) {
    const outcome = await outcomeOf(receiver, { ...target, request: { ...target.request, method: 'PROPFIND' } })
    if (outcome.kind === 'rejected' && outcome.reason === 'method' && outcome.reply.status === 405) continue
    findings.push(`${target.label}, sent as PROPFIND, was ${inWords(outcome)}`)
  }
  return findings
}
