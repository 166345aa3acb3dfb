import Pusher from 'pusher'
import { pusher as receiver } from '../../../receivers/pusher.ts'
import { bytes, json } from '../bodies.ts'
import type { Comparison } from '../compare.ts'
import { headerNames, onHeader, secrets, spellings } from '../mutations.ts'
import { asNode, mac, type Trial, withHeader } from '../trial.ts'
import { emptySecret, forgivenBytes, hasBom, hexInUpperCase, signedBytes } from './shared.ts'

const HEADER = 'x-pusher-signature'
const KEY = '278d425bdf160c739803'

const valid: Trial = {
  done: [],
  headers: [
    ['Content-Type', 'application/json'],
    ['X-Pusher-Key', KEY]
  ],
  url: 'https://example.com/webhooks',
  body: Buffer.from('{"time_ms":1767225600000,"events":[{"name":"channel_occupied","channel":"Grüße 😀"}]}'),
  secret: '7ad3773142a6692b25b8',
  time: '',
  now: new Date('2026-01-01T00:00:00Z')
}

function sign(trial: Trial, body: string | Buffer): Trial {
  return withHeader(trial, 'X-Pusher-Signature', mac('sha256', trial.secret, [body]).toString('hex'))
}

function official(trial: Trial): boolean {
  const pusher = new Pusher({ appId: '1', key: KEY, secret: trial.secret, cluster: 'eu' })
  return pusher.webhook({ headers: asNode(trial), rawBody: trial.body.toString() }).isValid()
}

export const pusher: Comparison = {
  sdk: 'pusher',
  verifier: 'webhook(…).isValid',
  receiver,
  trials: 2000,
  valid: [valid],
  signers: [trial => sign(trial, trial.body), trial => sign(trial, trial.body.toString())],
  before: { ...bytes, ...json, ...secrets, ...headerNames },
  after: {
    ...onHeader(HEADER, spellings),
    ...onHeader('x-pusher-key', spellings),
    ...onHeader('content-type', spellings),
    ...bytes,
    ...json,
    ...secrets,
    ...headerNames
  },
  official,
  credentials: ({ secret }) => ({ secrets: [`${KEY}:${secret}`] }),
  differences: [
    hexInUpperCase(HEADER),
    emptySecret,
    forgivenBytes,
    signedBytes,
    {
      name: 'another content type',
      accepts: 'posthorn',
      reason:
        'It is not signed, so it proves nothing; the package wants it to be exactly `application/json`. We read the body as JSON, whatever it is called.',
      undo: trial =>
        asNode(trial)['content-type'] === 'application/json'
          ? undefined
          : withHeader(trial, 'content-type', 'application/json')
    },
    {
      name: 'a signed body that is no JSON',
      accepts: 'posthorn',
      reason: 'The package counts it among the failed proofs. We refuse it a step later, as malformed.',
      when: (_, outcome) => outcome.kind === 'rejected' && outcome.reason === 'body-malformed'
    },
    {
      name: 'a signed byte order mark',
      accepts: 'posthorn',
      reason:
        'The mark is among the bytes that were signed. The package’s parser does not know it, ours passes over it.',
      when: trial => hasBom(trial) && asNode(trial)[HEADER] === asNode(sign(trial, trial.body))[HEADER]
    }
  ]
}
