/**
 * The proof alone, in one process: `node verify.ts <rounds>`. The same signed 2 KB body goes in turns to `standardwebhooks`
 * and to our scheme. That package parses the JSON as well; so ours is measured with and without `JSON.parse`.
 */
import { Webhook } from 'standardwebhooks'
import { STANDARD_SECRET } from './payloads.ts'
import { standard } from './standard.ts'

const TIMES = 20_000
const GOAL = 5

const event = { type: 'invoice.paid', data: { id: 'in_1PgVBa2eZvKYlo2C', lines: '' } }
const body = Buffer.from(JSON.stringify({ ...event, padding: 'x'.repeat(2048 - JSON.stringify(event).length - 13) }))
const official = new Webhook(STANDARD_SECRET)
const now = new Date()
const headers = {
  'webhook-id': 'msg_2KWPBgLlAfxdpx2AI54pPJ85f4W',
  'webhook-timestamp': String(Math.floor(now.getTime() / 1000)),
  'webhook-signature': official.sign('msg_2KWPBgLlAfxdpx2AI54pPJ85f4W', now, body.toString())
}
const request = { method: 'POST', url: 'http://localhost/', headers, body }
const credentials = { secrets: [STANDARD_SECRET], settings: {}, fetch }

const contestants = {
  standardwebhooks: () => void official.verify(body, headers),
  'posthorn, proof': verify,
  'posthorn, proof and JSON.parse': () => {
    verify()
    JSON.parse(body.toString())
  }
}

function verify(): void {
  // This scheme answers at once, without a promise.
  const verdict = standard.scheme.verify(request, credentials, new Date())
  if (verdict instanceof Promise || !verdict.ok) throw new Error('The proof failed.')
}

/** Microseconds of processor time for one. */
function cost(contestant: () => void): number {
  const before = process.cpuUsage()
  for (let index = 0; index < TIMES; index++) contestant()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / TIMES
}

const costs = new Map(Object.keys(contestants).map(name => [name, [] as number[]]))
for (let round = -1; round < Number(process.argv[2]); round++) {
  for (const [name, contestant] of Object.entries(contestants)) {
    const measured = cost(contestant)
    // The first round does not count, as for the servers.
    if (round >= 0) costs.get(name)!.push(measured)
  }
}

const theirs = median(costs.get('standardwebhooks')!)
console.log('| proof of 2 KB | CPU µs | times standardwebhooks | goal | |\n| --- | ---: | ---: | ---: | --- |')
for (const [name, measured] of costs) {
  const ratio = theirs / median(measured)
  const judged = name === 'posthorn, proof' ? `${GOAL.toFixed(2)} | ${ratio >= GOAL ? 'reached' : 'missed'}` : ' | '
  console.log(`| ${name} | ${median(measured).toFixed(1)} | ${ratio.toFixed(2)} | ${judged} |`)
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!
}
