import { WorkOS } from '@workos-inc/node'
import { workos as receiver } from '../../../receivers/workos.ts'
import { bytes, json } from '../bodies.ts'
import type { Comparison } from '../compare.ts'
import { clock, type Edits, headerNames, numbers, onHeader, onTime, secrets, spellings } from '../mutations.ts'
import { headerOf, headerUndone, mac, type Trial, withHeader } from '../trial.ts'
import { emptySecret, futureTime, hexInUpperCase } from './shared.ts'

const HEADER = 'workos-signature'
const TOLERANCE = 180
const { webhooks } = new WorkOS('sk_test_1')

const valid: Trial = {
  done: [],
  headers: [['Content-Type', 'application/json']],
  url: 'https://example.com/webhooks',
  body: Buffer.from(
    '{"id":"event_1","event":"user.created","data":{"object":"user","id":"user_1","first_name":"Grüße 😀"}}'
  ),
  secret: 'posthorn-test-secret-of-WorkOS',
  time: '1767225600000',
  now: new Date('2026-01-01T00:00:00Z')
}

function sign(trial: Trial, body: string | Buffer): Trial {
  const signature = mac('sha256', trial.secret, [trial.time, '.', body]).toString('hex')
  return withHeader(trial, 'WorkOS-Signature', `t=${trial.time}, v1=${signature}`)
}

/** The package wants the body as Express parses it, as an object, and signs what `JSON.stringify` makes of that. */
function official(trial: Trial): Promise<boolean> {
  return webhooks.verifyHeader({ payload: parsed(trial), sigHeader: headerOf(trial, HEADER), secret: trial.secret })
}

function parsed({ body }: Trial): any {
  return JSON.parse(new TextDecoder().decode(body))
}

/** The body as the package writes it anew; undefined where it is no JSON. */
function written(trial: Trial): Buffer | undefined {
  try {
    return Buffer.from(JSON.stringify(parsed(trial)))
  } catch {
    return undefined
  }
}

/** The text that the package takes for the time: the first part's, up to a second equals sign. */
function timeIn(value: string): string {
  return value.split(',')[0]!.split('=')[1] ?? ''
}

function secondsIn(value: string): number {
  return Number.parseInt(timeIn(value), 10) / 1000
}

/** The header’s parts, that with the time, and the one that would be right for time and body. */
function partsOf(trial: Trial): { parts: string[]; time: string; right: string } {
  const parts = headerOf(trial, HEADER).split(/, ?/)
  const time = parts.find(part => part.startsWith('t=')) ?? ''
  const signature = mac('sha256', trial.secret, [time.slice('t='.length), '.', trial.body]).toString('hex')
  return { parts, time, right: `v1=${signature}` }
}

/** Whether the header has the right signature, wherever it stands. */
function isRight(trial: Trial): boolean {
  const { parts, right } = partsOf(trial)
  return parts.includes(right)
}

/** Whether time and signature stand where the package looks for them. */
function isInPlace(trial: Trial): boolean {
  const { parts, time, right } = partsOf(trial)
  return parts[0] === time && parts[1] === right
}

const layout: Edits = {
  'without a space': value => value.replace(', ', ','),
  'another signature before': value => value.replace('v1=', `v1=${'0'.repeat(64)}, v1=`),
  'another signature behind': value => `${value}, v1=${'0'.repeat(64)}`,
  'its parts in another order': value => value.split(', ').reverse().join(', '),
  'another time before': value => `t=1, ${value}`,
  'another time behind': value => `${value}, t=1`,
  'a part without a name behind': (value, random) => value + random.pick([',', ', x', ',,']),
  'a part in front': value => `x=1, ${value}`,
  'other names': (value, random) => value.replace(random.pick(['t=', 'v1=']), random.pick(['x=', 'v0=', '=', 'V1='])),
  'a second equals sign': (value, random) =>
    random.pick([`${value}=x`, `${value}=`, value.replace(',', '=5,'), value.replace('t=', 't==')]),
  'white space in a part': (value, random) =>
    random.pick([value.replace('=', '= '), value.replace('=', ' ='), value.replace('v1=', 'v1= '), `${value} `]),
  'without a time': value => value.replace(/t=[^,]*, /, ''),
  'a semicolon for the comma': value => value.replace(',', ';')
}
const times: Edits = Object.fromEntries(
  Object.entries(numbers).map(([name, edit]) => [
    `time ${name}`,
    (value, random) => value.replace(/(?<=^t=)[^,]*/, time => edit(time, random))
  ])
)

