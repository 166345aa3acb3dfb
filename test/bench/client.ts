/** Sends one payload as fast as it is answered: `node client.ts <payload> <port> <seconds>`, result as JSON. */
import autocannon from 'autocannon'
import { type PayloadName, payloads } from './payloads.ts'

const [payload, port, seconds] = process.argv.slice(2) as [PayloadName, string, string]
const { path, headers, body } = payloads()[payload]
const result = await autocannon({
  url: `http://127.0.0.1:${port}${path}`,
  method: 'POST',
  headers,
  body,
  connections: 64,
  duration: Number(seconds)
})
const { '2xx': answered, non2xx, errors, timeouts, duration, latency } = result
console.log(
  JSON.stringify({ answered, failed: non2xx + errors + timeouts, rate: answered / duration, p99: latency.p99 })
)
