import { createPrivateKey, createSign } from 'node:crypto'
import { EventWebhook } from '@sendgrid/eventwebhook'
import { sendgrid as receiver } from '../../../receivers/sendgrid.ts'
import type { Outcome } from '../../../src/receive.ts'
import { ecdsaFixture } from '../../../src/schemes/test-keys.ts'
import { bytes, json } from '../bodies.ts'
import type { Comparison } from '../compare.ts'
import { clock, headerNames, type Mutations, numbers, onHeader, onTime, secrets, spellings } from '../mutations.ts'
import { asNode, headerOf, headerUndone, type Trial, withHeader } from '../trial.ts'
import { forgivenBytes, signedBytes, TOLERANCE } from './shared.ts'

const HEADER = 'x-twilio-email-event-webhook-signature'
const TIME = 'x-twilio-email-event-webhook-timestamp'
const key = createPrivateKey({ key: Buffer.from(ecdsaFixture.privateKey, 'base64'), format: 'der', type: 'pkcs8' })
const webhook = new EventWebhook()

const valid: Trial = {
  done: [],
  headers: [['Content-Type', 'application/json']],
  url: 'https://example.com/webhooks',
  body: Buffer.from(
    '[{"email":"a@example.com","event":"click","sg_event_id":"1","timestamp":1767225600,"name":"Grüße 😀"},\r\n{"event":"open"}]\r\n'
  ),
  secret: ecdsaFixture.publicKey,
  time: '1767225600',
  now: new Date('2026-01-01T00:00:00Z')
}

function sign(trial: Trial, body: string | Buffer): Trial {
  const signature = createSign('sha256').update(trial.time).update(body).sign(key, 'base64')
  return withHeader(
    withHeader(trial, 'X-Twilio-Email-Event-Webhook-Timestamp', trial.time),
    'X-Twilio-Email-Event-Webhook-Signature',
    signature
  )
}

/** Both headers must be there, which the package leaves to its user. */
function official(trial: Trial): boolean {
  const { [HEADER]: signature, [TIME]: time } = asNode(trial)
  if (!signature || !time) return false
  return webhook.verifySignature(webhook.convertPublicKeyToECDSA(trial.secret), trial.body, signature, time)
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

/** Other ways to write the same two numbers, and things that are none. */
const der: Mutations = onHeader(HEADER, {
  'with junk behind its numbers': value => edited(value, der => Buffer.concat([der, Buffer.of(5, 0)])),
  'with its length in two bytes': value =>
    edited(value, der => Buffer.concat([Buffer.of(0x30, 0x81), der.subarray(1)])),
  'with a zero before a number': value =>
    edited(value, der => {
      const [length, first] = [der[1] ?? 0, der[3] ?? 0]
      return Buffer.concat([Buffer.of(0x30, length + 1, 2, first + 1, 0), der.subarray(4)])
    }),
  'of nothing': value => edited(value, () => Buffer.from('3006020100020100', 'hex')),
  'of ones': value => edited(value, () => Buffer.from('3006020101020101', 'hex')),
  'in the alphabet of URLs': value => value.replaceAll('+', '-').replaceAll('/', '_'),
  'without padding': value => value.replace(/=+$/, ''),
  'in hexadecimal': value => Buffer.from(value, 'base64').toString('hex')
})

function edited(value: string, edit: (der: Buffer) => Buffer): string {
  return edit(Buffer.from(value, 'base64')).toString('base64')
}

function reencoded(text: string): string {
  return Buffer.from(text, 'base64').toString('base64')
}

/** The signature with a length in one byte, and no more zeros before its first number than it needs. */
function plainDer(value: string): string {
  return edited(value, der => {
    const numbers = der.subarray(der[1] === 0x81 ? 3 : 2)
    const length = numbers[1] ?? 0
    const zeros = numbers[2] === 0 && (numbers[3] ?? 0) < 0x80 ? 1 : 0
    const left = [Buffer.of(2, length - zeros), numbers.subarray(2 + zeros)]
    return Buffer.concat([Buffer.of(0x30, numbers.length - zeros), ...left])
  })
}

/** The time's distance from the clock, in seconds; not a number where it is no plain one. */
function distance(trial: Trial): number {
  const time = headerOf(trial, TIME)
  return /^(?:0|[1-9]\d{0,14})$/.test(time) ? Math.abs(trial.now.getTime() / 1000 - Number(time)) : Number.NaN
}

function isRefusedFor(outcome: Outcome, reason: string): boolean {
  return outcome.kind === 'rejected' && outcome.reason === reason
}

export const sendgrid: Comparison = {
  sdk: '@sendgrid/eventwebhook',
  verifier: 'EventWebhook.verifySignature',
  receiver,
  trials: 1500,
  valid: [valid],
  signers: [trial => sign(trial, trial.body), trial => sign(trial, trial.body.toString())],
  before: { ...bytes, ...json, ...headerNames, ...onTime(numbers), ...clock(TOLERANCE) },
  after: {
    ...onHeader(HEADER, spellings),
    ...onHeader(TIME, { ...spellings, ...numbers }),
    ...der,
    ...border,
    ...bytes,
    ...json,
    ...secrets,
    ...headerNames,
    ...clock(TOLERANCE)
  },
  official,
  differences: [
    {
      name: 'a time outside the tolerance',
      accepts: 'sdk',
      reason:
        'The package does not judge the time, so that a captured request is good for ever. Ours must be within 300 seconds.',
      when: (trial, outcome) => distance(trial) > TOLERANCE && isRefusedFor(outcome, 'timestamp-outside-tolerance')
    },
    {
      name: 'a time that is none',
      accepts: 'sdk',
      reason:
        'For the package it is any text, and nothing divides it from the body. SendGrid writes the seconds in plain digits.',
      when: (trial, outcome) => Number.isNaN(distance(trial)) && isRefusedFor(outcome, 'timestamp-malformed')
    },
    {
      name: 'junk in the signature’s base64',
      accepts: 'sdk',
      reason:
        'The package’s decoder passes over what it does not know, stops at the padding, and takes the alphabet of URLs too.',
      undo: trial => headerUndone(trial, HEADER, reencoded)
    },
    {
      name: 'another spelling of the signature’s DER',
      accepts: 'sdk',
      reason: 'The package takes longer lengths and zeros before a number. There is one DER for two numbers.',
      undo: trial => headerUndone(trial, HEADER, plainDer)
    },
    {
      name: 'junk in the public key’s base64',
      accepts: 'sdk',
      reason: 'The package reads the key as forgivingly. A key that is none is a mistake of the configuration.',
      undo(trial) {
        const secret = reencoded(trial.secret)
        return secret === trial.secret ? undefined : { ...trial, secret }
      }
    },
    forgivenBytes,
    signedBytes
  ]
}
