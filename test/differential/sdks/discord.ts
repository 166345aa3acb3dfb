import { createPrivateKey, sign } from 'node:crypto'
import { verifyKey } from 'discord-interactions'
import { discord as receiver } from '../../../receivers/discord.ts'
import type { Outcome } from '../../../src/receive.ts'
import { ed25519Fixture } from '../../../src/schemes/test-keys.ts'
import { bytes, json } from '../bodies.ts'
import type { Comparison } from '../compare.ts'
import { clock, headerNames, type Mutations, numbers, onHeader, onTime, secrets, spellings } from '../mutations.ts'
import { asNode, headerOf, headerUndone, type Trial, withHeader } from '../trial.ts'

const HEADER = 'x-signature-ed25519'
const TIME = 'x-signature-timestamp'
const TOLERANCE = 600
const PKCS8 = '302e020100300506032b657004220420'
const key = createPrivateKey({ key: Buffer.from(PKCS8 + ed25519Fixture.seed, 'hex'), format: 'der', type: 'pkcs8' })

const valid: Trial = {
  done: [],
  headers: [['Content-Type', 'application/json']],
  url: 'https://example.com/webhooks',
  body: Buffer.from(
    '{"id":"1","application_id":"2","type":2,"token":"t","data":{"id":"3","name":"Grüße 😀","type":1}}'
  ),
  secret: ed25519Fixture.publicKey,
  time: '1767225600',
  now: new Date('2026-01-01T00:00:00Z')
}

function signed(trial: Trial): Trial {
  const signature = sign(null, Buffer.concat([Buffer.from(trial.time), trial.body]), key).toString('hex')
  return withHeader(withHeader(trial, 'X-Signature-Timestamp', trial.time), 'X-Signature-Ed25519', signature)
}

/** Both headers must be there, as in the package's own middleware; given none, its function takes the rest for signed. */
async function official(trial: Trial): Promise<boolean> {
  const { [HEADER]: signature, [TIME]: time } = asNode(trial)
  return !!signature && !!time && (await verifyKey(trial.body, signature, time, trial.secret))
}

/** As the package reads hex: two characters at a time, junk for zero, `5g` for 5. */
function readHex(text: string): string {
  return Buffer.from((text.match(/.{1,2}/g) ?? []).map(pair => Number.parseInt(pair, 16))).toString('hex')
}

/** Time and body are signed without anything between them. */
const border: Mutations = {
  'the last digit of the time moved to the body': trial => {
    const time = headerOf(trial, TIME)
    return {
      ...withHeader(trial, TIME, time.slice(0, -1)),
      body: Buffer.concat([Buffer.from(time.slice(-1)), trial.body])
    }
  },
  'the first byte of the body moved to the time': trial => ({
    ...withHeader(trial, TIME, headerOf(trial, TIME) + trial.body.toString('latin1', 0, 1)),
    body: trial.body.subarray(1)
  })
}
const junk: Mutations = onHeader(HEADER, {
  'with junk for zeros': value => value.replace(/(?<=^(?:..)*)00/g, 'zz'),
  'with junk behind a digit': value => value.replace(/(?<=^(?:..)*)0([0-9a-f])/g, '$1g'),
  'with signs before a digit': value => value.replace(/(?<=^(?:..)*)0([1-9a-f])/g, '+$1'),
  'in another encoding': value => Buffer.from(value, 'hex').toString('base64'),
  'with a prefix': value => `0x${value}`
})

const badKey: Mutations = {
  'secret: with junk for zeros': trial => ({
    ...trial,
    secret: trial.secret.replace(/(?<=^(?:..)*)0([0-9a-f])/g, '$1g')
  }),
  'secret: with a space for a zero': trial => ({
    ...trial,
    secret: trial.secret.replace(/(?<=^(?:..)*)0([0-9a-f])/g, ' $1')
  })
}

function isRefusedFor(outcome: Outcome, reason: string): boolean {
  return outcome.kind === 'rejected' && outcome.reason === reason
}

/** The time's distance from the clock, in seconds; not a number where it is no plain one. */
function distance(trial: Trial): number {
  const time = headerOf(trial, TIME)
  return /^(?:0|[1-9]\d{0,14})$/.test(time) ? Math.abs(trial.now.getTime() / 1000 - Number(time)) : Number.NaN
}

export const discord: Comparison = {
  sdk: 'discord-interactions',
  verifier: 'verifyKey',
  receiver,
  trials: 2000,
  valid: [valid],
  signers: [signed],
  before: { ...bytes, ...json, ...headerNames, ...onTime(numbers), ...clock(TOLERANCE) },
  after: {
    ...onHeader(HEADER, spellings),
    ...onHeader(TIME, { ...spellings, ...numbers }),
    ...junk,
    ...border,
    ...bytes,
    ...json,
    ...secrets,
    ...badKey,
    ...headerNames,
    ...clock(TOLERANCE)
  },
  official,
  differences: [
    {
      name: 'a time outside the tolerance',
      accepts: 'sdk',
      reason:
        'The package does not judge the time, so that a captured request is good for ever. Ours must be within 600 seconds.',
      when: (trial, outcome) => distance(trial) > TOLERANCE && isRefusedFor(outcome, 'timestamp-outside-tolerance')
    },
    {
      name: 'a time that is none',
      accepts: 'sdk',
      reason: 'For the package it is any text. Discord writes the seconds in plain digits.',
      when: (trial, outcome) => Number.isNaN(distance(trial)) && isRefusedFor(outcome, 'timestamp-malformed')
    },
    {
      name: 'junk in the signature’s hex',
      accepts: 'sdk',
      reason: 'The package reads `zz` as 00 and `5g` as 05: many texts for one signature.',
      undo: trial => headerUndone(trial, HEADER, readHex)
    },
    {
      name: 'junk in the public key’s hex',
      accepts: 'sdk',
      reason: 'The package reads the key as forgivingly. A key that is none is a mistake of the configuration.',
      undo: trial => (readHex(trial.secret) === trial.secret ? undefined : { ...trial, secret: readHex(trial.secret) })
    }
  ]
}
