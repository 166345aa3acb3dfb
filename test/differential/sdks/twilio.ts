import { createHash } from 'node:crypto'
import { parse, stringify } from 'node:querystring'
import {
  getExpectedTwilioSignature,
  validateExpressRequest,
  validateRequest,
  validateRequestWithBody
} from 'twilio/lib/webhooks/webhooks.js'
import { twilio as receiver } from '../../../receivers/twilio.ts'
import { bytes, form, json } from '../bodies.ts'
import type { Comparison, Difference } from '../compare.ts'
import { type Edits, headerNames, onHeader, onUrl, secrets, spellings } from '../mutations.ts'
import { asNode, headerOf, type Trial, withHeader } from '../trial.ts'
import { emptySecret, forgivenBytes, signedBytes } from './shared.ts'

const HEADER = 'x-twilio-signature'
const TOKEN = '12345f0e1d2c3b4a5968778695a4b3c2'

function valid(type: string, url: string, body: string): Trial {
  return {
    done: [],
    headers: [['Content-Type', type]],
    url,
    body: Buffer.from(body),
    secret: TOKEN,
    time: '',
    now: new Date('2026-01-01T00:00:00Z')
  }
}

const fields =
  'Body=Gr%C3%BC%C3%9Fe+%F0%9F%98%80&From=%2B14158675309&MessageSid=SM1&To=%2B18005551212&NumMedia=0&To=twice'
const event = '{"specversion":"1.0","type":"com.twilio.messaging","id":"EZ1","data":{"name":"Grüße 😀"}}'
const forms = [
  valid('application/x-www-form-urlencoded', 'https://example.com/hook', fields),
  valid('application/x-www-form-urlencoded', "https://example.com:8443/hook?name=O'Neill&b=c%20d", fields),
  valid('application/x-www-form-urlencoded', 'https://Example.com/hook?a=b%20c', fields),
  valid('application/x-www-form-urlencoded', 'http://example.com/hook/?a=1', '')
]
const events = [
  valid('application/json', 'https://example.com/hook', event),
  valid('application/json', "https://example.com/hook?name=O'Neill", event)
]

/** As `express.urlencoded({ extended: false })` reads a form. */
function fieldsOf({ body }: Trial): Record<string, any> {
  return parse(new TextDecoder().decode(body))
}

function hashed(trial: Trial, body: string | Buffer): Trial {
  const url = trial.url.replace(/[?&]bodySHA256=[^&]*$/, '')
  return { ...trial, url: `${url}${url.includes('?') ? '&' : '?'}bodySHA256=${sha256(body)}` }
}

function sha256(body: string | Buffer): string {
  return createHash('sha256').update(body).digest('hex')
}

function signForm(trial: Trial): Trial {
  return withHeader(trial, 'X-Twilio-Signature', getExpectedTwilioSignature(trial.secret, trial.url, fieldsOf(trial)))
}

function signHashed(trial: Trial, body: string | Buffer): Trial {
  const announced = hashed(trial, body)
  return withHeader(announced, 'X-Twilio-Signature', getExpectedTwilioSignature(trial.secret, announced.url, {}))
}

/** What Express would have made of it. */
function asExpress(trial: Trial): any {
  const headers = asNode(trial)
  const { pathname, search, host, protocol } = new URL(trial.url)
  const isForm = /^application\/x-www-form-urlencoded\s*(?:;|$)/i.test(headers['content-type'] ?? '')
  return {
    protocol: protocol.slice(0, -1),
    originalUrl: pathname + search,
    headers: { ...headers, host },
    header: (name: string) => headers[name.toLowerCase()],
    body: isForm ? fieldsOf(trial) : undefined,
    rawBody: trial.body.toString()
  }
}

function byFields(trial: Trial): boolean {
  return validateRequest(trial.secret, asNode(trial)[HEADER]!, trial.url, fieldsOf(trial))
}

function byHash(trial: Trial): boolean {
  return validateRequestWithBody(trial.secret, asNode(trial)[HEADER]!, trial.url, trial.body.toString())
}