export const workos: Comparison = {
  sdk: '@workos-inc/node',
  verifier: 'webhooks.verifyHeader',
  receiver,
  trials: 3000,
  valid: [valid],
  signers: [trial => sign(trial, trial.body), trial => sign(trial, written(trial) ?? trial.body)],
  before: { ...bytes, ...json, ...secrets, ...headerNames, ...onTime(numbers), ...clock(TOLERANCE) },
  after: {
    ...onHeader(HEADER, { ...spellings, ...layout, ...times }),
    ...bytes,
    ...json,
    ...secrets,
    ...headerNames,
    ...clock(TOLERANCE)
  },
  official,
  differences: [
    emptySecret,
    hexInUpperCase(HEADER),
    {
      name: 'spaces beside a comma or an equals sign',
      accepts: 'posthorn',
      reason: 'A proxy that writes a list anew puts them there. They stand around the parts, never in them.',
      undo: trial => headerUndone(trial, HEADER, value => value.replace(/\s*([,=])\s*|^\s+|\s+$/g, '$1'))
    },
    {
      name: 'parts in another order, or others between them',
      accepts: 'posthorn',
      reason:
        'The package takes the first part for the time and the second for the signature. Parts have names, and while a secret is rotated there may be two signatures.',
      when: trial => isRight(trial) && !isInPlace(trial)
    },
    {
      name: 'a signed body that JavaScript would write otherwise',
      accepts: 'posthorn',
      reason:
        'The package signs what `JSON.stringify` makes of the parsed body; a body that is no JSON it never sees. We judge the bytes that were signed.',
      when: trial => isRight(trial) && !written(trial)?.equals(trial.body)
    },
    {
      name: 'the signed JSON in another spelling',
      accepts: 'sdk',
      reason:
        'For the package white space, escapes, a name that stands twice and bytes that are no UTF-8 make no difference. We judge what was sent.',
      undo(trial) {
        const body = written(trial)
        return body === undefined || body.equals(trial.body) ? undefined : { ...trial, body }
      }
    },
    futureTime(HEADER, secondsIn, TOLERANCE),
    {
      name: 'a time that is none',
      accepts: 'sdk',
      reason:
        'The package reads the digits at the start and signs the text. Without any, NaN is not too old, so that such a request stays valid for ever.',
      when: trial => !/^(?:0|[1-9]\d{0,14})$/.test(timeIn(headerOf(trial, HEADER)))
    },
    {
      name: 'junk behind a second equals sign',
      accepts: 'sdk',
      reason: 'The package reads a part up to its second equals sign and drops the rest.',
      undo: trial => headerUndone(trial, HEADER, value => value.replace(/((?:^|,)[^,=]*=[^,=]*)=[^,]*/g, '$1'))
    },
    {
      name: 'parts behind the second',
      accepts: 'sdk',
      reason:
        'The package drops what stands there, be it the same header again, a second time or a part without a name.',
      undo: trial => headerUndone(trial, HEADER, value => value.split(',').slice(0, 2).join(','))
    },
    {
      name: 'parts under other names',
      accepts: 'sdk',
      reason: 'The package never looks at the names.',
      undo: trial => headerUndone(trial, HEADER, value => value.replace(/^[^,=]*=([^,]*),[^,=]*=/, 't=$1,v1='))
    }
  ]
}
