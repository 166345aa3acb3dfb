import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import { contentful } from '../../receivers/contentful.ts'
import { type Outcome, receive } from '../../src/receive.ts'

const SECRET = 'a'.repeat(32) + 'b'.repeat(32)
const NOW = new Date('2026-07-03T10:00:00Z')
const BODY = '{"sys":{"id":"4o19gh","type":"Entry"}}'
const LIST = 'x-contentful-signed-headers'

const headers = {
  'x-contentful-topic': 'ContentManagement.Entry.publish',
  'x-contentful-idempotency-key': '94516f9a',
  'x-contentful-timestamp': String(NOW.getTime())
}

/** Signed as Contentful does, with these headers in the list. */
async function send(listed: string[], path = '/hooks', signedPath = path, more: object = {}): Promise<Outcome> {
  const all: Record<string, string> = { ...headers, [LIST]: listed.join(',') }
  const lines = listed.map(name => `${name}:${all[name] ?? ''}`).join(';')
  const mac = createHmac('sha256', SECRET).update(`POST\n${signedPath}\n${lines}\n${BODY}`).digest('hex')
  const request = {
    method: 'POST',
    url: `https://example.com${path}`,
    headers: { ...all, ...more, 'x-contentful-signature': mac },
    body: Buffer.from(BODY)
  }
  return receive(contentful, '', request, { secrets: [SECRET], settings: {}, fetch }, NOW)
}

function reasonOf(outcome: Outcome): string {
  return outcome.kind === 'rejected' ? outcome.reason : outcome.kind
}

const all = [LIST, ...Object.keys(headers)].sort()
const without = (name: string) => all.filter(each => each !== name)

test('an event must be signed to be one, an id to be the id', async () => {
  const whole = await send(all)
  assert.ok(whole.kind === 'accepted')
  assert.equal(whole.deliveries[0]!.id, '94516f9a')
  assert.equal(reasonOf(await send(without('x-contentful-topic'))), 'event-missing')
  const anonymous = await send(without('x-contentful-idempotency-key'))
  assert.ok(anonymous.kind === 'accepted')
  assert.equal(anonymous.deliveries[0]!.id, undefined)
})

test('the time and the list itself must be in the list', async () => {
  assert.equal(reasonOf(await send(without('x-contentful-timestamp'))), 'signature-mismatch')
  assert.equal(reasonOf(await send(without(LIST))), 'signature-mismatch')
  assert.equal(reasonOf(await send([])), 'signature-mismatch')
})

test('a header that is listed must be there, once', async () => {
  assert.equal(reasonOf(await send([...all, 'x-other'])), 'signature-mismatch')
  assert.equal(reasonOf(await send([...all, 'constructor'])), 'signature-mismatch')
  const topic = headers['x-contentful-topic']
  assert.equal(
    reasonOf(await send(all, '/hooks', '/hooks', { 'x-contentful-topic': [topic, topic] })),
    'signature-mismatch'
  )
  assert.equal(reasonOf(await send(all, '/hooks', '/hooks', { 'x-contentful-topic': ` ${topic} ` })), 'accepted')
})

test('the query is escaped twice, and may have been signed as it was entered', async () => {
  assert.equal(reasonOf(await send(all, '/hooks?a=1', '/hooks?a%253D1')), 'accepted')
  assert.equal(reasonOf(await send(all, '/hooks?a=b%20c', '/hooks?a%253Db%2520c')), 'accepted')
  assert.equal(reasonOf(await send(all, '/h%C3%A4k', '/h%C3%A4k')), 'accepted')
  assert.equal(reasonOf(await send(all, '/hooks?a=2', '/hooks?a%253D1')), 'signature-mismatch')
  assert.equal(reasonOf(await send(all, '/hooks?a=1?b', '/hooks?a%253D1')), 'signature-mismatch')
  assert.equal(reasonOf(await send(all, '/hooks?a=%', '/hooks?a%253D%2525')), 'accepted')
  assert.equal(reasonOf(await send(all, '/hooks?a=\ud800', '/hooks')), 'signature-mismatch')
})
