import { LinearWebhookClient } from '@linear/sdk/webhooks'
import { linear as receiver } from '../../../receivers/linear.ts'
import type { Outcome } from '../../../src/receive.ts'
import { BOM, bytes, json, onBody } from '../bodies.ts'
import type { Comparison } from '../compare.ts'
import { clock, headerNames, type Mutations, named, numbers, onHeader, secrets, spellings } from '../mutations.ts'
import { asNode, mac, type Trial, withHeader } from '../trial.ts'
import { emptySecret, hasBom, hexInUpperCase } from './shared.ts'

const HEADER = 'linear-signature'
const TOLERANCE = 60

const valid: Trial = {
  done: [],
  headers: [
    ['Content-Type', 'application/json; charset=utf-8'],
    ['Linear-Delivery', '234d1a4e-b617-4388-90fe-adc3633d6b72'],
    ['Linear-Event', 'Issue'],
    ['Linear-Timestamp', '1767225600000']
  ],
  url: 'https://example.com/webhooks',
  body: Buffer.from(
    '{"action":"update","type":"Issue","data":{"id":"1","title":"Grüße 😀"},"webhookTimestamp":1767225600000}'
  ),
  secret: 'lin_wh_posthorn0test0secret0of0Linear',
  time: '',
  now: new Date('2026-01-01T00:00:00Z')
}

function sign(trial: Trial, body: string | Buffer): Trial {
  return withHeader(trial, 'Linear-Signature', mac('sha256', trial.secret, [body]).toString('hex'))
}

function official(trial: Trial): boolean {
  return new LinearWebhookClient(trial.secret).verify(trial.body, asNode(trial)[HEADER]!)
}

function onSentTime(prefix: string, write: (text: string) => string): Mutations {
  return named(prefix, numbers, (trial, edit) => ({
    ...trial,
    body: Buffer.from(trial.body.toString().replace(/(?<="webhookTimestamp":)\d+/, time => write(edit(time))))
  }))
}

const times: Mutations = {
  ...onSentTime('time: ', text => text),
  ...onSentTime('time as text: ', text => JSON.stringify(text)),
  ...onBody({
    'without a time': body => Buffer.from(body.toString().replace(/,"webhookTimestamp":\d+/, '')),
    'with a time that is no number': (body, random) =>
      Buffer.from(
        body
          .toString()
          .replace(/(?<="webhookTimestamp":)\d+/, random.pick(['null', 'true', '{}', '[1767225600000]', '1e400', '""']))
      )
  })
}

function isRefusedFor(outcome: Outcome, reason: string): boolean {
  return outcome.kind === 'rejected' && outcome.reason === reason
}

export const linear: Comparison = {
  sdk: '@linear/sdk',
  verifier: 'LinearWebhookClient.verify',
  receiver,
  trials: 3000,
  valid: [valid],
  signers: [trial => sign(trial, trial.body), trial => sign(trial, trial.body.toString())],
  before: { ...bytes, ...json, ...times, ...secrets, ...headerNames, ...clock(TOLERANCE) },
  after: {
    ...onHeader(HEADER, spellings),
    ...onHeader('linear-timestamp', { ...spellings, ...numbers }),
    ...onHeader('content-type', spellings),
    ...bytes,
    ...json,
    ...times,
    ...secrets,
    ...headerNames,
    ...clock(TOLERANCE)
  },
  official,
  differences: [
    emptySecret,
    hexInUpperCase(HEADER),
    {
      name: 'a signed byte order mark',
      accepts: 'posthorn',
      reason:
        'The mark is among the bytes that were signed. The package’s parser does not know it, ours passes over it.',
      when(trial) {
        const body = trial.body.subarray(BOM.length)
        return hasBom(trial) && official(sign({ ...trial, body }, body))
      }
    },
    {
      name: 'a signed body that does not say when it was sent',
      accepts: 'posthorn',
      reason:
        'Nobody but Linear can leave the time out, for it is signed. The package once passed over the check there, too.',
      when: ({ body }) => timeIn(body) === undefined
    },
    {
      name: 'a time that is text',
      accepts: 'posthorn',
      reason: 'The same time in quotes, and signed. The package wants a number.',
      when: ({ body }) => typeof timeIn(body) === 'string'
    },
    {
      name: 'a prototype in the JSON',
      accepts: 'posthorn',
      reason: 'The signature is right, and no time is read from such a body: it is refused a step later, as malformed.',
      when: ({ body }, outcome) =>
        body.includes('"__proto__"') && outcome.kind === 'rejected' && outcome.stage === 'body'
    },
    {
      name: 'a fraction of a millisecond',
      accepts: 'sdk',
      reason: 'For the package, the time is any number. Linear writes whole ones.',
      when: ({ body }, outcome) =>
        JSON.parse(body.toString()).webhookTimestamp % 1 !== 0 && isRefusedFor(outcome, 'timestamp-malformed')
    }
  ]
}

function timeIn(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body).toString()).webhookTimestamp
  } catch {
    return undefined
  }
}
