import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import { pusher } from '../../receivers/pusher.ts'

const request = { method: 'POST', url: 'https://example.com/pusher', headers: {}, body: Buffer.from('{"events":[]}') }
const now = new Date('2026-07-03T10:00:00Z')

test('a configured secret without a colon signs and proves nothing', async () => {
  assert.throws(() => pusher.scheme.sign!(request, 'a1b2c3d4e5f6a7b8c9d0', now), TypeError)
  const signed = await pusher.scheme.sign!(request, 'a1b2c3d4e5f6a7b8c9d0:s3cret', now)
  for (const secret of ['a1b2c3d4e5f6a7b8c9d0', 'a1b2c3d4e5f6a7b8c9d0:', 's3cret', ':s3cret']) {
    const verdict = await pusher.scheme.verify(signed, { secrets: [secret], settings: {}, fetch }, now)
    assert.deepEqual(verdict, { ok: false, reason: 'signature-mismatch' })
  }
})

test('only the first colon splits', async () => {
  const signed = await pusher.scheme.sign!(request, 'key:with:colons', now)
  assert.equal(signed.headers['x-pusher-key'], 'key')
  const verdict = await pusher.scheme.verify(
    signed,
    { secrets: ['key:with', 'key:with:colons'], settings: {}, fetch },
    now
  )
  assert.deepEqual(verdict, { ok: true, secret: 1 })
})

test('a configured secret is a key and a secret, hardly shorter than Pusher makes them', () => {
  assert.deepEqual(pusher.scheme.key, { min: 36 })
})

test('a secret with a colon in it is used as it is', async () => {
  const signed = await pusher.scheme.sign!(request, 'key:with:colons', now)
  const expected = createHmac('sha256', 'with:colons').update(request.body).digest('hex')
  assert.equal(signed.headers['x-pusher-signature'], expected)
})
