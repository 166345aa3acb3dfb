import Stripe from 'stripe'
import { stripe as receiver } from '../../../receivers/stripe.ts'
import { bytes, json } from '../bodies.ts'
import type { Comparison } from '../compare.ts'
import { clock, type Edits, headerNames, numbers, onHeader, onTime, secrets, spellings } from '../mutations.ts'
import { asNode, headerUndone, mac, type Trial, withHeader } from '../trial.ts'
import {
  forgivenBom,
  forgivenBytes,
  futureTime,
  hexInUpperCase,
  lastSecond,
  signedBom,
  TOLERANCE,
  twiceUndone
} from './shared.ts'

const HEADER = 'stripe-signature'

const valid: Trial = {
  done: [],
  headers: [['Content-Type', 'application/json; charset=utf-8']],
  url: 'https://example.com/webhooks',
  body: Buffer.from(
    '{"id":"evt_1","object":"event","type":"invoice.paid","data":{"object":{"id":"in_1","name":"Grüße 😀"}}}'
  ),
  secret: 'whsec_posthorn0test0secret0of0Stripe0',
  time: '1767225600',
  now: new Date('2026-01-01T00:00:00Z')
}

function sign(trial: Trial, time: string, body: string | Buffer): Trial {
  const signature = mac('sha256', trial.secret, [time, '.', body]).toString('hex')
  return withHeader(trial, 'Stripe-Signature', `t=${trial.time},v1=${signature}`)
}

function judge(trial: Trial, body: string | Buffer): boolean {
  return Stripe.webhooks.signature!.verifyHeader(body, asNode(trial)[HEADER]!, trial.secret)
}

/** The time that the package takes from the header: the last. */
function secondsIn(value: string): number {
  return Number.parseInt(/^.*(?:^|,)t=([^,=]*)/.exec(value)?.[1] ?? '', 10)
}

function withoutSpacedNames(trial: Trial): Trial | undefined {
  return headerUndone(trial, HEADER, value => value.replace(/(?:^|,)(?=[^,=]*\s)[^,=]*=[^,]*/g, ''))
}

const layout: Edits = {
  'another signature before': value => value.replace('v1=', `v1=${'0'.repeat(64)},v1=`),
  'another signature behind': value => `${value},v1=${'0'.repeat(64)}`,
  'an empty signature too': value => `v1=,${value}`,
  'the signature of its test mode too': value => `${value},v0=${'0'.repeat(64)}`,
  'only the signature of its test mode': value => value.replace('v1=', 'v0='),
  'a scheme of the future': value => value.replace('v1=', 'v2='),
  'its parts in another order': value => value.split(',').reverse().join(','),
  'another time before': value => `t=1,${value}`,
  'another time behind': value => `${value},t=1`,
  'the same time behind': value => `${value},${value.split(',')[0]}`,
  'a part without a name': (value, random) =>
    random.pick([`x,${value}`, `${value},`, `,${value}`, value.replace(',', ',,')]),
  'a part with two equals signs': (value, random) =>
    random.pick([`${value}=x`, `${value}=`, value.replace(',', '=5,')]),
  'a space after the comma': value => value.replace(',', ', '),
  'white space in a part': (value, random) =>
    random.pick([value.replace('=', '= '), value.replace('=', ' ='), `${value} `, value.replace(',', ' ,')]),
  'without a time': value => value.replace(/t=[^,]*,/, ''),
  'names in upper case': value => value.replace('v1=', 'V1='),
  'a semicolon for the comma': value => value.replace(',', ';')
}
const times: Edits = Object.fromEntries(
  Object.entries(numbers).map(([name, edit]) => [
    `time ${name}`,
    (value, random) => value.replace(/(?<=^t=)[^,]*/, time => edit(time, random))
  ])
)

