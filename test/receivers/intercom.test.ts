import assert from 'node:assert/strict'
import { test } from 'node:test'
import { intercom } from '../../receivers/intercom.ts'
import { receive } from '../../src/receive.ts'

const credentials = { secrets: ['a client secret of Intercom'], settings: {}, fetch }

function ask(method: string) {
  return receive(intercom, '', { method, url: '/', headers: {}, body: Buffer.of() }, credentials, new Date())
}

test('a HEAD is answered, and is no way in for anything else', async () => {
  const outcome = await ask('HEAD')
  assert.equal(outcome.kind, 'answered')
  assert.deepEqual(outcome.reply, { status: 200 })
  assert.equal((await ask('GET')).reply.status, 405)
  assert.equal((await ask('POST')).reply.status, 401)
})
