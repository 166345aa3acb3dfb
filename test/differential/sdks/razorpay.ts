import { validateWebhookSignature } from 'razorpay/dist/utils/razorpay-utils.js'
import { razorpay as receiver } from '../../../receivers/razorpay.ts'
import { bytes, json } from '../bodies.ts'
import type { Comparison } from '../compare.ts'
import { headerNames, onHeader, secrets, spellings } from '../mutations.ts'
import { asNode, mac, type Trial, withHeader } from '../trial.ts'
import { emptySecret, forgivenBytes, hexInUpperCase, signedBytes } from './shared.ts'

const HEADER = 'x-razorpay-signature'

const valid: Trial = {
  done: [],
  headers: [
    ['Content-Type', 'application/json'],
    ['X-Razorpay-Event-Id', 'KvJf5LpQ2ySpLv']
  ],
  url: 'https://example.com/webhooks',
  body: Buffer.from(
    '{"event":"payment.captured","account_id":"acc_1","payload":{"payment":{"entity":{"id":"pay_1","notes":{"name":"Grüße 😀"}}}}}'
  ),
  secret: 'razorpay-webhook-secret',
  time: '',
  now: new Date('2026-01-01T00:00:00Z')
}

function sign(trial: Trial, body: string | Buffer): Trial {
  return withHeader(trial, 'X-Razorpay-Signature', mac('sha256', trial.secret, [body]).toString('hex'))
}

export const razorpay: Comparison = {
  sdk: 'razorpay',
  verifier: 'validateWebhookSignature',
  receiver,
  trials: 2000,
  valid: [valid],
  signers: [trial => sign(trial, trial.body), trial => sign(trial, trial.body.toString())],
  before: { ...bytes, ...json, ...secrets, ...headerNames },
  after: {
    ...onHeader(HEADER, spellings),
    ...onHeader(HEADER, {
      'with a prefix': value => `sha256=${value}`,
      'in base64': value => Buffer.from(value, 'hex').toString('base64')
    }),
    ...onHeader('x-razorpay-event-id', spellings),
    ...onHeader('content-type', spellings),
    ...bytes,
    ...json,
    ...secrets,
    ...headerNames
  },
  official: trial => validateWebhookSignature(trial.body.toString(), asNode(trial)[HEADER]!, trial.secret),
  differences: [hexInUpperCase(HEADER), emptySecret, forgivenBytes, signedBytes]
}
