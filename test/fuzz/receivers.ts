/** Every receiver, by `receive()`: near a valid request only a valid one is proven, and every request has its outcome. */
import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { toCloudEvent } from '../../src/cloud-event.ts'
import { MalformedBody } from '../../src/errors.ts'
import { methodsOf, type Outcome, receive } from '../../src/receive.ts'
import type { AnyReceiver, Delivery, WebhookRequest } from '../../src/receiver.ts'
import { altered, type Case, casesOf } from '../../src/testing/cases.ts'
import { choicesOf } from '../../src/testing/choices.ts'
import type { Vector } from '../../src/testing/vector.ts'
import { edited, editedBytes, edits } from './edits.ts'
import type { Target } from './target.ts'

const TOKENS = [
  '=',
  ',',
  ' ',
  '\0',
  '"',
  '\\',
  '{',
  '}',
  '[',
  ']',
  ':',
  '&',
  '%',
  '<',
  '>',
  '/',
  '\r\n',
  '--',
  'null',
  '7',
  '""',
  '[]',
  '{}'
]
const TYPES = [
  'application/json',
  'application/x-www-form-urlencoded',
  'text/xml',
  'multipart/form-data; boundary=b',
  ';',
  ''
]
const HOUR = 3_600_000

interface Subject {
  /** As its settings make it. */
  readonly receiver: AnyReceiver
  readonly target: Case
}

const changes = fc.record({
  subject: fc.nat(),
  place: fc.nat(),
  proof: edits(TOKENS, 2),
  header: edits(TOKENS, 1),
  url: edits(TOKENS, 1),
  body: edits(TOKENS, 2),
  method: fc.nat({ max: 20 }),
  type: fc.option(fc.constantFrom(...TYPES), { freq: 5 }),
  twice: fc.nat({ max: 9 }).map(roll => roll === 0),
  skew: fc.constantFrom(0, 0, 0, 0, HOUR, -HOUR, 24 * HOUR),
  isStranger: fc.nat({ max: 5 }).map(roll => roll === 0),
  /** Signed after the body was changed: what the provider itself might send one day. */
  isResigned: fc.boolean()
})
type Change = typeof changes extends fc.Arbitrary<infer T> ? T : never

function changed({ receiver, target }: Subject, change: Change): WebhookRequest {
  const { request, places } = target
  const place = places[change.place % Math.max(places.length, 1)]
  const value = place?.read(request)
  let sent = request
  if (place !== undefined && value !== undefined && (change.proof.length > 0 || change.twice)) {
    const text = edited(value, change.proof)
    sent = place.put(sent, change.twice ? [text, text] : text)
  }
  const names = Object.keys(sent.headers)
  const name = names[change.place % Math.max(names.length, 1)]
  const header = name === undefined ? undefined : sent.headers[name]
  const methods = [...methodsOf(receiver), 'PUT', 'GET']
  return {
    ...sent,
    method: methods[change.method] ?? sent.method,
    url: edited(sent.url, change.url),
    headers: {
      ...sent.headers,
      ...(typeof header === 'string' && { [name!]: edited(header, change.header) }),
      ...(change.type !== null && { 'content-type': change.type })
    },
    body: editedBytes(sent.body, change.body)
  }
}

async function resigned({ receiver, target }: Subject, request: WebhookRequest): Promise<WebhookRequest | undefined> {
  if (target.key === undefined) return undefined
  try {
    return await receiver.scheme.sign!(request, target.key, target.now)
  } catch {
    // A proof that lies in the body has nowhere to go.
    return undefined
  }
}

