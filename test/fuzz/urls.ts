/** URLs: what is read in them, hidden in them and signed with them; and the patterns of events. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { twilio } from '../../receivers/twilio.ts'
import { configure } from '../../src/config/config.ts'
import { InvalidConfiguration } from '../../src/errors.ts'
import { matches } from '../../src/pattern.ts'
import type { AnyReceiver, WebhookRequest } from '../../src/receiver.ts'
import { redact } from '../../src/redact.ts'
import { query, searchOf } from '../../src/schemes/place.ts'
import { anyText, edited, edits, someTime } from './edits.ts'
import type { Target } from './target.ts'

const NO_BODY = Buffer.of()
const parameter = fc.tuple(fc.constantFrom('a', 'code', 'c%6fde', 'Code', 'code[]', 'recode', ''), anyText)
const URL_TOKENS = ['&', '=', '?', '#', '%', '%63ode=', 'code=', ';', '+', '/', '&&', '%26', '%3D', '@', ':']

function urlOf(parameters: readonly (readonly [string, string])[]): string {
  return `https://example.com/hooks?${parameters.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&')}`
}

/** The body is signed, so the only thing that differs is the URL. */
function at(url: string): WebhookRequest {
  return { method: 'POST', url, headers: {}, body: NO_BODY }
}

const places = fc.property(
  fc.array(parameter, { maxLength: 4 }),
  anyText,
  edits(URL_TOKENS),
  (parameters, value, changes) => {
    const code = query('code')
    assert.equal(code.read(code.write(at(urlOf(parameters)), value)), value)

    const url = edited(urlOf(parameters), changes)
    const known = URL.parse(url)
    // What browsers drop before they parse, a request line does not have. The second of two `?` is none to us.
    if (known !== null && /^[!-~]*$/.test(url) && !url.includes('??'))
      assert.deepEqual([...searchOf(url)], [...known.searchParams])
    const given = code.read(at(url))
    const all = searchOf(url).getAll('code')
    assert.deepEqual(given, all.length > 1 ? all : all[0])
  }
)

const MARK = 'S3CRET'
const receiver = { scheme: { key: { min: 32 }, covers: { body: false, time: false }, carries: { query: ['code'] } } }
const hidden = fc.property(
  fc.array(parameter, { maxLength: 3 }),
  anyText,
  fc.nat(),
  edits(URL_TOKENS),
  (parameters, value, place, changes) => {
    const at = place % (parameters.length + 1)
    const all = parameters.toSpliced(at, 0, ['code', value + MARK])
    const url = edited(urlOf(all), changes)
    const redacted = redact(
      receiver as unknown as AnyReceiver,
      { method: 'POST', url, headers: {}, body: NO_BODY },
      'json',
      {}
    ).url
    const visible = (text: string) => [...searchOf(text)].filter(([name]) => !/^\??code$/.test(name))
    assert.deepEqual(visible(redacted), visible(url))
    assert.ok(
      searchOf(redacted)
        .getAll('code')
        .every(text => text === '***' || text === '')
    )
    if (changes.length === 0) assert.ok(!redacted.includes(MARK))
  }
)

const AUTH = '12345678901234567890123456789012'
const formField = fc.tuple(fc.constantFrom('Body', 'MessageSid', 'CallStatus', 'a'), anyText)
const host = fc.constantFrom(
  'example.com',
  'example.com:443',
  'example.com:8443',
  'user:pw@example.com',
  'example.com:80'
)
const twilioUrl = fc
  .tuple(fc.constantFrom('https', 'http'), host, fc.array(parameter, { maxLength: 2 }))
  .map(([scheme, where, parameters]) => urlOf(parameters).replace('https://example.com', `${scheme}://${where}`))

/** What a signature by Twilio says, as far as its own way of writing can tell. */
function said({ url, body }: WebhookRequest): string {
  // Which port was signed is what varies, and no header decides it.
  const { protocol, username, password, hostname, pathname, search } = new URL(url.replace(/:\d+(?=[:/?#])/g, ''))
  const fields = [...new URLSearchParams(Buffer.from(body).toString())].map(pair => pair.join('')).sort()
  const parameters = [...new URLSearchParams(search)].map(pair => pair.join('='))
  return JSON.stringify([protocol, username, password, hostname, pathname, parameters, [...new Set(fields)].join('')])
}

const twilioSpellings = fc.asyncProperty(
  twilioUrl,
  fc.array(formField, { maxLength: 4 }),
  someTime,
  edits([...URL_TOKENS, ':443', ':80', ':8443', "'", '%27', '%20']),
  edits(['&', '=', '+', '%20', '%2B', 'a=']),
  async (url, fields, now, urlChanges, bodyChanges) => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    const body = Buffer.from(new URLSearchParams(fields).toString())
    const signed = await twilio.scheme.sign!({ method: 'POST', url, headers, body }, AUTH, now)
    const credentials = { secrets: [AUTH], settings: {}, fetch: () => Promise.reject(new TypeError('offline')) }
    assert.ok((await twilio.scheme.verify(signed, credentials, now)).ok)

    const changed = { ...signed, url: edited(url, urlChanges), body: Buffer.from(edited(body.toString(), bodyChanges)) }
    if ((await twilio.scheme.verify(changed, credentials, now)).ok) assert.equal(said(changed), said(signed))
  }
)

const PUBLIC = [
  'https://api.example.com/hooks',
  'http://localhost:3000',
  'https://user:pw@example.com/a/b/',
  'https://[::1]:8443'
]
const publicUrl = fc.property(
  fc.constantFrom(...PUBLIC),
  edits([...URL_TOKENS, '\\', ' ', '\t', '//', 'ftp:', 'javascript:', '.']),
  (good, changes) => {
    const text = edited(good, changes)
    try {
      const { publicUrl: taken } = configure([], { env: {}, publicUrl: text })
      const { protocol, search, hash, host: where } = new URL(`${taken}/api?x=1`)
      assert.match(protocol, /^https?:$/)
      assert.deepEqual([search, hash], ['?x=1', ''])
      assert.notEqual(where, '')
      assert.ok(text.includes(taken!), 'another text than was given')
    } catch (error) {
      assert.ok(error instanceof InvalidConfiguration, String(error))
      assert.notEqual(changes.length, 0)
    }
  }
)

/** By trying all: slow, and plainly right. */
function matchesPlainly(pattern: string, event: string): boolean {
  if (pattern === '') return event === ''
  const stars = pattern.startsWith('**') ? 2 : pattern.startsWith('*') ? 1 : 0
  if (stars === 0) return event !== '' && event[0] === pattern[0] && matchesPlainly(pattern.slice(1), event.slice(1))
  for (let end = 0; end <= event.length; end++) {
    if (stars === 1 && event.slice(0, end).includes('.')) return false
    if (matchesPlainly(pattern.slice(stars), event.slice(end))) return true
  }
  return false
}

const piece = fc.constantFrom('a', 'b', '.', '*', '**', ':', '[', '$', '\n')
const patterns = fc.property(
  fc.array(piece, { maxLength: 7 }),
  fc.array(fc.constantFrom('a', 'b', '.', ':', '*', '$', '\n'), { maxLength: 10 }),
  (parts, letters) => {
    assert.equal(matches(parts.join(''), letters.join('')), matchesPlainly(parts.join(''), letters.join('')))
  }
)

export const urls: readonly Target[] = [
  { name: 'URL: places in the query', property: places },
  { name: 'URL: redaction of the query', property: hidden },
  { name: 'URL: Twilio’s spellings', property: twilioSpellings },
  { name: 'URL: the public one', property: publicUrl },
  { name: 'patterns', property: patterns }
]
