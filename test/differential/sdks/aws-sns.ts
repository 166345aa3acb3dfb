import { EventEmitter } from 'node:events'
import https from 'node:https'
import { mock } from 'node:test'
// @ts-expect-error: it has no types.
import MessageValidator from 'sns-validator'
import { awsSns as receiver } from '../../../receivers/aws-sns.ts'
import type { Outcome } from '../../../src/receive.ts'
import { certificateFixture } from '../../../src/schemes/test-keys.ts'
import { BOM, bytes, json } from '../bodies.ts'
import type { Comparison, Difference } from '../compare.ts'
import { clock, type Mutations, onHeader, spellings } from '../mutations.ts'
import type { Trial } from '../trial.ts'
import { forgivenBytes, hasBom } from './shared.ts'
import {
  CONFIRMED,
  confirmation,
  messageOf,
  messageUndone,
  NOTIFIED,
  NOW,
  notification,
  signed,
  TOPIC,
  TYPES,
  valid,
  values
} from './sns-messages.ts'

const YEAR = 365 * 86_400_000
const validator = new MessageValidator()

/** Both get the same certificate, whatever its URL: what is compared is whether they ask for it. */
function serve(_url: string, answer: (response: EventEmitter) => void): EventEmitter {
  const response = Object.assign(new EventEmitter(), { statusCode: 200 })
  queueMicrotask(() => {
    answer(response)
    response.emit('data', Buffer.from(certificateFixture.certificate))
    response.emit('end')
  })
  return new EventEmitter()
}

async function official({ body }: Trial): Promise<boolean> {
  const served = mock.method(https, 'get', serve as unknown as typeof https.get)
  try {
    await new Promise<void>((resolve, reject) => {
      validator.validate(body.toString(), (error: unknown) => (error ? reject(error) : resolve()))
    })
    return true
  } finally {
    served.mock.restore()
  }
}

const years: Mutations = {
  'clock: after the certificate': trial => ({ ...trial, now: new Date('2101-01-01T00:00:00Z') }),
  'clock: before the certificate': trial => ({ ...trial, now: new Date('1999-01-01T00:00:00Z') })
}

function refusedFor(outcome: Outcome, ...reasons: readonly string[]): boolean {
  return outcome.kind === 'rejected' && reasons.includes(outcome.reason)
}

/** Whether it is the end of a subscription that was signed by these names. */
function isEndSignedBy(trial: Trial, names: readonly string[]): boolean {
  const { Type, Signature } = messageOf(trial)
  return Type === 'UnsubscribeConfirmation' && Signature === messageOf(signed(trial, () => names)).Signature
}

const REGION = /^sns\.[a-z]{2}(?:-[a-z]+)+-\d+\.amazonaws\.com(?:\.cn)?$/

function isAtRegion(url: string): boolean {
  return REGION.test(URL.parse(url)?.hostname ?? '')
}

/** Undefined where the package reads another name. */
function withUrl(trial: Trial, change: (url: string) => string): Trial | undefined {
  return messageUndone(trial, message =>
    'SigningCertUrl' in message ? message : { ...message, SigningCertURL: change(String(message.SigningCertURL)) }
  )
}

/** A signed value as the package signs it. Other objects have no text. */
function asText(name: string, value: unknown): unknown {
  const hasText = typeof value === 'number' || typeof value === 'boolean' || Array.isArray(value)
  return hasText && CONFIRMED.includes(name) ? String(value) : value
}

