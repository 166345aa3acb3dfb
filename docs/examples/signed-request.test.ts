import assert from 'node:assert/strict'
import { test } from 'node:test'
import { stripe } from 'posthorn/receivers/stripe'
import { signedRequest } from 'posthorn/testing'

test('a request of Stripe, for any server', async () => {
  const secret = 'whsec_of-the-server-under-test'
  const { method, headers, body } = await signedRequest(stripe, 'invoice.paid', undefined, { secret })
  // await fetch('http://localhost:3000/api/webhooks/incoming/stripe', { method, headers, body })
  assert.equal(method, 'POST')
  assert.match(String(headers['stripe-signature']), /^t=\d+,v1=/)
  assert.match(Buffer.from(body).toString(), /"invoice\.paid"/)
})
