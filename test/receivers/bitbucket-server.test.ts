import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import { bitbucketServer } from '../../receivers/bitbucket-server.ts'
import { receive } from '../../src/receive.ts'

const secret = 'a secret of the ping tests'
const body = Buffer.from('{"test": true}')
const signature = `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`

async function answer(headers: Record<string, string | string[]>, method = 'POST') {
  const request = { method, url: 'https://example.com/bitbucket-server', headers, body }
  const outcome = await receive(bitbucketServer, '', request, { secrets: [secret], settings: {}, fetch }, new Date())
  return `${outcome.kind} ${outcome.reply.status}`
}

test('a ping is answered without a signature, or with the right one', async () => {
  assert.equal(await answer({ 'x-event-key': 'diagnostics:ping' }), 'answered 200')
  assert.equal(await answer({ 'x-event-key': 'diagnostics:ping', 'x-hub-signature': signature }), 'answered 200')
})

test('a ping with a wrong signature is refused: the connection test shows the wrong secret', async () => {
  const ping = { 'x-event-key': 'diagnostics:ping' }
  assert.equal(await answer({ ...ping, 'x-hub-signature': signature.replace(/.$/, '!') }), 'rejected 401')
  assert.equal(await answer({ ...ping, 'x-hub-signature': `sha256=${'0'.repeat(64)}` }), 'rejected 401')
  assert.equal(await answer({ ...ping, 'x-hub-signature': '' }), 'rejected 401')
  assert.equal(await answer({ ...ping, 'x-hub-signature': [signature, signature] }), 'rejected 401')
})

test('nothing else passes without a signature', async () => {
  assert.equal(await answer({ 'x-event-key': 'repo:refs_changed' }), 'rejected 401')
  assert.equal(await answer({ 'x-event-key': ['diagnostics:ping', 'repo:refs_changed'] }), 'rejected 401')
  assert.equal(await answer({}), 'rejected 401')
  assert.equal(await answer({ 'x-event-key': 'diagnostics:ping' }, 'GET'), 'rejected 405')
})
