import { randomBytes, randomInt } from 'node:crypto'
import { exactText } from '../body/text.ts'
import type { AnyReceiver, Credentials, Description, Headers, WebhookRequest } from '../receiver.ts'
import { describedIn } from './described.ts'

type Known = { readonly receiver: AnyReceiver; readonly credentials: Credentials; readonly now: Date }

/** Seconds, milliseconds, or a date with its time: without a zone it is UTC. */
const TIME =
  /(?<![\d.])[12]\d{9}(?:\.\d{1,9}|\d{3})?(?![\d.])|\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?: UTC|Z|[+-]\d\d:?\d\d)?/g
/** Milliseconds. What was written down within this time is of the same moment: an event, and when it was sent. */
const MOMENT = 60_000
const MOST_PLACES = 50
/** Shorter ones could be the same twice. */
const LONG = 8
const BASE64 = /^[A-Za-z0-9+/\s]{64,}={0,2}\s*$/

/**
 * The request as if it told of something new: with other ids and of this moment, so that it is no duplicate. Where they
 * stand is found by changing one place after the other, and asking the receiver how it describes that.
 */
export function fresh(request: WebhookRequest, known: Known): WebhookRequest {
  const before = describedIn(request, known) ?? []
  const timely = before.reduce((made, { occurredAt }) => withTime(made, occurredAt, known.now), request)
  return before.reduce((made, _, at) => withNewId(made, at, known), timely)
}

/** All that tells of this moment tells of now, in the same format. */
function withTime(request: WebhookRequest, occurredAt: Date | undefined, now: Date): WebhookRequest {
  if (occurredAt === undefined) return request
  const isOfIt = (written: string) => Math.abs(instantOf(written) - occurredAt.getTime()) < MOMENT
  return mapTexts(request, text => text.replace(TIME, written => (isOfIt(written) ? like(written, now) : written)))
}

function instantOf(written: string): number {
  if (/^\d{13}$/.test(written)) return Number(written)
  if (!written.includes('-')) return Number(written) * 1000
  const iso = written.replace(' UTC', 'Z').replace(' ', 'T')
  return Date.parse(/(?:Z|[+-]\d\d:?\d\d)$/.test(iso) ? iso : `${iso}Z`)
}

function like(written: string, now: Date): string {
  if (/^\d{13}$/.test(written)) return String(now.getTime())
  if (!written.includes('-')) {
    const [, fraction = ''] = written.split('.')
    return (now.getTime() / 1000).toFixed(Math.min(fraction.length, 3))
  }
  const [, between, fraction = '', zone = ''] = /^.{10}(.).{8}(\.\d+)?(.*)$/.exec(written)!
  const [date, time] = now.toISOString().split(/[T.]/)
  const utc = zone === '' || zone === 'Z' || zone === ' UTC' ? zone : zone.includes(':') ? '+00:00' : '+0000'
  return `${date}${between}${time}${fraction === '' ? '' : `.${String(now.getUTCMilliseconds()).padStart(3, '0')}`}${utc}`
}

function withNewId(request: WebhookRequest, at: number, known: Known): WebhookRequest {
  const before = describedIn(request, known)
  const id = before?.[at]?.id
  if (before === undefined || id === undefined) return request
  // An id may be joined of several values. The last is mostly the one that no other request has.
  const pieces = [...new Set([id, ...id.split(/[^A-Za-z0-9_-]+/).reverse()])].filter(piece => piece !== '')
  const [long, short] = [pieces.filter(({ length }) => length >= LONG), pieces.filter(({ length }) => length < LONG)]
  // Rather another subject than another ending of a domain.
  for (const [some, keepsSubject] of [
    [long, true],
    [long, false],
    [short, true],
    [short, false]
  ] as const) {
    for (const piece of some) {
      for (let place = 0; place < MOST_PLACES; place++) {
        const changed = withOther(request, piece, place)
        if (changed === undefined) break
        const after = describedIn(changed, known)
        if (after?.[at] !== undefined && after[at].id !== id && isSameFact(before[at]!, after[at], keepsSubject))
          return changed
      }
    }
  }
  return request
}

function isSameFact(one: Description, other: Description, keepsSubject: boolean): boolean {
  return (
    one.event === other.event &&
    other.id !== undefined &&
    one.occurredAt?.getTime() === other.occurredAt?.getTime() &&
    (!keepsSubject || (one.subject === other.subject && one.account === other.account))
  )
}

/** With another text for the piece where it stands for the nth time; undefined where it does not. */
function withOther(request: WebhookRequest, piece: string, place: number): WebhookRequest | undefined {
  const whole = new RegExp(`(?<![A-Za-z0-9_-])${escaped(piece)}(?![A-Za-z0-9_-])`, 'g')
  let seen = -1
  const changed = mapTexts(request, text => text.replace(whole, found => (++seen === place ? another(found) : found)))
  return seen < place ? undefined : changed
}

function escaped(text: string): string {
  return text.replace(/[^A-Za-z0-9]/g, '\\$&')
}

/** A text of the same form, unless it is short: what looks like a prefix (`evt_`) stays. */
function another(id: string): string {
  if (/^\d{1,8}$/.test(id)) return String(randomInt(100_000_000, 1_000_000_000))
  const [prefix = ''] = /^[A-Za-z]+_/.exec(id) ?? []
  if (id.length - prefix.length < LONG) return prefix + randomBytes(LONG).toString('hex')
  const isHex = /^[0-9a-f-]+$/i.test(id) && /\d/.test(id)
  return (
    prefix + id.slice(prefix.length).replace(/[A-Za-z0-9]/g, (old, at) => (isHex ? hexLike(old) : charLike(old, at)))
  )
}

function hexLike(old: string): string {
  if (/\d/.test(old)) return String(randomInt(10))
  const letter = 'abcdef'[randomInt(6)]!
  return old === old.toUpperCase() ? letter.toUpperCase() : letter
}

/** A number must not begin with 0. */
function charLike(old: string, at: number): string {
  if (/\d/.test(old)) return String(at === 0 ? randomInt(1, 10) : randomInt(10))
  const letter = 'abcdefghijklmnopqrstuvwxyz'[randomInt(26)]!
  return old === old.toUpperCase() ? letter.toUpperCase() : letter
}

/** Bytes that are no text stay as they are; a form is read and written anew. */
function mapTexts(request: WebhookRequest, map: (text: string) => string): WebhookRequest {
  const headers: Headers = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name, typeof value === 'string' ? map(value) : value])
  )
  const isForm = String(headers['content-type']).startsWith('application/x-www-form-urlencoded')
  const body = isForm ? formOf(request.body, map) : map(Buffer.from(request.body).toString('latin1'))
  return { ...request, headers, body: Buffer.from(body, 'latin1') }
}

function formOf(body: Uint8Array, map: (text: string) => string): string {
  const fields = [...new URLSearchParams(Buffer.from(body).toString())]
  return new URLSearchParams(fields.map(([name, value]): [string, string] => [name, fieldOf(value, map)])).toString()
}

/** A whole document may stand in a field as base64, as Braintree's. */
function fieldOf(value: string, map: (text: string) => string): string {
  const inner = BASE64.test(value) ? exactText(Buffer.from(value, 'base64')) : undefined
  return inner === undefined ? map(value) : Buffer.from(map(inner)).toString('base64')
}