const urls: Edits = {
  'with the port it implies': url =>
    url.replace(
      /^(https?):\/\/([^/:]+)(?=\/)/,
      (_, scheme, host) => `${scheme}://${host}:${scheme === 'https' ? 443 : 80}`
    ),
  'with another port': url => url.replace(/^(https?:\/\/[^/:]+)(?::\d+)?/, '$1:8080'),
  'without its port': url => url.replace(/^(https?:\/\/[^/:]+):\d+/, '$1'),
  'with the other scheme': url =>
    url.startsWith('https') ? url.replace('https', 'http') : url.replace('http', 'https'),
  'with a user': url => url.replace('://', '://user:1234@'),
  'with a longer query': (url, random) =>
    url +
    (url.includes('?') ? '&' : '?') +
    random.pick([
      'x=1',
      'x',
      '=',
      "q='",
      'q=%27',
      'q=a+b',
      'q=a%20b',
      'q=%7e',
      'q=%2F',
      'a=1&a=2',
      'q=ü',
      'q="',
      'q=<',
      'q=%'
    ]),
  'without its query': url => url.replace(/\?.*$/, ''),
  'with its query in another order': url =>
    url.replace(/\?(.*)$/, (_, query: string) => `?${query.split('&').reverse().join('&')}`),
  'with a slash more': url => url.replace(/(?=\?|$)/, '/'),
  'with another path': (url, random) =>
    url.replace(
      '/hook',
      random.pick([
        '/Hook',
        '/hooks',
        '//hook',
        '/./hook',
        '/x/../hook',
        '/h%6fok',
        '/hoök',
        '/ho ok',
        "/ho'ok",
        '/bodySHA256/hook'
      ])
    ),
  'with its host in upper case': url => url.replace('example.com', 'EXAMPLE.com'),
  'with its scheme in upper case': url => url.replace(/^https?/, scheme => scheme.toUpperCase()),
  "with %27 for '": url => url.replaceAll("'", '%27'),
  "with ' for %27": url => url.replaceAll('%27', "'"),
  'with %20 for +': url => url.replaceAll('+', '%20'),
  'with + for %20': url => url.replaceAll('%20', '+'),
  'with escapes in lower case': url => url.replace(/%[0-9A-F]{2}/g, text => text.toLowerCase()),
  'with the hash of another body': url => url.replace(/(?<=bodySHA256=)[0-9a-f]/, digit => (digit === '0' ? '1' : '0')),
  'with the hash in upper case': url => url.replace(/(?<=bodySHA256=)[^&]*/, hash => hash.toUpperCase()),
  'with a hash too': (url, random) =>
    url +
    (url.includes('?') ? '&' : '?') +
    random.pick(['bodySHA256=', 'bodySHA256=0', 'body%53HA256=0', 'xbodySHA256=0', 'bodysha256=0']),
  'with the hash twice': url => url.replace(/([?&])(bodySHA256=[^&]*)/, '$1$2&$2'),
  'with the hash under an escaped name': url => url.replace('bodySHA256', 'body%53HA256')
}

const common: Pick<Comparison, 'sdk' | 'receiver' | 'trials' | 'after'> = {
  sdk: 'twilio',
  receiver,
  trials: 2000,
  after: { ...onHeader(HEADER, spellings), ...onUrl(urls), ...bytes, ...form, ...secrets, ...headerNames }
}

/** Both read it as one URL: what a browser would ask for. */
const normalised: Difference = {
  name: 'a URL that was signed in its normal form',
  accepts: 'sdk',
  reason:
    'The package also tries the URL as `new URL()` writes it: dots resolved, case and escapes changed. We only try what Twilio is known to do.',
  undo: trial => {
    const url = new URL(trial.url).toString()
    return url === trial.url ? undefined : { ...trial, url }
  }
}

/** Only before the query: there, one of the two tries more than the other. */
const respelled: Difference = {
  name: 'an escape in the query of a URL that is not in its normal form',
  accepts: 'posthorn',
  reason:
    'The package undoes escapes only in the normal form of the whole URL. We leave what stands before the query as it was registered.',
  undo: trial => {
    const [before, search] = trial.url.split(/\?(.*)/s, 2)
    const url = search === undefined ? trial.url : `${before}?${stringify(parse(search))}`
    return url === trial.url ? undefined : { ...trial, url }
  }
}

