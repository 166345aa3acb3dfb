import { Webhook } from 'standardwebhooks'
import { type Receiver, standardWebhooks as signature } from '../../../src/kit.ts'
import { bytes, json } from '../bodies.ts'
import type { Comparison } from '../compare.ts'
import {
  clock,
  type Edits,
  headerNames,
  type Mutations,
  numbers,
  onHeader,
  onTime,
  secrets,
  spellings
} from '../mutations.ts'
import { asNode, headerOf, headerUndone, mac, type Trial, withHeader } from '../trial.ts'
import { forgivenBytes, lastSecond, signedBytes, TOLERANCE, twiceUndone } from './shared.ts'

const HEADER = 'webhook-signature'
const TIME = 'webhook-timestamp'
const ID = 'webhook-id'

function decoded(secret: string): Buffer {
  return Buffer.from(secret.replace(/^whsec_/, ''), 'base64')
}

const receiver: Receiver<'standard-webhooks'> = {
  name: 'standard-webhooks',
  docs: 'https://www.standardwebhooks.com',
  scheme: signature(),
  describe: ({ body }) => ({ event: body.type })
}

const valid: Trial = {
  done: [],
  headers: [
    ['Content-Type', 'application/json'],
    ['Webhook-Id', 'msg_p5jXN8AQM9LWM0D4loKWxJek']
  ],
  url: 'https://example.com/webhooks',
  body: Buffer.from('{"type":"contact.created","data":{"name":"Grüße 😀"}}'),
  secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
  time: '1767225600',
  now: new Date('2026-01-01T00:00:00Z')
}

function sign(trial: Trial, time: string, body: string | Buffer): Trial {
  const signature = mac('sha256', decoded(trial.secret), [headerOf(trial, ID), '.', time, '.', body])
  const timed = withHeader(trial, 'Webhook-Timestamp', trial.time)
  return withHeader(timed, 'Webhook-Signature', `v1,${signature.toString('base64')}`)
}

function official(trial: Trial): boolean {
  new Webhook(trial.secret).verify(trial.body, asNode(trial), { jsonParse: false })
  return true
}

function secondsIn(value: string): number {
  return Number.parseInt(value, 10)
}

const layout: Edits = {
  'another signature before': value => `v1,${Buffer.alloc(32).toString('base64')} ${value}`,
  'another signature behind': value => `${value} v1,${Buffer.alloc(32).toString('base64')}`,
  'an asymmetric signature too': value => `v1a,${Buffer.alloc(64).toString('base64')} ${value}`,
  'of another version': value => value.replace('v1,', 'v2,'),
  'without its version': value => value.replace('v1,', ''),
  'with junk behind a comma': value => `${value},junk`,
  'a tab before the version': value => `v1a,x \t${value}`,
  'a tab behind the signature': value => `${value}\t v1a,x`,
  'in URL-safe base64': value => value.replaceAll('+', '-').replaceAll('/', '_'),
  'without padding': value => value.replace(/=+$/, ''),
  'with its unused bits set': value => value.replace(/.(?==$)/, letter => String.fromCharCode(letter.charCodeAt(0) + 1))
}
/** The parts are joined by dots, and an id may hold one. */
const border: Mutations = {
  'the time moved into the id': trial => ({
    ...withHeader(
      withHeader(trial, ID, `${headerOf(trial, ID)}.${headerOf(trial, TIME)}`),
      TIME,
      trial.body.toString('latin1', 0, 10)
    ),
    body: trial.body.subarray(11)
  })
}
const keys: Mutations = {
  'secret: with other characters': (trial, random) => ({
    ...trial,
    secret: trial.secret + random.pick(['-', '_', '=', '!'])
  }),
  'secret: in URL-safe base64': trial => ({ ...trial, secret: `whsec_${'-_'.repeat(16)}` }),
  'secret: unpadded': trial => ({ ...trial, secret: trial.secret.slice(0, -1) })
}

export const standardWebhooks: Comparison = {
  sdk: 'standardwebhooks',
  verifier: 'Webhook.verify',
  receiver,
  trials: 3000,
  valid: [valid],
  signers: [
    trial => sign(trial, trial.time, trial.body),
    trial => sign(trial, String(secondsIn(trial.time)), trial.body.toString())
  ],
  before: {
    ...bytes,
    ...json,
    ...secrets,
    ...keys,
    ...headerNames,
    ...onTime(numbers),
    ...onHeader(ID, spellings),
    ...clock(TOLERANCE)
  },
  after: {
    ...onHeader(HEADER, { ...spellings, ...layout }),
    ...onHeader(TIME, { ...spellings, ...numbers }),
    ...onHeader(ID, spellings),
    ...border,
    ...bytes,
    ...json,
    ...secrets,
    ...keys,
    ...headerNames,
    ...clock(TOLERANCE)
  },
  official,
  differences: [
    {
      name: 'an id or a signature that came twice',
      accepts: 'sdk',
      reason:
        'Node joins the headers, and the package reads what is joined. There is one id, and one header for all signatures.',
      undo: trial => twiceUndone(trial, ID) ?? twiceUndone(trial, HEADER)
    },
    forgivenBytes,
    signedBytes,
    lastSecond(TIME, secondsIn),
    {
      name: 'a time in another spelling',
      accepts: 'sdk',
      reason:
        'The package takes the digits at the start and signs the number that they give. The specification wants plain digits.',
      undo: trial => headerUndone(trial, TIME, value => (secondsIn(value) >= 0 ? String(secondsIn(value)) : value))
    },
    {
      name: 'junk behind a signature’s second comma',
      accepts: 'sdk',
      reason: 'The package drops it before it compares.',
      undo: trial => headerUndone(trial, HEADER, value => value.replace(/(v1,[^, ]*),[^ ]*/g, '$1'))
    },
    {
      name: 'a secret that is no whole base64',
      accepts: 'sdk',
      reason: 'The package passes over a last odd character and any padding. We take what an encoder writes.',
      undo: trial => {
        const secret = `whsec_${decoded(trial.secret).toString('base64')}`
        return secret === trial.secret ? undefined : { ...trial, secret }
      }
    },
    {
      name: 'a comma behind something else than a signature',
      accepts: 'sdk',
      reason: 'That is how Node joins headers, and nobody sends two. The package passes over what is no signature.',
      undo: trial => headerUndone(trial, HEADER, value => value.replace(/,(?=$| )/g, ''))
    },
    {
      name: 'an id with a dot in it',
      accepts: 'sdk',
      reason:
        'Dots join what is signed, so that the end of such an id could pass for the time. The specification forbids them.',
      when: (trial, outcome) =>
        headerOf(trial, ID).includes('.') && outcome.kind === 'rejected' && outcome.reason === 'signature-malformed'
    }
  ]
}
