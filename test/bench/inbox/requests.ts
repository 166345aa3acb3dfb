/**
 * Requests for wrk, no two with the same id: a repeated one would be a duplicate, and cost less. Its scripts are Lua and
 * can't sign. GitHub's id stands in a header that is not signed, so Lua makes it up; Stripe's stands in the signed body,
 * so ids and signatures are made here, and Lua puts them into their places.
 */
import { createHmac, randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { payloads, SECRET } from '../payloads.ts'

export type PayloadName = 'stripe' | 'github'

/** More than any variant answers in a second. */
const MOST_PER_SECOND = 30_000

/** Writes the script, and what it reads, to the folder. Returns the script's path. */
export function requests(payload: PayloadName, folder: string, seconds: number): string {
  const script = join(folder, 'requests.lua')
  writeFileSync(script, payload === 'github' ? github() : stripe(folder, seconds * MOST_PER_SECOND))
  return script
}

function github(): string {
  const { path, headers, body } = payloads().github
  const { 'x-github-delivery': _, ...others } = headers
  return `
    local head = ${quoted(`${headOf(path, others, body.length)}x-github-delivery: `)}
    local tail = ${quoted(`\r\n\r\n${body}`)}
    math.randomseed(${randomBytes(6).readUIntBE(0, 6)})
    local function part() return math.random(0, 0xffffff) end
    function request()
      return head .. string.format("%06x%02x-cc78-11e3-81ab-%06x%06x", part(), part() % 256, part(), part()) .. tail
    end`
}

function stripe(folder: string, count: number): string {
  const { path, headers, body, expected } = payloads().stripe
  const { 'stripe-signature': _, ...others } = headers
  const { id } = JSON.parse(body.toString()) as { id: string }
  const [before, between, after] = body.toString().split(new RegExp(`${id}|${expected.subject}`)) as [
    string,
    string,
    string
  ]
  const time = Math.floor(Date.now() / 1000)

  const pool = join(folder, 'pool')
  const entries = Array.from({ length: count }, () => {
    const event = `evt_${randomBytes(12).toString('hex')}`
    const invoice = `in_${randomBytes(8).toString('hex')}`
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

function headOf(path: string, headers: Readonly<Record<string, string>>, length: number): string {
  const fields = Object.entries({ host: '127.0.0.1', ...headers, 'content-length': String(length) })
  return `POST ${path} HTTP/1.1\r\n${fields.map(([name, value]) => `${name}: ${value}\r\n`).join('')}`
}

function quoted(text: string): string {
  return `"${text.replace(/[\\"]/g, '\\$&').replaceAll('\n', '\\n').replaceAll('\r', '\\r')}"`
}
