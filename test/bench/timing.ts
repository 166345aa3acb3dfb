/**
 * Whether comparisons tell by their time what they compare: `node test/bench/timing.ts`, about a minute.
 *
 * Statistics as by Reparaz, Balasch and Verbauwhede, "Dude, is my code constant time?" (2017): two classes of inputs,
 * measured in random order, compared by Welch's t-test, as they are and without their slowest, where other work shows.
 * Below 4.5 there is no sign of a leak, above 10 there is one. A leaky comparison, measured alike, shows what can be seen.
 */
import { createHmac, randomBytes, randomInt } from 'node:crypto'
import { cpus } from 'node:os'
import type { WebhookRequest } from '../../src/receiver.ts'
import { equalMacs, equalSecrets } from '../../src/schemes/compare.ts'
import { hmac } from '../../src/schemes/hmac.ts'
import { Random } from '../../src/testing/random.ts'

const SAMPLES = 60_000
const ROUNDS = 3
const LIMIT = 10
/** Different inputs of each class, so that no single place in memory makes the difference. */
const POOL = 64
/** What the slowest are cut off at, as parts of all samples. */
const CUTS = [1, 0.99, 0.95, 0.9, 0.75, 0.5]

type Call = () => unknown

interface Case {
  readonly name: string
  /** What must be seen: nothing, if left out. `perhaps` is for what hashing a longer text takes, and is only told. */
  readonly leaks?: true | 'perhaps'
  /** Calls in one sample: a single one may be too fast for the clock. */
  readonly times: number
  /**
   * The same guess against two secrets, near and far. What the guess itself costs, its digits and letters, its length,
   * is the same in both then, and known to whoever sent it.
   */
  readonly make: () => readonly [near: Call, far: Call]
}

const LENGTH = 64
const BODY = Buffer.alloc(200, 'x')

/** Made alike, so that all texts are alike in memory. */
function flat(text: string): string {
  return Buffer.from(text, 'latin1').toString('latin1')
}

function anyHex(length: number): string {
  return randomBytes(length / 2).toString('hex')
}

/** The guess up to a place, and nothing of it from there on. */
function sharing(guess: string, place: number): string {
  const rest = [...guess.slice(place)].map(letter =>
    ((Number.parseInt(letter, 16) + 1 + randomInt(15)) % 16).toString(16)
  )
  return flat(guess.slice(0, place) + rest.join(''))
}

/** As `===` would, letter by letter, were it not for what engines do before. */
function equalLeakily(a: string, b: string): boolean {
  if (a.length !== b.length) return false
  for (let index = 0; index < a.length; index++) if (a.charCodeAt(index) !== b.charCodeAt(index)) return false
  return true
}

/** One function for all: the engine learns about each separately, and two would differ by that alone. */
function calling(compare: (a: string, b: string) => unknown, secret: string, guess: string): Call {
  return () => compare(secret, guess)
}

/** Made in either order: what is made first lies elsewhere in memory. */
function bothWays(shared: number, make: (place: number) => Call): readonly [Call, Call] {
  if (randomInt(2) === 0) return [make(shared), make(0)]
  const far = make(0)
  return [make(shared), far]
}

function comparing(compare: (a: string, b: string) => boolean, shared: number): Case['make'] {
  return () => {
    const guess = flat(anyHex(LENGTH))
    return bothWays(shared, place => calling(compare, sharing(guess, place), guess))
  }
}

function ofAnotherLength(): readonly [Call, Call] {
  const guess = flat(anyHex(32))
  return bothWays(32, length => calling(equalSecrets, flat(anyHex(length || 48)), guess))
}

const scheme = hmac({ header: 'x-signature', hash: 'sha256', encoding: 'hex' })
const now = new Date()

/** A signature that is right up to a place under one secret, and nowhere under another. */
function verifying(shared: number): Case['make'] {
  return () => {
    const secret = flat(anyHex(32))
    const right = createHmac('sha256', secret).update(BODY).digest('hex')
    const headers = { 'x-signature': sharing(right, shared) }
    const request: WebhookRequest = { method: 'POST', url: '/', headers, body: BODY }
    return bothWays(shared, place => verified(request, place === 0 ? flat(anyHex(32)) : secret))
  }
}

function verified(request: WebhookRequest, secret: string): Call {
  const credentials = { secrets: [secret], settings: {}, fetch }
  return () => scheme.verify(request, credentials, now)
}

