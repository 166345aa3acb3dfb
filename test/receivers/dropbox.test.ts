import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import { dropbox } from '../../receivers/dropbox.ts'
import { receive } from '../../src/receive.ts'

const secret = 'fifteen0letters'
const credentials = { secrets: [secret], settings: {}, fetch }

function ask(method: string, search: string) {
  const request = { method, url: `https://example.com/dropbox${search}`, headers: {}, body: Buffer.alloc(0) }
  return receive(dropbox, '', request, credentials, new Date())
}

function notify(payload: unknown) {
  const body = Buffer.from(JSON.stringify(payload))
  const headers = { 'x-dropbox-signature': createHmac('sha256', secret).update(body).digest('hex') }
  const request = { method: 'POST', url: 'https://example.com/dropbox', headers, body }
  return receive(dropbox, '', request, credentials, new Date())
}

test('a challenge is echoed as text that no browser takes for a page', async () => {
  assert.deepEqual(await ask('GET', '?challenge=%3Cscript%3E'), {
    kind: 'answered',
    reply: {
      status: 200,
      headers: { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' },
      body: '<script>'
    },
    notice: undefined
  })
})

test('a challenge that is missing, empty or there twice is refused', async () => {
  for (const search of ['', '?challenge=', '?challenge=a&challenge=b', '?Challenge=a']) {
    const outcome = await ask('GET', search)
    assert(outcome.kind === 'rejected', search)
    assert.equal(outcome.reason, 'challenge-malformed')
    assert.equal(outcome.reply.status, 400)
  }
})

test('HEAD is not allowed', async () => {
  const outcome = await ask('HEAD', '?challenge=a')
  assert(outcome.kind === 'rejected')
  assert.equal(outcome.reply.status, 405)
  assert.equal(outcome.reply.headers?.allow, 'POST, GET')
})

test('each account gets a delivery with the body that tells of it alone', async () => {
  const outcome = await notify({ list_folder: { accounts: ['dbid:a', 'dbid:b'] }, delta: { users: [1, 2] } })
  assert(outcome.kind === 'accepted')
  assert.deepEqual(
    outcome.deliveries.map(({ data }) => data),
    [{ list_folder: { accounts: ['dbid:a'] } }, { list_folder: { accounts: ['dbid:b'] } }]
  )
})

test('a notification in another shape stays whole, so that nothing proven is lost', async () => {
  const payload = { list_folder: { teams: { 'dbtid:t': ['dbmid:m'] } } }
  const outcome = await notify(payload)
  assert(outcome.kind === 'accepted')
  assert.deepEqual(
    outcome.deliveries.map(({ event, data }) => ({ event, data })),
    [{ event: 'change', data: payload }]
  )
})

test('a body that is no notification has no event', async () => {
  for (const payload of [{}, [], { list_folder: null }]) {
    const outcome = await notify(payload)
    assert(outcome.kind === 'rejected')
    assert.equal(outcome.reason, 'event-missing')
  }
})

test('a secret may be as short as Dropbox makes it, and not shorter', () => {
  assert.deepEqual(dropbox.scheme.key, { min: 15 })
})
