/**
 * The verdicts of an official package and ours, side by side over requests that are made from valid ones: changed before
 * they are signed, after it, or both. They must be equal, but for differences that are named, with their reason.
 */
import assert from 'node:assert/strict'
import { before, describe, mock, test } from 'node:test'
import { type Outcome, receive } from '../../src/receive.ts'
import type { AnyReceiver, Credentials } from '../../src/receiver.ts'
import { Random } from '../../src/testing/random.ts'
import type { Mutations } from './mutations.ts'
import { asReceived, shown, type Trial } from './trial.ts'

export interface Comparison {
  /** The npm package. */
  readonly sdk: string
  /** Its function that judges. */
  readonly verifier: string
  readonly receiver: AnyReceiver
  readonly trials: number
  readonly valid: readonly Trial[]
  /** Ways to sign: as the provider does, over the bytes that are sent; and over what the package makes of them. */
  readonly signers: readonly ((trial: Trial) => Trial)[]
  /** What may be done before a request is signed, and after it. */
  readonly before: Mutations
  readonly after: Mutations
  /** Throwing is a refusal. */
  readonly official: (trial: Trial) => boolean | Promise<boolean>
  readonly credentials?: (trial: Trial) => Partial<Credentials>
  readonly differences: readonly Difference[]
}

/** A disagreement that is allowed. */
export interface Difference {
  readonly name: string
  readonly accepts: 'sdk' | 'posthorn'
  readonly reason: string
  /** The trial without what the two disagree about, undefined where it has none of it. Both must accept what is left. */
  readonly undo?: (trial: Trial) => Trial | undefined
  /** Where undoing it would need another signature. */
  readonly when?: (trial: Trial, outcome: Outcome) => boolean | Promise<boolean>
}

export interface Result {
  /** The trials that no entry explains, in words. */
  readonly findings: readonly string[]
  /** How often an entry alone explained a trial. */
  readonly used: ReadonlyMap<string, number>
  readonly accepted: number
  readonly refused: number
}

const SEED = 20260101

/** Registers the tests of one comparison. */
export function compare(comparison: Comparison): void {
  const { sdk, verifier, trials, differences } = comparison
  describe(`${sdk}, ${verifier}`, () => {
    let result: Result
    before(async () => {
      result = await run(comparison)
    })

    test('accepts what is signed as its provider does, as we do', async () => {
      for (const valid of comparison.valid) {
        const trial = comparison.signers[0]!(valid)
        assert.deepEqual(await verdicts(comparison, trial), { official: true, ours: true }, shown(trial))
      }
    })

    test(`judges ${trials} mutations as we do, but for the named differences`, () => {
      assert.equal(
        result.findings.length,
        0,
        `${result.findings.length} differ:\n${result.findings.slice(0, 3).join('\n')}`
      )
    })

    test('accepts and refuses often enough for that to mean something', () => {
      assert.ok(result.accepted > trials / 12, `only ${result.accepted} were accepted by both`)
      assert.ok(result.refused > trials / 4, `only ${result.refused} were refused by both`)
    })

    for (const { name } of differences) {
      test(`differs still: ${name}`, () => assert.ok(result.used.get(name), 'No mutation needs this entry: remove it.'))
    }
  })
}

export async function run(comparison: Comparison): Promise<Result> {
  const random = new Random(SEED)
  const findings: string[] = []
  const used = new Map<string, number>()
  let accepted = 0
  let refused = 0
  for (let count = 0; count < comparison.trials; count++) {
    const trial = mutated(comparison, random)
    const { official, ours } = await verdicts(comparison, trial)
    if (official === ours) {
      if (ours) accepted++
      else refused++
      continue
    }
    const names = await explanation(comparison, trial, official ? 'sdk' : 'posthorn')
    if (names === undefined) findings.push(await finding(comparison, trial, official))
    else if (names.length === 1) used.set(names[0]!, (used.get(names[0]!) ?? 0) + 1)
  }
  return { findings, used, accepted, refused }
}

function mutated({ valid, signers, before, after }: Comparison, random: Random): Trial {
  const changed = applied(random.pick(valid), before, random)
  const signer = random.below(signers.length)
  const signed = signers[signer]!(changed)
  return applied({ ...signed, done: [...signed.done, `signed in way ${signer}`] }, after, random)
}

/** None, one or two of the mutations. */
function applied(trial: Trial, mutations: Mutations, random: Random): Trial {
  const all = Object.entries(mutations)
  let result = trial
  for (let count = random.below(3); count > 0; count--) {
    const [name, mutate] = random.pick(all)
    const next = mutate(result, random)
    result = { ...next, done: [...result.done, name] }
  }
  return result
}

async function verdicts(comparison: Comparison, trial: Trial): Promise<{ official: boolean; ours: boolean }> {
  const official = await judged(trial, () => comparison.official(trial))
  return { official, ours: isProven(await outcomeOf(comparison, trial)) }
}

/** Official packages read the clock themselves, and throw where they refuse. */
async function judged({ now }: Trial, judge: () => boolean | Promise<boolean>): Promise<boolean> {
  mock.timers.enable({ apis: ['Date'], now: now.getTime() })
  try {
    return await judge()
  } catch {
    return false
  } finally {
    mock.timers.reset()
  }
}

async function outcomeOf({ receiver, credentials }: Comparison, trial: Trial): Promise<Outcome> {
  const known = { secrets: [trial.secret], settings: {}, fetch: unreachable, ...credentials?.(trial) }
  return receive(receiver, '', asReceived(trial), known, trial.now)
}

async function unreachable(): Promise<never> {
  throw new TypeError('Nothing is fetched here.')
}

/** Whether a body that has proved itself is the provider's format is another question. */
function isProven(outcome: Outcome): boolean {
  return outcome.kind !== 'rejected' || outcome.stage !== 'proof'
}

/** The entry that explains the difference; several where only undoing all of them makes both accept. */
async function explanation(
  comparison: Comparison,
  trial: Trial,
  accepts: Difference['accepts']
): Promise<string[] | undefined> {
  const entries = comparison.differences.filter(difference => difference.accepts === accepts)
  for (const entry of entries) {
    if (await explains(comparison, entry, trial)) return [entry.name]
  }
  const names: string[] = []
  let left = trial
  for (const entry of entries) {
    const undone = entry.undo?.(left)
    if (undone === undefined) continue
    names.push(entry.name)
    left = undone
  }
  if (await agreed(comparison, left)) return names
  for (const entry of entries) {
    if (await explains(comparison, entry, left)) return [...names, entry.name]
  }
  return undefined
}

async function explains(comparison: Comparison, { undo, when }: Difference, trial: Trial): Promise<boolean> {
  const outcome = await outcomeOf(comparison, trial)
  if (when !== undefined && (await judged(trial, () => when(trial, outcome)))) return true
  const undone = undo?.(trial)
  return undone !== undefined && (await agreed(comparison, undone))
}

async function agreed(comparison: Comparison, trial: Trial): Promise<boolean> {
  const { official, ours } = await verdicts(comparison, trial)
  return official && ours
}

async function finding(comparison: Comparison, trial: Trial, official: boolean): Promise<string> {
  const outcome = await outcomeOf(comparison, trial)
  const ours = outcome.kind === 'rejected' ? `refused (${outcome.stage}, ${outcome.reason})` : outcome.kind
  return `${comparison.sdk} ${official ? 'accepted' : 'refused'}, Posthorn ${ours}:\n${shown(trial)}`
}
