import { AssertionError } from 'node:assert'
import { describe, test } from 'node:test'
import type { AnyReceiver } from '../receiver.ts'
import { type Attack, attacks } from './attacks.ts'
import { type Cases, casesOf, isUnsigned } from './cases.ts'
import { type Choice, choicesOf, overpromised } from './choices.ts'
import { gaps, malformations, refusedOwn, rotationFails, takesAnyMethod } from './contract.ts'
import { undercovered } from './coverage.ts'
import { contradictions } from './expectations.ts'
import { survivors } from './hostile.ts'
import { inWords, outcomeOf, proofHeld } from './outcome.ts'
import { leaks, unseenFields } from './secrecy.ts'
import { markupEchoes, undescribable } from './shapes.ts'
import type { Vector } from './vector.ts'

export { type SampleData, type SignOptions, signedRequest, testCredentials } from './signed-request.ts'
export { type StoreEngine, type StoreSettings, storeChecksOf, testStore } from './store/index.ts'
export { type Change, type ExpectedDescription, isProven, type Vector } from './vector.ts'

/** One thing that must hold for a receiver. */
export interface Check {
  readonly name: string
  /** Rejects with an AssertionError that lists what doesn't hold. */
  run(): Promise<void>
}

/**
 * Checks and attacks a receiver, from requests with a known verdict: each is judged, and each valid one is changed in
 * every way that must make it invalid. Registers its tests with `node:test`.
 */
export function testReceiver(receiver: AnyReceiver, vectors: readonly Vector[]): void {
  describe(`receiver ${receiver.name}`, () => {
    for (const { name, run } of checksOf(receiver, vectors)) test(name, run)
  })
}

type Findings = readonly string[]

/** What `testReceiver` registers, to be run by anything else. Where settings choose the scheme, all of it for each choice. */
export function checksOf(receiver: AnyReceiver, vectors: readonly Vector[]): Check[] {
  const choices = choicesOf(receiver, vectors)
  if (receiver.scheme.choose === undefined) return choices.flatMap(checksOfChoice)
  return [
    check('promises no more than each choice keeps', () => overpromised(receiver, choices)),
    ...choices.flatMap(choice =>
      checksOfChoice(choice).map(({ name, run }) => ({ name: `with ${choice.label}: ${name}`, run }))
    )
  ]
}

function check(name: string, find: () => Promise<Findings> | Findings): Check {
  return { name, run: async () => report(await find()) }
}

function checksOfChoice({ receiver, vectors, settings }: Choice): Check[] {
  let pending: Promise<Cases> | undefined
  const cases = () => (pending ??= casesOf(receiver, vectors))

  return [
    check('its data is well-formed', () => malformations(receiver)),
    check('its vectors suffice', async () => gaps(vectors, await cases())),
    ...vectors.map(vector =>
      check(`vector: ${vector.name}`, async () => {
        const signed = (await cases()).cases.find(target => target.vector === vector && target.key !== undefined)
        return contradictions(receiver, vector, signed)
      })
    ),
    check('verifies what it signs', async () => refusedOwn(receiver, await cases())),
    ...(isUnsigned(receiver.scheme) ? [] : attacks)
      .filter(({ against }) => against?.(receiver.scheme) ?? true)
      .map(attack => check(`refused ${attack.name}`, async () => successes(receiver, attack, await cases()))),
    check('covers no more than it declares', async () => undercovered(receiver, (await cases()).cases)),
    check('accepts a secret while it is rotated out', async () => rotationFails(receiver, await cases())),
    check('takes no method that nobody named', async () => takesAnyMethod(receiver, await cases())),
    check('hides what must not be kept', async () => [
      ...(await leaks(receiver, (await cases()).cases)),
      ...unseenFields(receiver, (await cases()).cases)
    ]),
    check('describes bodies of any shape', async () => undescribable(receiver, (await cases()).cases)),
    check('echoes no markup', () => markupEchoes(receiver, vectors)),
    check('survives hostile requests', () => survivors(receiver, vectors, settings))
  ]
}

/** The attempts that should have been refused. */
async function successes(receiver: AnyReceiver, attack: Attack, { cases }: Cases): Promise<string[]> {
  const findings: string[] = []
  for (const target of cases) {
    for await (const { label, ...change } of attack.attempts(target, receiver)) {
      const outcome = await outcomeOf(receiver, { ...target, ...change })
      const threw = outcome.kind === 'rejected' && outcome.reason === 'proof-failed'
      if (proofHeld(outcome) || threw)
        findings.push(`${target.label}, ${label}: must be refused, but was ${inWords(outcome)}`)
    }
  }
  return findings
}

function report(findings: Findings): void {
  if (findings.length === 0) return
  const shown = findings.slice(0, 20).map(finding => `\n- ${finding}`)
  const more = findings.length > shown.length ? `\n… and ${findings.length - shown.length} more` : ''
  throw new AssertionError({ message: shown.join('') + more })
}
