/**
 * Requests for wrk, no two with the same id: a repeated one would be a duplicate, and cost less. Its scripts are Lua and
 * can't sign. GitHub's id stands in a header that is not signed, so Lua makes it up; Stripe's stands in the signed body,
 * so ids and signatures are made here, and Lua puts them into their places.
 *
 * Ids begin with the time, as the providers' own do: GitHub's are UUIDs of version 1, and Stripe's begin with the second
 * in base 62, as those in its documentation show. An index of keys grows at one place then. `random` ones are the worst case.
 */
import { createHmac, randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { payloads, SECRET } from '../payloads.ts'

export type PayloadName = 'stripe' | 'github'
export type Ids = 'by time' | 'random'

/** More than any variant answers in a second. */
const MOST_PER_SECOND = 30_000
/** About as many as there are: how far apart in time the made-up ids are. */
const PER_SECOND = 5_000

/** Writes the script, and what it reads, to the folder. Returns the script's path. */
export function requests(payload: PayloadName, ids: Ids, folder: string, seconds: number): string {
  const script = join(folder, 'requests.lua')
  writeFileSync(script, payload === 'github' ? github(ids) : stripe(ids, folder, seconds * MOST_PER_SECOND))
  return script
}

function github(ids: Ids): string {
  const { path, headers, body } = payloads().github
  const { 'x-github-delivery': _, ...others } = headers
  // RFC 9562, section 5.1: the time in units of 100 ns, its lowest 32 bits first.
  const ticks = (Date.now() * 10_000) % 2 ** 32
  const time =
    ids === 'by time' ? `(${ticks} + count * ${10_000_000 / PER_SECOND}) % 0x100000000` : 'math.random(0, 0xffffffff)'
  return `
    local head = ${quoted(`${headOf(path, others, body.length)}x-github-delivery: `)}
    local tail = ${quoted(`\r\n\r\n${body}`)}
    math.randomseed(${randomBytes(6).readUIntBE(0, 6)})
    local count = 0
    local function part() return math.random(0, 0xffffff) end
    function request()
      count = count + 1
      return head .. string.format("%08x-cc78-11e3-81ab-%06x%06x", ${time}, part(), part()) .. tail
    end`
}

function stripe(ids: Ids, folder: string, count: number): string {
  const { path, headers, body, expected } = payloads().stripe
  const { 'stripe-signature': _, ...others } = headers
  const { id } = JSON.parse(body.toString()) as { id: string }
  const [before, between, after] = body.toString().split(new RegExp(`${id}|${expected.subject}`)) as [
    string,
    string,
    string
  ]
  const time = Math.floor(Date.now() / 1000)

  // `evt_` or `in_`, the second, and what tells those of a second apart.
  const madeId = (model: string, index: number): string => {
    const [prefix = ''] = /^[a-z]+_/.exec(model)!
    const second = ids === 'by time' ? base62(time - STRIPE_EPOCH + Math.floor(index / PER_SECOND)) : ''
    return (prefix + second + randomBytes(model.length).toString('hex')).slice(0, model.length)
  }
  const pool = join(folder, 'pool')
  const entries = Array.from({ length: count }, (_, index) => {
    const event = madeId(id, index)
    const invoice = madeId(expected.subject, index)
    const content = `${time}.${before}${event}${between}${invoice}${after}`
    return `${event}${invoice}${createHmac('sha256', SECRET).update(content).digest('hex')}`
  })
  writeFileSync(pool, entries.join(''))
  const [event, invoice, width] = [id.length, id.length + expected.subject.length, entries[0]!.length]
  return `
    local pool = io.open(${quoted(pool)}, "rb"):read("*a")
    local at = 0
    function request()
      local entry = string.sub(pool, at + 1, at + ${width})
      at = at + ${width}
      return ${quoted(`${headOf(path, others, body.length)}stripe-signature: t=${time},v1=`)} .. string.sub(entry, ${invoice + 1})
        .. ${quoted(`\r\n\r\n${before}`)} .. string.sub(entry, 1, ${event})
        .. ${quoted(between)} .. string.sub(entry, ${event + 1}, ${invoice}) .. ${quoted(after)}
    end`
}

/** The second that those ids seem to count from, in the middle of 1983. */
const STRIPE_EPOCH = 426_000_000
const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

function base62(number: number): string {
  return number === 0 ? '' : base62(Math.floor(number / 62)) + DIGITS[number % 62]
}

function headOf(path: string, headers: Readonly<Record<string, string>>, length: number): string {
  const fields = Object.entries({ host: '127.0.0.1', ...headers, 'content-length': String(length) })
  return `POST ${path} HTTP/1.1\r\n${fields.map(([name, value]) => `${name}: ${value}\r\n`).join('')}`
}

function quoted(text: string): string {
  return `"${text.replace(/[\\"]/g, '\\$&').replaceAll('\n', '\\n').replaceAll('\r', '\\r')}"`
}