const noFields: Difference = {
  name: 'a form of bytes but without fields',
  accepts: 'sdk',
  reason: 'For the package `&&` is an empty form. Nothing of a body may go unsigned, even if it means nothing.',
  undo: trial =>
    trial.body.length > 0 && Object.keys(fieldsOf(trial)).length === 0 ? { ...trial, body: Buffer.of() } : undefined
}

const otherHash: Difference = {
  name: 'a form with a hash in its URL that is not its own',
  accepts: 'sdk',
  reason:
    'The package does not look for the hash here, or not behind an escaped name. Where there is one, it must be right.',
  when: ({ url, body }, outcome) =>
    ![null, sha256(body)].includes(new URL(url).searchParams.get('bodySHA256')) &&
    outcome.kind === 'rejected' &&
    outcome.reason === 'signature-mismatch'
}

export const twilioForms: Comparison = {
  ...common,
  verifier: 'validateRequest',
  valid: forms,
  signers: [signForm],
  before: { ...bytes, ...form, ...secrets, ...headerNames, ...onUrl(urls) },
  official: byFields,
  differences: [normalised, respelled, noFields, otherHash, emptySecret, forgivenBytes]
}

export const twilioHashes: Comparison = {
  ...common,
  verifier: 'validateRequestWithBody',
  valid: events,
  signers: [trial => signHashed(trial, trial.body), trial => signHashed(trial, trial.body.toString())],
  before: { ...bytes, ...json, ...secrets, ...headerNames, ...onUrl(urls) },
  official: byHash,
  differences: [normalised, respelled, emptySecret, forgivenBytes, signedBytes]
}

const FORM = 'application/x-www-form-urlencoded'

/** The parser before the package looks at the type, the package never. */
const otherType: Difference = {
  name: 'a form under another content type',
  accepts: 'posthorn',
  reason:
    'Express gives the package no fields then. The type is not signed; the fields are, and we read them all the same.',
  undo: trial => (headerOf(trial, 'content-type') === FORM ? undefined : withHeader(trial, 'Content-Type', FORM))
}

const uncovered: Difference = {
  name: 'a body that nothing covers',
  accepts: 'sdk',
  reason: 'What Express does not parse as a form is no body for this function: it checks the URL alone. We refuse.',
  when: (trial, outcome) =>
    asExpress(trial).body === undefined &&
    !trial.url.includes('bodySHA256') &&
    outcome.kind === 'rejected' &&
    outcome.reason === 'signature-mismatch'
}

const emptyBody: Difference = {
  name: 'an empty body under its own hash',
  accepts: 'posthorn',
  reason:
    'This function takes `{}` for it. `validateRequestWithBody`, which it calls, agrees with us about the empty body.',
  when: trial => trial.body.length === 0 && byHash(trial)
}

const onlyNamed: Difference = {
  name: 'a URL that holds the name of the hash elsewhere',
  accepts: 'posthorn',
  reason:
    'This function looks for `bodySHA256` anywhere in the text. There is no such parameter; `validateRequest` agrees with us.',
  when: trial => !new URL(trial.url).searchParams.has('bodySHA256') && byFields(trial)
}

export const twilioExpress: Comparison = {
  ...common,
  verifier: 'validateExpressRequest',
  valid: [...forms, ...events],
  signers: [
    trial => (asNode(trial)['content-type']?.includes('json') ? signHashed(trial, trial.body) : signForm(trial))
  ],
  before: { ...bytes, ...form, ...json, ...secrets, ...headerNames, ...onUrl(urls) },
  after: { ...common.after, ...onHeader('content-type', spellings) },
  official: trial => validateExpressRequest(asExpress(trial), trial.secret, { url: trial.url }),
  differences: [
    normalised,
    respelled,
    noFields,
    otherHash,
    uncovered,
    emptySecret,
    forgivenBytes,
    signedBytes,
    otherType,
    emptyBody,
    onlyNamed
  ]
}
