import { Webhooks } from '@octokit/webhooks'
import { github as receiver } from '../../../receivers/github.ts'
import { bytes, form, json } from '../bodies.ts'
import type { Comparison } from '../compare.ts'
import { headerNames, onHeader, secrets, spellings } from '../mutations.ts'
import { asNode, mac, type Trial, withHeader } from '../trial.ts'
import { emptySecret, forgivenBom, forgivenBytes, hexInUpperCase, signedBom } from './shared.ts'

const HEADER = 'x-hub-signature-256'
const event = '{"action":"opened","issue":{"number":1,"title":"Grüße 😀"},"repository":{"full_name":"octo/hello"}}'

function valid(type: string, body: string): Trial {
  return {
    done: [],
    headers: [
      ['Content-Type', type],
      ['X-GitHub-Event', 'issues'],
      ['X-GitHub-Delivery', '72d3162e-cc78-11e3-81ab-4c9367dc0958']
    ],
    url: 'https://example.com/webhooks',
    body: Buffer.from(body),
    secret: "It's a Secret to Everybody",
    time: '',
    now: new Date('2026-01-01T00:00:00Z')
  }
}

function sign(trial: Trial, body: string | Buffer): Trial {
  return withHeader(trial, HEADER, `sha256=${mac('sha256', trial.secret, [body]).toString('hex')}`)
}

function judge(trial: Trial, body: string): Promise<boolean> {
  return new Webhooks({ secret: trial.secret }).verify(body, asNode(trial)[HEADER]!)
}

/** As the package's own middleware decodes it. */
function decoded({ body }: Trial): string {
  return new TextDecoder().decode(body)
}

export const github: Comparison = {
  sdk: '@octokit/webhooks',
  verifier: 'Webhooks.verify',
  receiver,
  trials: 3000,
  valid: [
    valid('application/json', event),
    valid('application/x-www-form-urlencoded', `payload=${encodeURIComponent(event)}`)
  ],
  signers: [trial => sign(trial, trial.body), trial => sign(trial, decoded(trial))],
  before: { ...bytes, ...json, ...form, ...secrets, ...headerNames },
  after: {
    ...onHeader(HEADER, spellings),
    ...onHeader(HEADER, {
      'as SHA-1': value => value.replace('sha256=', 'sha1='),
      'without its prefix': value => value.replace('sha256=', ''),
      'with its prefix in upper case': value => value.replace('sha256=', 'SHA256='),
      'with its digest in upper case': value => value.replace(/[^=]+$/, digits => digits.toUpperCase())
    }),
    ...onHeader('x-github-event', spellings),
    ...onHeader('content-type', spellings),
    ...bytes,
    ...json,
    ...secrets,
    ...headerNames
  },
  official: trial => judge(trial, decoded(trial)),
  differences: [
    hexInUpperCase(HEADER),
    emptySecret,
    {
      name: 'a signed empty body',
      accepts: 'posthorn',
      reason:
        'The package signs no empty text. To us the proof is as good as any, and the body is refused a step later.',
      when: ({ body }, outcome) => body.length === 0 && outcome.kind === 'rejected' && outcome.stage === 'body'
    },
    forgivenBytes,
    forgivenBom,
    signedBom(trial => judge(trial, trial.body.toString()))
  ]
}
