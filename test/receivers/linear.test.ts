import assert from 'node:assert/strict'
import { test } from 'node:test'
import { linear } from '../../receivers/linear.ts'
import { receive } from '../../src/receive.ts'

const SECRET = 'a secret of Linear, long enough'
const NOW = 1_700_000_000_000
const credentials = { secrets: [SECRET], settings: {}, fetch }

/** What comes of a body that Linear signed. */
async function outcomeOf(body: string, type = 'application/json'): Promise<string> {
  const bare = { method: 'POST', url: '/', headers: { 'content-type': type }, body: Buffer.from(body) }
  const signed = await linear.scheme.sign!(bare, SECRET, new Date(NOW))
  const outcome = await receive(linear, '', signed, credentials, new Date(NOW))
  return outcome.kind === 'rejected' ? outcome.reason : outcome.kind
}

function bodyAt(time: unknown): string {
  return JSON.stringify({ type: 'Issue', action: 'create', webhookTimestamp: time })
}

test('the time in the body counts for a minute, both ways', async () => {
  for (const apart of [60_000, -60_000, 0]) assert.equal(await outcomeOf(bodyAt(NOW + apart)), 'accepted')
  for (const apart of [60_001, -60_001]) {
    assert.equal(await outcomeOf(bodyAt(NOW + apart)), 'timestamp-outside-tolerance')
  }
})

test('no content type, which nobody signs, hides an old time', async () => {
  for (const type of ['application/x-www-form-urlencoded', 'text/plain', 'text/xml', 'multipart/form-data', '', ';']) {
    assert.equal(await outcomeOf(bodyAt(NOW - 3_600_000), type), 'timestamp-outside-tolerance', type)
  }
})

test('what should be a time and is none is refused', async () => {
  for (const time of [null, '', 'yesterday', 17e8 + 0.5, -1, {}, [NOW]]) {
    assert.equal(await outcomeOf(bodyAt(time)), 'timestamp-malformed', JSON.stringify(time))
  }
})

test('a body without a time is proven by its signature alone', async () => {
  assert.equal(await outcomeOf('{"type":"Issue","action":"create"}'), 'accepted')
  assert.equal(await outcomeOf('{"type":"Issue"}'), 'event-missing')
  assert.equal(await outcomeOf('{"webhookTimestamp":'), 'body-malformed')
})

test('the header with the time proves nothing, as it is not signed', async () => {
  const headers = { 'content-type': 'application/json', 'linear-timestamp': '1' }
  const bare = { method: 'POST', url: '/', headers, body: Buffer.from(bodyAt(NOW)) }
  const signed = await linear.scheme.sign!(bare, SECRET, new Date(NOW))
  assert.equal((await receive(linear, '', signed, credentials, new Date(NOW))).kind, 'accepted')
})
