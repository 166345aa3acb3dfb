import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import { zoom } from '../../receivers/zoom.ts'
import { receive } from '../../src/receive.ts'

const NEW = 'the-new-secret-token-01'
const OLD = 'the-old-secret-token-01'
const time = '1783072800'

function check(body: string, key: string) {
  const signature = createHmac('sha256', key).update(`v0:${time}:${body}`).digest('hex')
  const headers = { 'x-zm-request-timestamp': time, 'x-zm-signature': `v0=${signature}` }
  const request = { method: 'POST', url: 'https://example.com/zoom', headers, body: Buffer.from(body) }
  return receive(zoom, '', request, { secrets: [NEW, OLD], settings: {}, fetch }, new Date(Number(time) * 1000))
}

test('while a secret is replaced, the check of the URL is answered with the one that Zoom has', async () => {
  for (const key of [NEW, OLD]) {
    const outcome = await check('{"event":"endpoint.url_validation","payload":{"plainToken":"abc"}}', key)
    const encryptedToken = createHmac('sha256', key).update('abc').digest('hex')
    assert.deepEqual(outcome.kind === 'answered' && outcome.reply.body, { plainToken: 'abc', encryptedToken })
  }
})

test('a check of the URL without its token is refused', async () => {
  for (const body of ['{"event":"endpoint.url_validation"}', '{"event":"endpoint.url_validation","payload":{}}']) {
    const outcome = await check(body, NEW)
    assert.equal(outcome.kind === 'rejected' && outcome.reply.status, 400)
  }
})
