/**
 * Prints as JSON what becomes of every request in `test/vectors/`, and what the suite finds that attacks each receiver. It
 * runs by itself on Node, Bun and Deno, where it needs nothing but `--allow-read=.`: `node test/runtimes/verdicts.ts`.
 */
import { readdirSync, readFileSync } from 'node:fs'
import type { Outcome } from '../../src/receive.ts'
import type { AnyReceiver, Delivery } from '../../src/receiver.ts'
import { checksOf } from '../../src/testing/index.ts'
import { outcomeOf } from '../../src/testing/outcome.ts'
import { clockOf, credentialsOf, toRequest, type Vector } from '../../src/testing/vector.ts'

export interface Report {
  /** `bun`, `deno` or `node`, by what the process says of itself. */
  readonly runtime: string
  /** By receiver and vector, `github: push`. */
  readonly verdicts: Readonly<Record<string, unknown>>
  /** What does not hold. */
  readonly findings: readonly string[]
}

const receivers = new URL('../../receivers/', import.meta.url)
const verdicts: Record<string, unknown> = {}
const findings: string[] = []

for (const file of readdirSync(receivers).sort()) {
  const [receiver] = Object.values<AnyReceiver>(await import(new URL(file, receivers).href))
  await judge(receiver!)
}
const runtime = ['bun', 'deno'].find(name => name in process.versions) ?? 'node'
console.log(JSON.stringify({ runtime, verdicts, findings } satisfies Report))

async function judge(receiver: AnyReceiver): Promise<void> {
  const file = new URL(`../vectors/${receiver.name}.json`, import.meta.url)
  const vectors: Vector[] = JSON.parse(readFileSync(file, 'utf8'))
  for (const vector of vectors) {
    const trial = { request: toRequest(vector), credentials: credentialsOf(vector), now: clockOf(vector) }
    verdicts[`${receiver.name}: ${vector.name}`] = told(await outcomeOf(receiver, trial))
  }
  for (const { name, run } of checksOf(receiver, vectors)) {
    await run().catch(error => findings.push(`${receiver.name}: ${name}: ${error.message}`))
  }
}

/** All but the time of the run, and an engine's own words for what it can't parse. */
function told(outcome: Outcome): unknown {
  const { kind, reply } = outcome
  switch (outcome.kind) {
    case 'answered':
      return { kind, reply, notice: outcome.notice }
    case 'rejected':
      return { kind, reply, stage: outcome.stage, reason: outcome.reason }
    case 'accepted': {
      const { deliveries, descriptions, secret, proven } = outcome
      const { body, ...request } = proven.request
      const seen = { ...request, body: Buffer.from(body).toString() }
      return { kind, reply, secret, descriptions, data: deliveries.map(dataOf), request: seen }
    }
  }
}

function dataOf(delivery: Delivery): unknown {
  try {
    return delivery.data
  } catch {
    return 'malformed'
  }
}