export const stripe: Comparison = {
  sdk: 'stripe',
  verifier: 'webhooks.signature.verifyHeader',
  receiver,
  trials: 3000,
  valid: [valid],
  signers: [
    trial => sign(trial, trial.time, trial.body),
    trial => sign(trial, String(Number.parseInt(trial.time, 10)), new TextDecoder().decode(trial.body))
  ],
  before: { ...bytes, ...json, ...secrets, ...headerNames, ...onTime(numbers), ...clock(TOLERANCE) },
  after: {
    ...onHeader(HEADER, { ...spellings, ...layout, ...times }),
    ...bytes,
    ...json,
    ...secrets,
    ...headerNames,
    ...clock(TOLERANCE)
  },
  official: trial => judge(trial, trial.body),
  differences: [
    hexInUpperCase(HEADER),
    {
      name: 'spaces beside a comma or an equals sign',
      accepts: 'posthorn',
      reason: 'A proxy that writes a list anew puts them there. They stand around the parts, never in them.',
      undo: trial => headerUndone(trial, HEADER, value => value.replace(/\s*([,=])\s*|^\s+|\s+$/g, '$1'))
    },
    {
      name: 'an empty signature beside the right one',
      accepts: 'posthorn',
      reason:
        'The right one proves the request. The package compares with each, and its comparison throws where it is given nothing.',
      undo: trial => headerUndone(trial, HEADER, value => value.replace(/(?<=^|,)v1=(?:,|$)/g, '').replace(/,$/, ''))
    },
    {
      name: 'an empty body',
      accepts: 'sdk',
      reason: 'The package refuses an empty text, but not a `Buffer` of no bytes. Stripe sends no event without one.',
      when: ({ body }, outcome) =>
        body.length === 0 && outcome.kind === 'rejected' && outcome.reason === 'signature-mismatch'
    },
    forgivenBytes,
    forgivenBom,
    signedBom(trial => judge(trial, trial.body.toString())),
    futureTime(HEADER, secondsIn),
    lastSecond(HEADER, secondsIn),
    {
      name: 'a header that came twice',
      accepts: 'sdk',
      reason: 'Node joins the two with a comma, and the package takes any signature out of either.',
      undo: trial => {
        const joined = twiceUndone(trial, HEADER)
        return joined && (withoutSpacedNames(joined) ?? joined)
      }
    },
    {
      name: 'white space in the name of a part',
      accepts: 'sdk',
      reason:
        'For the package ` t` is another name than `t`, so that it passes over a second time. For us there are two.',
      undo: withoutSpacedNames
    },
    {
      name: 'a time in another spelling',
      accepts: 'sdk',
      reason:
        'The package takes the digits at the start and signs the number that they give. Stripe writes plain digits.',
      undo: trial =>
        headerUndone(trial, HEADER, value => {
          const seconds = secondsIn(value)
          return seconds >= 0 ? value.replace(/(?<=^|,)t=[^,]*/g, `t=${seconds}`) : value
        })
    },
    {
      name: 'a time that is no number',
      accepts: 'sdk',
      reason: 'For the package NaN is not too old, so that such a request stays valid for ever.',
      when: (trial, outcome) =>
        Number.isNaN(secondsIn(asNode(trial)[HEADER]!)) &&
        outcome.kind === 'rejected' &&
        ['signature-mismatch', 'timestamp-malformed'].includes(outcome.reason)
    },
    {
      name: 'two times',
      accepts: 'sdk',
      reason: 'The package takes the last. Stripe sends one.',
      undo: trial => headerUndone(trial, HEADER, value => value.replace(/(?<=^|,)t=[^,]*,(?=.*(?<=,)t=)/g, ''))
    },
    {
      name: 'parts that have no name',
      accepts: 'sdk',
      reason: 'The package passes over what stands between commas and has no equals sign. Stripe sends nothing such.',
      undo: trial =>
        headerUndone(trial, HEADER, value =>
          value
            .split(',')
            .filter(part => part.includes('='))
            .join(',')
        )
    },
    {
      name: 'junk behind a second equals sign',
      accepts: 'sdk',
      reason: 'The package reads a part up to its second equals sign and drops the rest.',
      undo: trial => headerUndone(trial, HEADER, value => value.replace(/((?:^|,)[^,=]*=[^,=]*)=[^,]*/g, '$1'))
    }
  ]
}
