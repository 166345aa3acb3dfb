import { AssertionError } from 'node:assert'
import { describe, test } from 'node:test'
import type { AnyReceiver } from '../receiver.ts'
import { type Attack, attacks } from './attacks.ts'
import { type Cases, casesOf, isUnsigned } from './cases.ts'
import { gaps, malformations, refusedOwn, rotationFails, takesAnyMethod } from './contract.ts'
import { undercovered } from './coverage.ts'
import { contradictions } from './expectations.ts'
import { survivors } from './hostile.ts'
import { inWords, outcomeOf, proofHeld } from './outcome.ts'
import { leaks, unseenFields } from './secrecy.ts'
import { markupEchoes, undescribable } from './shapes.ts'
import type { Vector } from './vector.ts'

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

/** What `testReceiver` registers, to be run by anything else. */
export function checksOf(receiver: AnyReceiver, vectors: readonly Vector[]): Check[] {
  let pending: Promise<Cases> | undefined
  const cases = () => (pending ??= casesOf(receiver, vectors))
  const check = (name: string, find: () => Promise<readonly string[]> | readonly string[]): Check => ({
    name,
    run: async () => report(await find())
  })

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
    check('survives hostile requests', () => survivors(receiver, vectors))
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

function report(findings: readonly string[]): void {
  if (findings.length === 0) return
  const shown = findings.slice(0, 20).map(finding => `\n- ${finding}`)
  const more = findings.length > shown.length ? `\n… and ${findings.length - shown.length} more` : ''
  throw new AssertionError({ message: shown.join('') + more })
}
