/** Packages that verify Standard Webhooks: `<id>.<time>.<body>` signed, in three headers with a common prefix. */
import { bytes, json } from '../bodies.ts'
import type { Comparison, Difference } from '../compare.ts'
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
import { headerOf, headerUndone, mac, type Trial, withHeader } from '../trial.ts'
import { forgivenBytes, lastSecond, signedBytes, TOLERANCE, twiceUndone } from './shared.ts'

interface Asked extends Pick<Comparison, 'sdk' | 'verifier' | 'receiver' | 'official'> {
  /** How the names of the three headers begin. */
  readonly prefix: string
  /** What is done to requests besides, after they are signed, and where the two disagree besides. */
  readonly after?: Mutations
  readonly differences?: readonly Difference[]
}

interface Names {
  readonly id: string
  readonly time: string
  readonly signature: string
}

export function threeHeaders({ prefix, after = {}, differences = [], ...asked }: Asked): Comparison {
  const names = { id: `${prefix}-id`, time: `${prefix}-timestamp`, signature: `${prefix}-signature` }
  return {
    ...asked,
    trials: 3000,
    valid: [valid(names)],
    signers: [
      trial => sign(names, trial, trial.time, trial.body),
      trial => sign(names, trial, String(secondsIn(trial.time)), trial.body.toString())
    ],
    before: {
      ...bytes,
      ...json,
      ...secrets,
      ...keys,
      ...headerNames,
      ...onTime(numbers),
      ...onHeader(names.id, spellings),
      ...clock(TOLERANCE)
    },
    after: {
      ...onHeader(names.signature, { ...spellings, ...layout }),
      ...onHeader(names.time, { ...spellings, ...numbers }),
      ...onHeader(names.id, spellings),
      ...border(names),
      ...bytes,
      ...json,
      ...secrets,
      ...keys,
      ...headerNames,
      ...clock(TOLERANCE),
      ...after
    },
    differences: [...shared(names), ...differences]
  }
}

function valid({ id }: Names): Trial {
  return {
    done: [],
    headers: [
      ['Content-Type', 'application/json'],
      [id, 'msg_p5jXN8AQM9LWM0D4loKWxJek']
    ],
    url: 'https://example.com/webhooks',
    body: Buffer.from('{"type":"contact.created","data":{"name":"Grüße 😀"}}'),
    secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
    time: '1767225600',
    now: new Date('2026-01-01T00:00:00Z')
  }
}

function sign(names: Names, trial: Trial, time: string, body: string | Buffer): Trial {
  const signature = mac('sha256', decoded(trial.secret), [headerOf(trial, names.id), '.', time, '.', body])
  const timed = withHeader(trial, names.time, trial.time)
  return withHeader(timed, names.signature, `v1,${signature.toString('base64')}`)
}

function decoded(secret: string): Buffer {
  return Buffer.from(secret.replace(/^whsec_/, ''), 'base64')
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
const keys: Mutations = {
  'secret: with other characters': (trial, random) => ({
    ...trial,
    secret: trial.secret + random.pick(['-', '_', '=', '!'])
  }),
  'secret: in URL-safe base64': trial => ({ ...trial, secret: `whsec_${'-_'.repeat(16)}` }),
  'secret: unpadded': trial => ({ ...trial, secret: trial.secret.slice(0, -1) })
}

/** The parts are joined by dots, and an id may hold one. */
function border({ id, time }: Names): Mutations {
  return {
    'the time moved into the id': trial => ({
      ...withHeader(
        withHeader(trial, id, `${headerOf(trial, id)}.${headerOf(trial, time)}`),
        time,
        trial.body.toString('latin1', 0, 10)
      ),
      body: trial.body.subarray(11)
    })
  }
}

function shared({ id, time, signature }: Names): Difference[] {
  return [
    {
      name: 'an id or a signature that came twice',
      accepts: 'sdk',
      reason:
        'Node joins the headers, and the package reads what is joined. There is one id, and one header for all signatures.',
      undo: trial => twiceUndone(trial, id) ?? twiceUndone(trial, signature)
    },
    forgivenBytes,
    signedBytes,
    lastSecond(time, secondsIn),
    {
      name: 'a time in another spelling',
      accepts: 'sdk',
      reason:
        'The package takes the digits at the start and signs the number that they give. The specification wants plain digits.',
      undo: trial => headerUndone(trial, time, value => (secondsIn(value) >= 0 ? String(secondsIn(value)) : value))
    },
    {
      name: 'junk behind a signature’s second comma',
      accepts: 'sdk',
      reason: 'The package drops it before it compares.',
      undo: trial => headerUndone(trial, signature, value => value.replace(/(v1,[^, ]*),[^ ]*/g, '$1'))
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
      undo: trial => headerUndone(trial, signature, value => value.replace(/,(?=$| )/g, ''))
    },
    {
      name: 'an id with a dot in it',
      accepts: 'sdk',
      reason:
        'Dots join what is signed, so that the end of such an id could pass for the time. The specification forbids them.',
      when: (trial, outcome) =>
        headerOf(trial, id).includes('.') && outcome.kind === 'rejected' && outcome.reason === 'signature-malformed'
    }
  ]
}
