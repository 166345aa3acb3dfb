import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mailchimp } from '../../receivers/mailchimp.ts'
import { receive } from '../../src/receive.ts'

const code = '01234567890123456789012345678901'

function ask(method: string, search: string, body = '') {
  const headers = { 'content-type': 'application/x-www-form-urlencoded' }
  const request = { method, url: `https://example.com/mailchimp${search}`, headers, body: Buffer.from(body) }
  return receive(mailchimp, '', request, { secrets: [code], settings: {}, fetch }, new Date())
}

test('the check of the URL needs the right code', async () => {
  assert.equal((await ask('GET', `?code=${code}`)).kind, 'answered')
  for (const search of ['', '?code=', `?code=${code}0`, `?code=${code}&code=${code}`]) {
    const outcome = await ask('GET', search)
    assert.equal(outcome.kind, 'rejected', search)
    assert.equal(outcome.reply.status, 401, search)
  }
})

test('HEAD is not allowed', async () => {
  assert.equal((await ask('HEAD', `?code=${code}`)).reply.status, 405)
})

test('nested fields arrive as objects, and nobody behind the proof sees the code', async () => {
  const outcome = await ask(
    'POST',
    `?code=${code}`,
    'type=subscribe&data%5Bmerges%5D%5BFNAME%5D=Ada&data[merges][tag]=x'
  )
  assert(outcome.kind === 'accepted')
  const [delivery] = outcome.deliveries
  assert.deepEqual(delivery?.data, { type: 'subscribe', data: { merges: { FNAME: 'Ada', tag: 'x' } } })
  assert.equal(delivery?.raw().url, 'https://example.com/mailchimp?code=***')
})

test('an empty or foreign form is no event', async () => {
  for (const body of ['', 'data=1', 'type[a]=1&data[email]=a', 'type=&fired_at[toString]=x']) {
    const outcome = await ask('POST', `?code=${code}`, body)
    assert(outcome.kind === 'rejected', body)
    assert.equal(outcome.stage, 'body', body)
  }
})
