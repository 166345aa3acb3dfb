/** The honest client: signed requests, one after the other, each timed. In a process of its own, so that it is not slowed by attackers. */
import { Agent, request } from 'node:http'
import { signedPush } from '../../plugin/app.ts'

const PAUSE = 5
const port = Number(process.argv[2])
const agent = new Agent({ keepAlive: true, maxSockets: 1 })
const { headers, url, payload } = await signedPush()

export interface Measured {
  readonly count: number
  readonly failed: number
  readonly p50: number
  readonly p99: number
  readonly worst: number
}

function send(): Promise<number | undefined> {
  return new Promise(resolve => {
    const sent = request({
      agent,
      host: '127.0.0.1',
      port,
      path: url,
      method: 'POST',
      headers: { ...headers, 'content-length': payload.length }
    })
    sent.on('response', response => response.resume().on('end', () => resolve(response.statusCode)))
    sent.on('error', () => resolve(undefined))
    sent.end(payload)
  })
}

async function measure(seconds: number): Promise<Measured> {
  const times: number[] = []
  let failed = 0
  const end = performance.now() + seconds * 1000
  while (performance.now() < end) {
    const start = performance.now()
    if ((await send()) !== 200) failed++
    times.push(performance.now() - start)
    await new Promise(resolve => setTimeout(resolve, PAUSE))
  }
  times.sort((a, b) => a - b)
  const at = (part: number) => times[Math.min(times.length - 1, Math.floor(times.length * part))]!
  return { count: times.length, failed, p50: at(0.5), p99: at(0.99), worst: at(1) }
}

process.on('message', async (seconds: number) => process.send!(await measure(seconds)))
process.on('disconnect', () => process.exit())
process.send!('ready')
