/**
 * Sends one payload as fast as it is answered, by wrk: `node client.ts <payload> <port> <seconds>`, result as JSON. A
 * client in C is idle most of the time for every variant; one in JavaScript is the bottleneck of the fast ones, and the
 * slow ones pay for waking it.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type PayloadName, payloads } from './payloads.ts'

const [payload, port, seconds] = process.argv.slice(2) as [PayloadName, string, string]
const { path, headers, body } = payloads()[payload]
const folder = mkdtempSync(join(tmpdir(), 'posthorn-bench-'))
try {
  const script = join(folder, 'request.lua')
  writeFileSync(script, lua())
  const options = ['-t1', '-c64', `-d${seconds}s`, '--latency', '-s', script, `http://127.0.0.1:${port}${path}`]
  const printed = execFileSync('wrk', options, { encoding: 'utf8' })
  const answered = Number(/(\d+) requests in/.exec(printed)![1])
  const refused = Number(/Non-2xx or 3xx responses: (\d+)/.exec(printed)?.[1] ?? 0)
  const rate = Number(/Requests\/sec:\s+([\d.]+)/.exec(printed)![1])
  console.log(
    JSON.stringify({ answered, failed: refused, rate, p99: milliseconds(/99%\s+([\d.]+)(us|ms|s)/.exec(printed)!) })
  )
} finally {
  rmSync(folder, { recursive: true })
}

function lua(): string {
  const fields = Object.entries(headers).map(([name, value]) => `wrk.headers[${quoted(name)}] = ${quoted(value)}`)
  return ['wrk.method = "POST"', ...fields, `wrk.body = ${quoted(body.toString())}`].join('\n')
}

function quoted(text: string): string {
  return `"${text.replace(/[\\"]/g, '\\$&').replaceAll('\n', '\\n')}"`
}

function milliseconds([, number, unit]: RegExpExecArray): number {
  return Number(number) * { us: 0.001, ms: 1, s: 1000 }[unit as 'us' | 'ms' | 's']
}
