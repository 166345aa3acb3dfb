/** What a store is held to when the killing is over. */
import assert from 'node:assert/strict'
import type { StoredDelivery } from '../../../src/store/store.ts'
import { type Effect, HANDLERS, STEP } from './effects.ts'
import type { Notes } from './notes.ts'

export interface Facts {
  readonly notes: Notes
  readonly stored: readonly StoredDelivery[]
  readonly effects: readonly Effect[]
  /** How often something was killed. */
  readonly kills: number
  /** How many deliveries a worker handles at a time. */
  readonly concurrency: number
}

/** Throws at the first promise that is broken. */
export function judge(facts: Facts): void {
  nothingStrangeWasAnswered(facts)
  eachIsStoredOnce(facts)
  onlyWhatWasSentIsStored(facts)
  whatWasAcknowledgedIsDone(facts)
  whatIsDoneHasAllItsEffects(facts)
  onlyWhatIsStoredHasEffects(facts)
  littleIsRepeated(facts)
  subjectsKeptTheirOrder(facts)
}

function nothingStrangeWasAnswered({ notes }: Facts): void {
  assert.deepEqual(notes.strange, [], 'every answer was a 200, or a 503 that says when to come again')
}

function eachIsStoredOnce({ stored }: Facts): void {
  const places = new Map(stored.map(({ id }, index) => [id!, index]))
  const twice = stored.filter(({ id }, index) => index !== places.get(id!))
  assert.deepEqual(twice.map(nameOf), [], 'no id is stored twice')
}

function onlyWhatWasSentIsStored({ notes, stored }: Facts): void {
  const sizes = new Map(notes.sent.flatMap(({ request: { ids, body } }) => ids.map(id => [id, body.length])))
  const unknown = stored.filter(({ id, size }) => sizes.get(id!) !== size)
  assert.deepEqual(unknown.map(nameOf), [], 'nothing is stored that was not sent, as it was sent')
}

function whatWasAcknowledgedIsDone({ notes, stored }: Facts): void {
  const byId = new Map(stored.map(one => [one.id, one]))
  const ids = notes.acknowledged.flatMap(({ request }) => request.ids)
  const lost = ids.filter(id => !byId.has(id))
  assert.deepEqual(lost, [], 'nothing that was acknowledged is lost')
  const undone = stored.filter(({ state }) => state !== 'done')
  assert.deepEqual(undone.map(nameOf), [], 'all that was stored is done')
}

function whatIsDoneHasAllItsEffects({ stored, effects }: Facts): void {
  const seen = new Set(effects.map(({ id, handler }) => `${handler} of ${id}`))
  const expected = stored.flatMap(({ id }) => [...HANDLERS, STEP].map(handler => `${handler} of ${id}`))
  const missing = expected.filter(effect => !seen.has(effect))
  assert.deepEqual(missing, [], 'each handler of each delivery has had its effect')
}

function onlyWhatIsStoredHasEffects({ stored, effects }: Facts): void {
  const ids = new Set(stored.map(({ id }) => id))
  const early = effects.filter(({ id }) => !ids.has(id))
  assert.deepEqual(early, [], 'nothing was handled that is not stored')
}

function littleIsRepeated(facts: Facts): void {
  const bound = facts.kills * facts.concurrency
  const counts = repeated(facts.effects)
  for (const handler of [...HANDLERS, STEP]) {
    const count = counts.get(handler) ?? 0
    assert.ok(
      count <= bound,
      `${handler} was repeated ${count} times: more than kills × deliveries at a time, ${bound}`
    )
  }
}

/**
 * Of a subject, what arrived later began when all before it was done. And what was sent after another was acknowledged,
 * arrived after it.
 */
function subjectsKeptTheirOrder({ notes, stored, effects }: Facts): void {
  const first = new Map<string, number>()
  const last = new Map<string, number>()
  for (const [place, { id }] of effects.entries()) {
    if (!first.has(id)) first.set(id, place)
    last.set(id, place)
  }
  const sent = new Map(notes.sent.map(one => [one.request.ids[0], one]))
  for (const [subject, ids] of Map.groupBy(stored, one => one.subject)) {
    if (subject === undefined) continue
    // When the first of those that arrived later was acknowledged.
    let soonest = Number.POSITIVE_INFINITY
    for (let index = ids.length - 1; index >= 0; index--) {
      const [before, after] = [ids[index - 1]?.id, ids[index]!.id!]
      const { sentAt, acknowledgedAt = Number.POSITIVE_INFINITY } = sent.get(after)!
      assert.ok(sentAt < soonest, `${after} of ${subject} was sent before what arrived later was acknowledged`)
      soonest = Math.min(soonest, acknowledgedAt)
      if (before === undefined) continue
      assert.ok(last.get(before)! < first.get(after)!, `${after} of ${subject} began after ${before} was done`)
    }
  }
}

/** How often each handler had an effect again. */
export function repeated(effects: readonly Effect[]): Map<string, number> {
  const counts = new Map<string, number>()
  const seen = new Set<string>()
  for (const { id, handler } of effects) {
    const key = `${handler} of ${id}`
    if (seen.has(key)) counts.set(handler, (counts.get(handler) ?? 0) + 1)
    seen.add(key)
  }
  return counts
}

function nameOf({ id, state, tries, error }: StoredDelivery): string {
  return `${id}: ${state} after ${tries} tries${error === undefined ? '' : `, ${error}`}`
}