const differences: readonly Difference[] = [
  {
    name: 'another topic',
    accepts: 'sdk',
    reason: 'Every customer of AWS gets right signatures. Only the topics that are configured are taken.',
    when: (trial, outcome) => messageOf(trial).TopicArn !== TOPIC && refusedFor(outcome, 'origin-not-allowed')
  },
  {
    name: 'a certificate that is not valid now',
    accepts: 'sdk',
    reason: 'The package never looks at its dates.',
    undo: trial => (Math.abs(+trial.now - +NOW) < YEAR ? undefined : { ...trial, now: NOW })
  },
  {
    name: 'the names that Lambda uses',
    accepts: 'sdk',
    reason: 'In events for Lambda it is `SigningCertUrl`; they do not come by HTTP.',
    undo: trial =>
      messageUndone(trial, ({ SigningCertUrl: url, ...message }) =>
        url === undefined ? message : { ...message, SigningCertURL: url }
      )
  },
  {
    name: 'a certificate at a host that is no region’s',
    accepts: 'sdk',
    reason:
      '`sns.s3-us-west-2.amazonaws.com` is a bucket that anybody could have made, and the package fetches certificates from it.',
    undo: trial =>
      withUrl(trial, url =>
        isAtRegion(url) ? url : url.replace(/^https:\/\/sns\.[a-z0-9-]+\./, 'https://sns.us-east-1.')
      )
  },
  {
    name: 'a certificate at a URL in another spelling',
    accepts: 'sdk',
    reason:
      'The package allows folders, queries and capitals, so that there are many URLs for one host. SNS writes one, plainly.',
    undo: trial => withUrl(trial, url => (isAtRegion(url) ? notification.SigningCertURL : url))
  },
  {
    name: 'a prototype in the JSON',
    accepts: 'sdk',
    reason: 'JSON with `__proto__` is refused by our parser, wherever it stands.',
    undo: trial => messageUndone(trial, ({ __proto__: _, ...message }) => message)
  },
  {
    name: 'a value that is no text',
    accepts: 'sdk',
    reason: 'The package signs what a number or a list becomes as text. SNS sends texts.',
    undo: trial =>
      messageUndone(trial, message =>
        Object.fromEntries(Object.entries(message).map(([name, value]) => [name, asText(name, value)]))
      )
  },
  {
    name: 'junk in the signature’s base64',
    accepts: 'sdk',
    reason: 'The package’s decoder passes over what it does not know, and takes the alphabet of URLs too.',
    undo: trial =>
      messageUndone(trial, message => {
        message.Signature = Buffer.from(String(message.Signature), 'base64').toString('base64')
        return message
      })
  },
  {
    name: 'a line break in a signed value',
    accepts: 'sdk',
    reason:
      'Values are signed line by line, so that a second line may pass for the next field. Only `Message` may have one.',
    when: (trial, outcome) => {
      const { Message: _, ...message } = messageOf(trial)
      return CONFIRMED.some(name => String(message[name]).includes('\n')) && refusedFor(outcome, 'signature-malformed')
    }
  },
  {
    name: 'a type that SNS does not have',
    accepts: 'sdk',
    reason: 'The package takes it for a notification.',
    when: (trial, outcome) => !TYPES.includes(messageOf(trial).Type) && refusedFor(outcome, 'signature-malformed')
  },
  {
    name: 'a confirmation that leads elsewhere',
    accepts: 'sdk',
    reason: 'It has proved itself, but what we are to visit is no URL of SNS. The package leaves that to its user.',
    when: (trial, outcome) =>
      messageOf(trial).SubscribeURL !== confirmation.SubscribeURL && refusedFor(outcome, 'challenge-malformed')
  },
  {
    name: 'the end of a subscription, signed without its token',
    accepts: 'sdk',
    reason: 'The package signs it like a notification. The documentation signs it like a confirmation.',
    when: (trial, outcome) => isEndSignedBy(trial, NOTIFIED) && refusedFor(outcome, 'signature-mismatch')
  },
  {
    name: 'the end of a subscription, signed as documented',
    accepts: 'posthorn',
    reason:
      'The same fault of the package, seen from the other side. We answer it 200 and tell the operator; nothing else follows.',
    when: (trial, outcome) => isEndSignedBy(trial, CONFIRMED) && outcome.kind === 'answered'
  },
  {
    name: 'the names that Lambda uses, beside those of SNS',
    accepts: 'posthorn',
    reason:
      'No certificate’s URL is signed. The package prefers `SigningCertUrl`; we never read it, and hold the other to its host.',
    undo: trial => messageUndone(trial, ({ SigningCertUrl: _, ...message }) => message)
  },
  {
    name: 'a byte order mark before the JSON',
    accepts: 'posthorn',
    reason: 'The values are signed, not their bytes. The package’s parser does not know the mark, ours passes over it.',
    undo: trial => (hasBom(trial) ? { ...trial, body: trial.body.subarray(BOM.length) } : undefined)
  },
  forgivenBytes
]

export const awsSns: Comparison = {
  sdk: 'sns-validator',
  verifier: 'MessageValidator.validate',
  receiver,
  trials: 2000,
  valid: [
    valid(notification),
    valid({ ...notification, SignatureVersion: '1', Subject: undefined }),
    valid(confirmation)
  ],
  signers: [
    trial => signed(trial, type => (type === 'Notification' ? NOTIFIED : CONFIRMED)),
    trial => signed(trial, type => (type === 'SubscriptionConfirmation' ? CONFIRMED : NOTIFIED))
  ],
  before: { ...values, ...json, ...clock(900) },
  after: { ...values, ...bytes, ...json, ...onHeader('content-type', spellings), ...years },
  official,
  credentials: () => ({
    settings: { topic: TOPIC },
    fetch: async () => new Response(certificateFixture.certificate)
  }),
  differences
}
