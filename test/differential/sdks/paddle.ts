import { Paddle } from '@paddle/paddle-node-sdk'
import { paddle as receiver } from '../../../receivers/paddle.ts'
import { bytes, json } from '../bodies.ts'
import type { Comparison } from '../compare.ts'
import { clock, type Edits, headerNames, numbers, onHeader, onTime, secrets, spellings } from '../mutations.ts'
import { asNode, headerOf, headerUndone, mac, type Trial, withHeader } from '../trial.ts'
import { emptySecret, forgivenBytes, futureTime, hexInUpperCase, signedBytes, TOLERANCE } from './shared.ts'

const HEADER = 'paddle-signature'
/** Seconds that the package allows. */
const OFFICIAL_TOLERANCE = 5

const { webhooks } = new Paddle('none')

const valid: Trial = {
  done: [],
  headers: [['Content-Type', 'application/json']],
  url: 'https://example.com/webhooks',
  body: Buffer.from(
    '{"event_id":"evt_1","event_type":"customer.created","occurred_at":"2026-01-01T00:00:00Z","data":{"id":"ctm_1","name":"Grüße 😀"}}'
  ),
  secret: 'pdl_ntfset_posthorn0test0secret0of0Paddle',
  time: '1767225600',
  now: new Date('2026-01-01T00:00:00Z')
}

function sign(trial: Trial, time: string, body: string | Buffer): Trial {
  const signature = mac('sha256', trial.secret, [time, ':', body]).toString('hex')
  return withHeader(trial, 'Paddle-Signature', `ts=${trial.time};h1=${signature}`)
}

function official(trial: Trial): Promise<boolean> {
  return webhooks.isSignatureValid(trial.body.toString(), trial.secret, asNode(trial)[HEADER]!)
}

/** The time that the package takes from the header: the last that is not empty, be it in hexadecimal. */
function secondsIn(value: string): number {
  const time = /^.*(?:^|;)ts=([^;=]+)/.exec(value)?.[1] ?? ''
  return Number.parseInt(time, /^\s*[-+]?0x/i.test(time) ? 16 : 10)
}

/** The header with what the package takes from it, and nothing else. */
function asRead(value: string): string {
  const last = (name: string) => new RegExp(`^.*(?:^|;)${name}=([^;=]+)`).exec(value)?.[1] ?? ''
  return `ts=${last('ts')};h1=${last('h1')}`
}

const layout: Edits = {
  'another signature before': value => value.replace('h1=', `h1=${'0'.repeat(64)};h1=`),
  'another signature behind': value => `${value};h1=${'0'.repeat(64)}`,
  'an empty signature too': (value, random) => random.pick([`h1=;${value}`, `${value};h1=`]),
  'a scheme of the future too': value => `${value};h2=${'0'.repeat(64)}`,
  'only a scheme of the future': value => value.replace('h1=', 'h2='),
  'its parts in another order': value => value.split(';').reverse().join(';'),
  'another time before': value => `ts=1;${value}`,
  'another time behind': value => `${value};ts=1`,
  'the same time behind': value => `${value};${value.split(';')[0]}`,
  'a part without a name': (value, random) =>
    random.pick([`x;${value}`, `${value};`, `;${value}`, value.replace(';', ';;')]),
  'a part with two equals signs': (value, random) =>
    random.pick([`${value}=x`, `${value}=`, value.replace(';', '=5;')]),
  'white space in a part': (value, random) =>
    random.pick([
      value.replace(';', '; '),
      value.replace('=', '= '),
      value.replace('=', ' ='),
      value.replace(';', ' ;')
    ]),
  'without a time': value => value.replace(/ts=[^;]*;/, ''),
  'the name of the signature in upper case': value => value.replace('h1=', 'H1='),
  'a comma for the semicolon': value => value.replace(';', ',')
}
const times: Edits = Object.fromEntries(
  Object.entries(numbers).map(([name, edit]) => [
    `time ${name}`,
    (value, random) => value.replace(/(?<=^ts=)[^;]*/, time => edit(time, random))
  ])
)

