import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import { notion } from '../../receivers/notion.ts'
import { type Outcome, receive } from '../../src/receive.ts'

const SECRET = 'secret_0123456789abcdefghijklmnop'
const OFFERED = 'secret_offeredBySomebody0123456789'

async function send(body: object, key: string): Promise<Outcome> {
  const text = JSON.stringify(body)
  const signature = `sha256=${createHmac('sha256', key).update(text).digest('hex')}`
  const request = {
    method: 'POST',
    url: 'https://example.com/hooks/notion',
    headers: { 'content-type': 'application/json', 'x-notion-signature': signature },
    body: Buffer.from(text)
  }
  return receive(notion, '', request, { secrets: [SECRET], settings: {}, fetch }, new Date())
}

test('an offered token is answered and shown, and proves no event afterwards', async () => {
  const offered = await send({ verification_token: OFFERED }, OFFERED)
  assert.equal(offered.kind === 'answered' && offered.reply.status, 200)
  assert.match((offered.kind === 'answered' && offered.notice) || '', new RegExp(OFFERED))
  const event = await send({ id: '1', type: 'page.created' }, OFFERED)
  assert.equal(event.kind === 'rejected' && event.reason, 'signature-mismatch')
})

test('what is no token, or has something beside it, is not shown', async () => {
  for (const body of [
    { verification_token: 'secret_with a space 0123456789' },
    { verification_token: `${OFFERED}\n` },
    { verification_token: 'secret_' },
    { verification_token: OFFERED, type: 'page.created' }
  ]) {
    const outcome = await send(body, body.verification_token)
    assert.equal(outcome.kind === 'rejected' && outcome.reason, 'signature-mismatch')
  }
})
