import type { AnyReceiver } from '../receiver.ts'
import { atAnotherPath, HOUR } from './attacks.ts'
import type { Case } from './cases.ts'
import { inWords, outcomeOf, proofHeld, type Trial } from './outcome.ts'
import { type Change, type Vector, withChange } from './vector.ts'

/**
 * What a proof does not cover must indeed be free: a scheme that declares less than it proves would not be attacked
 * where it should be. One request is enough, since a receiver may take a weaker proof beside a stronger one.
 */
export async function undercovered(receiver: AnyReceiver, cases: readonly Case[]): Promise<string[]> {
  const { covers } = receiver.scheme
  const findings: string[] = []
  const late = (target: Case) => ({ ...target, now: new Date(target.now.getTime() + HOUR) })
  if (!covers.time && !(await someProven(receiver, cases, late))) {
    findings.push('covers.time is false, but no request was accepted an hour later: declare it true')
  }
  const elsewhere = (target: Case) => ({ ...target, request: atAnotherPath(target.request) })
  if (covers.url !== true && !(await someProven(receiver, cases, elsewhere))) {
    findings.push('covers.url is not true, but no request was accepted at another URL: declare it true')
  }
  if (covers.body === false) findings.push(...(await free(receiver, cases, 'unsigned')))
  if (covers.body === 'values') {
    findings.push(...(await free(receiver, cases, 'respelled')))
    if (!cases.some(({ vector }) => vector.signed)) findings.push(missing('signed', 'a change of a signed value'))
  }
  return findings
}

async function someProven(
  receiver: AnyReceiver,
  cases: readonly Case[],
  change: (target: Case) => Trial
): Promise<boolean> {
  for (const target of cases) if (proofHeld(await outcomeOf(receiver, change(target)))) return true
  return false
}

async function free(receiver: AnyReceiver, cases: readonly Case[], name: 'unsigned' | 'respelled'): Promise<string[]> {
  const named = cases.filter(({ vector }) => vector[name])
  if (named.length === 0) {
    return [
      missing(name, name === 'unsigned' ? 'a change that no proof covers' : 'another spelling of the same values')
    ]
  }
  const findings: string[] = []
  for (const target of named) {
    const request = withChange(target.request, target.vector[name]!)
    // What was signed afresh may be spelled differently already.
    if (request === undefined) continue
    const outcome = await outcomeOf(receiver, { ...target, request })
    if (!proofHeld(outcome)) {
      findings.push(`${target.label}, changed as its \`${name}\` says, must be accepted, but was ${inWords(outcome)}`)
    }
  }
  return findings
}

/** What vectors say of changes must be there to change. */
export function unfound(vector: Vector, body: Uint8Array): string[] {
  const text = Buffer.from(body).toString()
  return (['unsigned', 'signed', 'respelled'] as const)
    .map(name => [name, vector[name]] as const)
    .filter(
      (pair): pair is readonly [(typeof pair)[0], Change] => pair[1] !== undefined && !text.includes(pair[1].find)
    )
    .map(([name, { find }]) => `\`${name}\` looks for ${JSON.stringify(find)}, which the body does not have`)
}

function missing(name: string, what: string): string {
  return `no vector has \`${name}\`: add ${what} to a valid one, as { "find": "…", "replace": "…" }`
}