const cases: readonly Case[] = [
  { name: 'a leaky comparison, half of it right', leaks: true, times: 20, make: comparing(equalLeakily, LENGTH / 2) },
  { name: 'a leaky comparison, two letters right', leaks: true, times: 20, make: comparing(equalLeakily, 2) },
  { name: 'equalMacs, half of it right', times: 10, make: comparing(equalMacs, LENGTH / 2) },
  { name: 'equalMacs, all but the last letter right', times: 10, make: comparing(equalMacs, LENGTH - 1) },
  { name: 'equalMacs, all of it right', times: 10, make: comparing(equalMacs, LENGTH) },
  { name: 'equalSecrets, half of it right', times: 2, make: comparing(equalSecrets, LENGTH / 2) },
  { name: 'equalSecrets, all but the last letter right', times: 2, make: comparing(equalSecrets, LENGTH - 1) },
  { name: 'equalSecrets, a secret of 32 or of 48 characters', leaks: 'perhaps', times: 2, make: ofAnotherLength },
  { name: 'hmac().verify, half of it right', times: 1, make: verifying(LENGTH / 2) },
  { name: 'hmac().verify, all but the last letter right', times: 1, make: verifying(LENGTH - 1) }
]

/** Nanoseconds of each class. */
function sample({ times, make }: Case, seed: number): [Float64Array, Float64Array] {
  const random = new Random(seed)
  const pool = Array.from({ length: POOL }, make)
  const taken: [number[], number[]] = [[], []]
  for (let index = -SAMPLES / 10; index < SAMPLES; index++) {
    const side = random.below(2) as 0 | 1
    const call = pool[random.below(POOL)]![side]
    const start = process.hrtime.bigint()
    for (let time = 0; time < times; time++) call()
    const took = Number(process.hrtime.bigint() - start)
    // The first are for caches to warm up; before the first measurement, there is one for the engine.
    if (index >= 0) taken[side].push(took)
  }
  return [Float64Array.from(taken[0]), Float64Array.from(taken[1])]
}

function moments(values: Float64Array): { count: number; mean: number; variance: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  return { count: values.length, mean, variance: squares / (values.length - 1) }
}

/** Welch's t. */
function welch(one: Float64Array, other: Float64Array): number {
  // Where a cut leaves nothing of one, the others tell.
  if (one.length < 2 || other.length < 2) return 0
  const [a, b] = [moments(one), moments(other)]
  const spread = Math.sqrt(a.variance / a.count + b.variance / b.count)
  return spread === 0 ? 0 : (a.mean - b.mean) / spread
}

/** The largest over all cuts: a leak that shows in any of them is one. */
function largest([one, other]: [Float64Array, Float64Array]): number {
  const all = Float64Array.from([...one, ...other]).sort()
  const tests = CUTS.map(cut => {
    const limit = all[Math.ceil(all.length * cut) - 1]!
    return Math.abs(
      welch(
        one.filter(value => value <= limit),
        other.filter(value => value <= limit)
      )
    )
  })
  return Math.max(...tests)
}

/** How much longer one call takes against the near secret, in nanoseconds, without the slowest tenth. */
function difference([near, far]: [Float64Array, Float64Array], times: number): number {
  const [one, other] = [near, far].map(values => moments(values.toSorted().slice(0, values.length * 0.9)).mean)
  return (one! - other!) / times
}

console.log(`Node ${process.version}, ${cpus().length} × ${cpus()[0]!.model}, ${now.toISOString().slice(0, 10)}`)
console.log(`${SAMPLES} samples a measurement, ${ROUNDS} measurements: the largest |t|, and the difference of a call`)
for (const one of cases) {
  sample(one, 0)
  const samples = Array.from({ length: ROUNDS }, (_, round) => sample(one, round + 1))
  const found = samples.map(largest)
  // Other work on the machine may disturb one measurement; a leak is in all of them.
  const isSeen = found.every(t => t > LIMIT)
  const isRight = one.leaks === 'perhaps' || isSeen === (one.leaks ?? false)
  if (!isRight) process.exitCode = 1
  const numbers = samples.map(
    (sampled, index) => `${found[index]!.toFixed(1)} (${difference(sampled, one.times).toFixed(1)} ns)`
  )
  console.log(
    `${isRight ? 'ok  ' : 'MISS'}  ${one.name.padEnd(50)}  ${numbers.map(text => text.padStart(18)).join('')}`
  )
}
