import { isDeepStrictEqual } from 'node:util'
import type { Outcome } from '../receive.ts'
import type { AnyReceiver, Reply } from '../receiver.ts'
import { unfound } from './coverage.ts'
import { bodyOf, headerOf, inWords, outcomeOf, proofHeld, type Trial } from './outcome.ts'
import { clockOf, credentialsOf, type ExpectedDescription, isHandshake, toRequest, type Vector } from './vector.ts'

/** What is not as the vector says. `signed` is the vector's request as the scheme signs it. */
export async function contradictions(receiver: AnyReceiver, vector: Vector, signed?: Trial): Promise<string[]> {
  const request = toRequest(vector)
  const outcome = await outcomeOf(receiver, { request, credentials: credentialsOf(vector), now: clockOf(vector) })
  const came = `but it was ${inWords(outcome)}`

  if (isHandshake(vector)) {
    if (!vector.valid) return outcome.kind === 'rejected' ? [] : [`a wrong handshake must be rejected, ${came}`]
    return outcome.kind === 'answered' ? replyDiffers(vector, outcome.reply) : [`a handshake must be answered, ${came}`]
  }

  const isUntimely = outcome.kind === 'rejected' && outcome.reason.startsWith('timestamp-')
  const held = proofHeld(outcome) || (vector.requires === 'no-time-check' && isUntimely)
  if (held !== vector.valid) return [`its proof must ${vector.valid ? 'hold' : 'fail'}, ${came}`]
  if (outcome.kind === 'rejected' && (outcome.stage === 'describe' || outcome.reason === 'proof-failed')) {
    return [`the receiver must not throw, ${came}`]
  }

  const findings = unfound(vector, request.body)
  if (outcome.kind === 'accepted') findings.push(...replyDiffers(vector, outcome.reply))
  // Where the time of the vector is no time, its body comes in under one that is.
  const described = isUntimely && signed !== undefined ? await outcomeOf(receiver, signed) : outcome
  return [...findings, ...describedDifferently(vector, described)]
}

function replyDiffers({ expect }: Vector, reply: Reply): string[] {
  if (expect === undefined) return []
  const findings: string[] = []
  compare('status', reply.status, expect.status)
  if (expect.contentType !== undefined) {
    compare('content type', headerOf(reply, 'content-type')?.split(';', 1)[0]?.trim(), expect.contentType)
  }
  for (const [name, value] of Object.entries(expect.headers ?? {})) compare(name, headerOf(reply, name), value)
  if (expect.body !== undefined) compare('body', bodyOf(reply), expect.body)
  if (expect.json !== undefined) compare('JSON', asJson(bodyOf(reply)), expect.json)
  return findings

  function compare(what: string, came: unknown, expected: unknown): void {
    if (isDeepStrictEqual(came, expected)) return
    findings.push(`the reply's ${what} must be ${JSON.stringify(expected)}, but is ${JSON.stringify(came)}`)
  }
}

function asJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

function describedDifferently({ describes }: Vector, outcome: Outcome): string[] {
  if (describes === undefined) return []
  if (outcome.kind !== 'accepted') return [`it must be described, but it was ${inWords(outcome)}`]
  const expected: readonly ExpectedDescription[] = Array.isArray(describes) ? describes : [describes]
  const { deliveries } = outcome
  if (expected.length !== deliveries.length)
    return [`it must be ${expected.length} deliveries, not ${deliveries.length}`]
  return expected.flatMap((each, index) => {
    const came = deliveries[index]!
    return (['event', 'id', 'occurredAt', 'subject', 'account'] as const)
      .filter(name => shown(came[name]) !== (name === 'occurredAt' ? shown(dateOf(each[name])) : each[name]))
      .map(name => `delivery ${index}: ${name} must be ${each[name]}, but is ${shown(came[name])}`)
  })
}

function dateOf(text: string | undefined): Date | undefined {
  return text === undefined ? undefined : new Date(text)
}

function shown(value: string | Date | undefined): string | undefined {
  return value instanceof Date ? value.toISOString() : value
}
