import { validateSignature } from '@line/bot-sdk'
import { line as receiver } from '../../../receivers/line.ts'
import { bytes, json } from '../bodies.ts'
import type { Comparison } from '../compare.ts'
import { type Edits, headerNames, onHeader, secrets, spellings } from '../mutations.ts'
import { asNode, headerUndone, mac, type Trial, withHeader } from '../trial.ts'
import { emptySecret } from './shared.ts'

const HEADER = 'x-line-signature'

const valid: Trial = {
  done: [],
  headers: [['Content-Type', 'application/json; charset=utf-8']],
  url: 'https://example.com/webhooks',
  body: Buffer.from(
    '{"destination":"U1","events":[{"type":"message","webhookEventId":"01","message":{"type":"text","text":"Grüße 😀"}}]}'
  ),
  secret: '8c570fa6dd201bb328f1c1eac23a96d8',
  time: '',
  now: new Date('2026-01-01T00:00:00Z')
}

function sign(trial: Trial, body: string | Buffer): Trial {
  return withHeader(trial, 'X-Line-Signature', mac('sha256', trial.secret, [body]).toString('base64'))
}

const layout: Edits = {
  'in URL-safe base64': value => value.replaceAll('+', '-').replaceAll('/', '_'),
  'without padding': value => value.replace(/=+$/, ''),
  'with its unused bits set': value =>
    value.replace(/.(?==$)/, letter => String.fromCharCode(letter.charCodeAt(0) + 1)),
  'in hex': value => Buffer.from(value, 'base64').toString('hex'),
  'with a prefix': value => `sha256=${value}`
}

export const line: Comparison = {
  sdk: '@line/bot-sdk',
  verifier: 'validateSignature',
  receiver,
  trials: 2000,
  valid: [valid],
  signers: [trial => sign(trial, trial.body), trial => sign(trial, trial.body.toString())],
  before: { ...bytes, ...json, ...secrets, ...headerNames },
  after: {
    ...onHeader(HEADER, { ...spellings, ...layout }),
    ...onHeader('content-type', spellings),
    ...bytes,
    ...json,
    ...secrets,
    ...headerNames
  },
  official: trial => validateSignature(trial.body, trial.secret, asNode(trial)[HEADER]!),
  differences: [
    emptySecret,
    {
      name: 'junk in the signature’s base64',
      accepts: 'sdk',
      reason:
        'The package’s decoder passes over what it does not know, takes the alphabet of URLs too, and ends at the first `=`: many texts for one signature.',
      undo: trial => headerUndone(trial, HEADER, value => Buffer.from(value, 'base64').toString('base64'))
    }
  ]
}
