import type { ServerResponse } from 'node:http'
import { HTTPModuleFunctions } from '@slack/bolt'
import { slack as receiver } from '../../../receivers/slack.ts'
import { bytes, form, json, onBody } from '../bodies.ts'
import type { Comparison } from '../compare.ts'
import { clock, headerNames, numbers, onHeader, onTime, secrets, spellings } from '../mutations.ts'
import { asNode, headerUndone, mac, type Trial, withHeader } from '../trial.ts'
import { emptySecret, forgivenBytes, futureTime, hexInUpperCase, lastSecond, signedBytes, TOLERANCE } from './shared.ts'

const HEADER = 'x-slack-signature'
const TIME = 'x-slack-request-timestamp'

function valid(type: string, body: string): Trial {
  return {
    done: [],
    headers: [['Content-Type', type]],
    url: 'https://example.com/webhooks',
    body: Buffer.from(body),
    secret: '8f742231b10e8888abcd99yyyzzz85a5',
    time: '1767225600',
    now: new Date('2026-01-01T00:00:00Z')
  }
}

function sign(trial: Trial, time: string, body: string | Buffer): Trial {
  const signature = mac('sha256', trial.secret, ['v0:', time, ':', body]).toString('hex')
  return withHeader(withHeader(trial, 'X-Slack-Request-Timestamp', trial.time), 'X-Slack-Signature', `v0=${signature}`)
}

async function official(trial: Trial): Promise<boolean> {
  const request = { headers: asNode(trial), rawBody: trial.body } as any
  await HTTPModuleFunctions.parseAndVerifyHTTPRequest({ signingSecret: trial.secret }, request, {} as ServerResponse)
  return true
}

const checks = onBody({
  'a check of TLS': () => Buffer.from('ssl_check=1&token=x'),
  'a check of TLS that is none': () => Buffer.from('ssl_check=2&token=x')
})

export const slack: Comparison = {
  sdk: '@slack/bolt',
  verifier: 'HTTPModuleFunctions.parseAndVerifyHTTPRequest',
  receiver,
  trials: 3000,
  valid: [
    valid('application/json', '{"type":"event_callback","team_id":"T1","event":{"type":"message","text":"Grüße 😀"}}'),
    valid('application/x-www-form-urlencoded', 'command=%2Fweather&text=94070+Z%C3%BCrich&team_id=T1')
  ],
  signers: [
    trial => sign(trial, trial.time, trial.body),
    trial => sign(trial, String(Number(trial.time)), trial.body.toString())
  ],
  before: { ...bytes, ...json, ...form, ...secrets, ...headerNames, ...onTime(numbers), ...clock(TOLERANCE) },
  after: {
    ...onHeader(HEADER, spellings),
    ...onHeader(HEADER, {
      'of another version': value => value.replace('v0=', 'v1='),
      'without its version': value => value.replace('v0=', ''),
      'with its version in upper case': value => value.replace('v0=', 'V0=')
    }),
    ...onHeader(TIME, { ...spellings, ...numbers }),
    ...onHeader('content-type', spellings),
    ...bytes,
    ...json,
    ...checks,
    ...secrets,
    ...headerNames,
    ...clock(TOLERANCE)
  },
  official,
  differences: [
    emptySecret,
    hexInUpperCase(HEADER),
    forgivenBytes,
    signedBytes,
    futureTime(TIME, Number),
    lastSecond(TIME, Number),
    {
      name: 'a time in another spelling',
      accepts: 'sdk',
      reason:
        'The package signs the number that JavaScript reads. Slack writes plain digits, and signs them as they are.',
      undo: trial =>
        headerUndone(trial, TIME, value => (Number.isInteger(Number(value)) ? String(Number(value)) : value))
    },
    {
      name: 'a time that is no whole number',
      accepts: 'sdk',
      reason: 'The package takes 0.5 and Infinity for times; the latter is never too old.',
      when: (trial, outcome) =>
        !Number.isInteger(Number(asNode(trial)[TIME])) && outcome.kind === 'rejected' && outcome.stage === 'proof'
    },
    {
      name: 'junk behind a second equals sign',
      accepts: 'sdk',
      reason: 'The package drops it before it compares.',
      undo: trial => headerUndone(trial, HEADER, value => value.replace(/^([^=]*=[^=]*)=.*$/, '$1'))
    },
    {
      name: 'a check of TLS under another content type',
      accepts: 'posthorn',
      reason: 'Neither asks a proof for `ssl_check`. It gets an empty 200 and the rest of its body is never looked at.',
      when: (_, outcome) => outcome.kind === 'answered' && Object.keys(outcome.reply).join() === 'status'
    }
  ]
}