async function holds(subject: Subject, change: Change): Promise<void> {
  const { receiver, target } = subject
  const sent = changed(subject, change)
  const again = change.isResigned ? await resigned(subject, sent) : undefined
  const request = again ?? sent
  const { secrets } = target.credentials
  const isStranger = change.isStranger && secrets.length > 0
  const credentials = { ...target.credentials, secrets: isStranger ? secrets.map(altered) : secrets }
  const outcome = await receive(receiver, '', request, credentials, new Date(target.now.getTime() + change.skew))
  isWellFormed(outcome)
  if (!isProven(receiver, outcome)) return

  assert.ok(!isStranger, 'proven under another secret')
  const { covers, carries = {}, key } = receiver.scheme
  if (covers.time) assert.equal(change.skew, 0, 'proven at another time')
  if (covers.body === 'bytes' && again === undefined) {
    assert.deepEqual(Buffer.from(request.body), Buffer.from(target.request.body), 'proven with another body')
  }
  if (outcome.kind !== 'accepted') return
  // A sender who knows the secret may well put it where nobody looks for it.
  const isInPlace = !change.twice && [change.url, change.header, change.body].every(({ length }) => length === 0)
  const isHidden = isInPlace && Object.keys(carries).length > 0 && key !== false && key.isPublic !== true
  for (const delivery of outcome.deliveries) isDescribed(delivery, isHidden ? secrets : [])
}

function isWellFormed(outcome: Outcome): void {
  const { status } = outcome.reply
  assert.ok(status >= 200 && status < 600)
  if (outcome.kind !== 'rejected') return
  assert.ok(status >= 400, `refused with ${status}`)
  assert.ok(!['proof-failed', 'describe-failed'].includes(outcome.reason), `${outcome.reason}: ${outcome.error}`)
}

/** An answer may come before any proof, where the receiver says so. */
function isProven({ handshakes = [] }: AnyReceiver, outcome: Outcome): boolean {
  if (outcome.kind === 'rejected') return outcome.stage !== 'proof'
  return outcome.kind === 'accepted' || handshakes.every(({ trust }) => trust === 'verified')
}

function isDescribed(delivery: Delivery, secrets: readonly string[]): void {
  const { event, id, subject, account, occurredAt, headers } = delivery
  assert.ok(typeof event === 'string' && event !== '')
  for (const text of [id, subject, account]) assert.ok(text === undefined || typeof text === 'string')
  assert.ok(occurredAt === undefined || !Number.isNaN(occurredAt.getTime()), 'an invalid date')
  const { url, headers: raw } = delivery.raw()
  let seen = JSON.stringify([event, id, subject, account, headers, raw, url])
  try {
    seen += JSON.stringify(toCloudEvent(delivery))
  } catch (error) {
    assert.ok(error instanceof MalformedBody, `a CloudEvent threw ${error}`)
  }
  for (const secret of secrets) assert.ok(!seen.includes(secret), 'the secret is in the delivery')
}

async function subjectsOf(receiver: AnyReceiver, vectors: readonly Vector[]): Promise<Subject[]> {
  const choices = choicesOf(receiver, vectors)
  const found = await Promise.all(
    choices.map(async choice => {
      const { cases } = await casesOf(choice.receiver, choice.vectors)
      return cases.map(target => ({ receiver: choice.receiver, target }))
    })
  )
  return found.flat()
}

/** A target for each receiver that has vectors; the names of the others. */
export async function receiverTargets(): Promise<{ targets: readonly Target[]; without: readonly string[] }> {
  const targets: Target[] = []
  const without: string[] = []
  for (const file of readdirSync(new URL('../../receivers/', import.meta.url))) {
    const name = file.replace(/\.ts$/, '')
    const path = new URL(`../vectors/${name}.json`, import.meta.url)
    const vectors: Vector[] = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : []
    const [receiver] = Object.values<AnyReceiver>(
      await import(new URL(`../../receivers/${file}`, import.meta.url).href)
    )
    const subjects = await subjectsOf(receiver!, vectors)
    if (subjects.length === 0) without.push(name)
    else {
      const property = fc.asyncProperty(changes, change => holds(subjects[change.subject % subjects.length]!, change))
      targets.push({ name: `receive(): ${name}`, property })
    }
  }
  return { targets, without }
}
