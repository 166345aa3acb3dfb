import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import { woocommerce } from '../../receivers/woocommerce.ts'
import { receive } from '../../src/receive.ts'

const form = 'application/x-www-form-urlencoded'

function ask(
  method: string,
  body: string,
  headers: Record<string, string | string[]>,
  secret = 'a secret of WooCommerce'
) {
  const request = { method, url: 'https://example.com/woocommerce', headers, body: Buffer.from(body) }
  return receive(woocommerce, '', request, { secrets: [secret], settings: {}, fetch }, new Date())
}

function sign(body: string, key: string): string {
  return createHmac('sha256', key).update(body).digest('base64')
}

test('the ping of a webhook that is saved is answered, whatever its content type', async () => {
  for (const type of [form, `${form}; charset=UTF-8`, 'text/plain']) {
    const outcome = await ask('POST', 'webhook_id=17', { 'content-type': type })
    assert.equal(outcome.kind, 'answered', type)
    assert.deepEqual(outcome.reply, { status: 200 })
  }
})

test('what is only like the ping must prove itself', async () => {
  const bodies = [
    '',
    'webhook_id=',
    'webhook_id=a',
    'webhook_id=1\n',
    'webhook_id=1&id=2',
    ' webhook_id=1',
    '{"webhook_id":1}'
  ]
  for (const body of [...bodies, `webhook_id=${'1'.repeat(100)}`]) {
    const outcome = await ask('POST', body, { 'content-type': form })
    assert(outcome.kind === 'rejected', body)
    assert.equal(outcome.reason, 'signature-missing')
    assert.equal(outcome.reply.status, 401)
  }
})

test('a ping with a signature is judged by it', async () => {
  for (const signature of ['', 'wrong', sign('webhook_id=1', 'another secret'), ['a', 'b']]) {
    const outcome = await ask('POST', 'webhook_id=1', { 'x-wc-webhook-signature': signature })
    assert(outcome.kind === 'rejected')
    assert.equal(outcome.stage, 'proof')
  }
})

test('a ping by another method is not allowed', async () => {
  for (const method of ['GET', 'HEAD', 'PUT']) {
    assert.equal((await ask(method, 'webhook_id=1', { 'content-type': form })).reply.status, 405)
  }
})

test('the secret is the text of the settings page, not the entities of the database', async () => {
  const headers = {
    'x-wc-webhook-topic': 'order.deleted',
    'x-wc-webhook-signature': sign('{"id":1}', `it's a <b> & "c"`)
  }
  assert.equal((await ask('POST', '{"id":1}', headers, `it's a <b> & "c"`)).kind, 'accepted')
  const stored = await ask('POST', '{"id":1}', headers, 'it&#039;s a &lt;b&gt; &amp; &quot;c&quot;')
  assert(stored.kind === 'rejected')
  assert.equal(stored.reason, 'signature-mismatch')
})
