import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import { mailgun } from '../../receivers/mailgun.ts'
import { receive } from '../../src/receive.ts'
import type { WebhookRequest } from '../../src/receiver.ts'

const KEY = '4f1d0a7be3c96852f4a7b0c1d2e3f405'
const now = new Date('2026-07-03T10:00:00Z')
const timestamp = '1783072800'
const token = '0a9b8c7d6e5f4a3b2c1d0e9f8a7b6c5d4e3f2a1b0c9d8e7f6a'
const signature = createHmac('sha256', KEY)
  .update(timestamp + token)
  .digest('hex')

const received = (request: WebhookRequest) =>
  receive(mailgun, '', request, { secrets: [KEY], settings: {}, fetch }, now)

function post(type: string, body: string | Uint8Array): WebhookRequest {
  return {
    method: 'POST',
    url: 'https://example.com/mailgun',
    headers: { 'content-type': type },
    body: Buffer.from(body)
  }
}

function multipart(fields: Record<string, string>): WebhookRequest {
  const parts = Object.entries(fields).map(
    ([name, value]) => `--b0undary\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`
  )
  const file =
    '--b0undary\r\ncontent-disposition: form-data; name="attachment-1"; filename="a.png"\r\ncontent-type: image/png\r\n\r\n\x89PNG\r\n'
  return post(
    'multipart/form-data; boundary=b0undary',
    Buffer.from(`${parts.join('')}${file}--b0undary--\r\n`, 'latin1')
  )
}

const mail = { recipient: 'support@mg.example.com', sender: 'bob@example.org', 'Message-Id': '<1@example.org>' }

test('a received mail with an attachment is multipart, with the proof in parts of it', async () => {
  const outcome = await received(multipart({ ...mail, timestamp, token, signature }))
  assert.ok(outcome.kind === 'accepted')
  const [{ event, id, subject, data } = assert.fail()] = outcome.deliveries
  assert.deepEqual({ event, id, subject }, { event: 'inbound', id: token, subject: '<1@example.org>' })
  assert.equal(data['attachment-1'].filename, 'a.png')
})

test('a multipart body is signed by writing into the parts it has', async () => {
  const unsigned = multipart({ ...mail, timestamp: '', token: '', signature: '' })
  const signed = await mailgun.scheme.sign!(unsigned, KEY, now)
  assert.equal((await received(signed)).kind, 'accepted')
  const changed = Buffer.from(signed.body).toString('latin1').replace(timestamp, '1783072801')
  assert.equal((await received({ ...signed, body: Buffer.from(changed, 'latin1') })).kind, 'rejected')
})

const FORM = 'application/x-www-form-urlencoded'
const large = `body-mime=${'a%0D%0A'.repeat(300_000)}&${new URLSearchParams(mail)}`

test('a whole mail in a form is larger than what is parsed before the proof, and proves itself nevertheless', async () => {
  const proof = new URLSearchParams({ timestamp, token, signature })
  for (const body of [`${large}&${proof}`, `${proof}&${large}`]) {
    const outcome = await received(post(FORM, body))
    assert.equal(outcome.kind === 'accepted' && outcome.deliveries[0]!.subject, '<1@example.org>')
  }
})

test('in a form of that size, too, a proof is refused that is doubled, someone else’s or in the name of another field', async () => {
  const bodies = [
    `${large}&timestamp=${timestamp}&token=${token}&token=${token}&signature=${signature}`,
    `${large}&timestamp=${timestamp}&token=${token}0&signature=${signature}`,
    `${large}&timestamp=${timestamp}&xtoken=${token}&signature=${signature}`,
    `${large}&timestamp=${timestamp}&token=${token}&signature=${signature}${'0'.repeat(2000)}`
  ]
  for (const body of bodies) {
    const outcome = await received(post(FORM, body))
    assert.equal(outcome.kind === 'rejected' && outcome.stage, 'proof')
  }
})

test('a failed proof is a 401, which Mailgun retries; a body that can’t be used a 406, which it does not', async () => {
  const json = (value: object) => post('application/json', JSON.stringify(value))
  const wrong = await received(json({ signature: { timestamp, token, signature: '0'.repeat(64) }, 'event-data': {} }))
  const shapeless = await received(json({ signature: { timestamp, token, signature }, 'event-data': {} }))
  assert.equal(wrong.kind === 'rejected' && wrong.reply.status, 401)
  assert.equal(shapeless.kind === 'rejected' && shapeless.reply.status, 406)
})

test('a time that is none is left out: nothing of the event is signed', async () => {
  for (const time of [1e300, -1, Number.NaN, 'soon', '', {}, []]) {
    const body = { signature: { timestamp, token, signature }, 'event-data': { event: 'opened', timestamp: time } }
    const outcome = await received(post('application/json', JSON.stringify(body)))
    assert.ok(outcome.kind === 'accepted')
    assert.equal(outcome.deliveries[0]!.occurredAt, undefined)
  }
})