export const paddle: Comparison = {
  sdk: '@paddle/paddle-node-sdk',
  verifier: 'webhooks.isSignatureValid',
  receiver,
  trials: 3000,
  valid: [valid],
  signers: [
    trial => sign(trial, trial.time, trial.body),
    trial => sign(trial, String(Number.parseInt(trial.time, 10)), trial.body.toString())
  ],
  before: {
    ...bytes,
    ...json,
    ...secrets,
    ...headerNames,
    ...onTime(numbers),
    ...clock(TOLERANCE),
    ...clock(OFFICIAL_TOLERANCE)
  },
  after: {
    ...onHeader(HEADER, { ...spellings, ...layout, ...times }),
    ...onHeader('content-type', spellings),
    ...bytes,
    ...json,
    ...secrets,
    ...headerNames,
    ...clock(TOLERANCE)
  },
  official,
  differences: [
    hexInUpperCase(HEADER),
    emptySecret,
    forgivenBytes,
    signedBytes,
    futureTime(HEADER, secondsIn),
    {
      name: 'a time more than 5 seconds old',
      accepts: 'posthorn',
      reason:
        'Clocks differ, and requests wait at proxies. We allow 300 seconds, as for the others; the id, by which a replay is known, is signed.',
      undo(trial) {
        const sent = secondsIn(headerOf(trial, HEADER)) * 1000
        return trial.now.getTime() > sent + OFFICIAL_TOLERANCE * 1000 ? { ...trial, now: new Date(sent) } : undefined
      }
    },
    {
      name: 'white space beside a semicolon or an equals sign',
      accepts: 'posthorn',
      reason: 'Who writes the header anew may put it there. It stands around the parts, never in them.',
      undo: trial => headerUndone(trial, HEADER, value => value.replace(/\s*([;=])\s*|^\s+|\s+$/g, '$1'))
    },
    {
      name: 'the right signature before another',
      accepts: 'posthorn',
      reason: 'While a secret is rotated, Paddle sends a signature of each. The package compares with the last alone.',
      undo: trial => headerUndone(trial, HEADER, value => value.replace(/(h1=[^;=]+);(?:.*;)?h1=[^;]*$/, '$1'))
    },
    {
      name: 'a header that came twice',
      accepts: 'sdk',
      reason:
        'Node joins the two with a comma, and the package takes the last time and the last signature out of either.',
      undo: trial => headerUndone(trial, HEADER, value => (value.includes(',') ? asRead(value) : value))
    },
    {
      name: 'two times',
      accepts: 'sdk',
      reason: 'The package takes the last. Paddle sends one.',
      undo: trial =>
        headerUndone(trial, HEADER, value => (value.split(/(?<=^|;)ts=/).length > 2 ? asRead(value) : value))
    },
    {
      name: 'parts that have no name',
      accepts: 'sdk',
      reason:
        'The package passes over what stands between semicolons and has no equals sign. Paddle sends nothing such.',
      undo: trial =>
        headerUndone(trial, HEADER, value =>
          value
            .split(';')
            .filter(part => part.includes('='))
            .join(';')
        )
    },
    {
      name: 'junk behind a second equals sign',
      accepts: 'sdk',
      reason: 'The package reads a part up to its second equals sign and drops the rest.',
      undo: trial => headerUndone(trial, HEADER, value => value.replace(/((?:^|;)[^;=]*=[^;=]*)=[^;]*/g, '$1'))
    },
    {
      name: 'a time in another spelling',
      accepts: 'sdk',
      reason:
        'The package takes the digits at the start and signs the number that they give. Paddle writes plain digits.',
      undo: trial =>
        headerUndone(trial, HEADER, value => {
          const seconds = secondsIn(value)
          return seconds >= 0 ? value.replace(/(?<=^|;)ts=[^;]*/g, `ts=${seconds}`) : value
        })
    },
    {
      name: 'a time that is no number',
      accepts: 'sdk',
      reason: 'For the package NaN is not too old, so that such a request stays valid for ever.',
      when: (trial, outcome) =>
        Number.isNaN(secondsIn(headerOf(trial, HEADER))) && outcome.kind === 'rejected' && outcome.stage === 'proof'
    }
  ]
}
