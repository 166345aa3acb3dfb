import assert from 'node:assert/strict'
import { test } from 'node:test'
import { awsSns } from '../../receivers/aws-sns.ts'
import { receive } from '../../src/receive.ts'
import type { WebhookRequest } from '../../src/receiver.ts'
import { leafOfLookalikes } from '../schemes/certificates.ts'

const topic = 'arn:aws:sns:us-east-1:123456789012:MyTopic'
const now = new Date('2026-01-01T00:00:00Z')
const keys = awsSns.scheme.testKeys!()

const notification = {
  Type: 'Notification',
  MessageId: '22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324',
  TopicArn: topic,
  Subject: 'Hello',
  Message: 'First\nSecond',
  Timestamp: '2026-01-01T00:00:00.000Z'
}
const confirmation = {
  Type: 'SubscriptionConfirmation',
  MessageId: '165545c9-2a5c-472c-8df2-7ff2be2b3b1b',
  TopicArn: topic,
  Token: '2336412f37',
  Message: 'You have chosen to subscribe.\nVisit the SubscribeURL.',
  SubscribeURL: `https://sns.us-east-1.amazonaws.com/?Action=ConfirmSubscription&TopicArn=${topic}&Token=2336412f37`,
  Timestamp: '2026-01-01T00:00:00.000Z'
}

async function signed(message: object): Promise<WebhookRequest> {
  const headers = { 'content-type': 'text/plain; charset=UTF-8' }
  const body = Buffer.from(JSON.stringify(message))
  return awsSns.scheme.sign!({ method: 'POST', url: '/', headers, body }, keys.sign, now)
}

/** The request with some of its JSON changed behind the signature. */
function altered(request: WebhookRequest, changes: object): WebhookRequest {
  const message = { ...JSON.parse(Buffer.from(request.body).toString()), ...changes }
  return { ...request, body: Buffer.from(JSON.stringify(message)) }
}

interface Subscriptions {
  readonly status?: number
  readonly visited?: { url: string; cache: string | undefined }[]
}

function received(request: WebhookRequest, settings = { topic } as Record<string, string>, sns: Subscriptions = {}) {
  const visit: typeof fetch = async (url, init) => {
    if (!String(url).includes('?')) return keys.credentials.fetch!(url)
    sns.visited?.push({ url: String(url), cache: init?.cache })
    if (sns.status === undefined) throw new Error('down')
    return new Response(null, { status: sns.status })
  }
  return receive(awsSns, '', request, { secrets: [], settings, fetch: visit }, now)
}

async function reasonFor(request: WebhookRequest, settings?: Record<string, string>): Promise<string> {
  const outcome = await received(request, settings)
  return outcome.kind === 'rejected' ? outcome.reason : outcome.kind
}

test('a listed topic is confirmed at SNS, past every cache, and the operator hears of it', async () => {
  const visited: Subscriptions['visited'] = []
  const outcome = await received(await signed(confirmation), { topic }, { status: 200, visited })
  assert.deepEqual(outcome, {
    kind: 'answered',
    reply: { status: 200 },
    notice: `The subscription to ${topic} is confirmed.`
  })
  assert.deepEqual(visited, [{ url: confirmation.SubscribeURL, cache: 'no-store' }])
})

test('a confirmation that fails is asked for again', async () => {
  for (const status of [403, 500, undefined]) {
    const outcome = await received(await signed(confirmation), { topic }, status === undefined ? {} : { status })
    assert.equal(outcome.kind === 'answered' && outcome.reply.status, 503)
  }
})

test('nothing but a confirmation at SNS is ever visited', async () => {
  const urls = [
    'http://sns.us-east-1.amazonaws.com/?Action=ConfirmSubscription&Token=1',
    'https://sns.us-east-1.amazonaws.com.evil.test/?Action=ConfirmSubscription&Token=1',
    'https://sns.us-east-1.amazonaws.com@evil.test/?Action=ConfirmSubscription&Token=1',
    'https://sns.s3-us-west-2.amazonaws.com/?Action=ConfirmSubscription&Token=1',
    'https://sns.us-east-1.amazonaws.com:8443/?Action=ConfirmSubscription&Token=1',
    'https://sns.us-east-1.amazonaws.com/?Action=DeleteTopic&Token=1'
  ]
  for (const SubscribeURL of urls) {
    const visited: Subscriptions['visited'] = []
    const outcome = await received(await signed({ ...confirmation, SubscribeURL }), { topic }, { status: 200, visited })
    assert.equal(outcome.kind === 'rejected' && outcome.reason, 'challenge-malformed', SubscribeURL)
    assert.deepEqual(visited, [])
  }
})

test('a confirmation for another topic, or with a changed URL, visits nothing', async () => {
  const visited: Subscriptions['visited'] = []
  const request = await signed(confirmation)
  const strange = await received(request, { topic: `${topic}2` }, { status: 200, visited })
  assert.equal(strange.kind === 'rejected' && strange.reason, 'origin-not-allowed')
  const changed = altered(request, { SubscribeURL: `${confirmation.SubscribeURL}0` })
  const forged = await received(changed, { topic }, { status: 200, visited })
  assert.equal(forged.kind === 'rejected' && forged.reason, 'signature-mismatch')
  assert.deepEqual(visited, [])
})

test('an ended subscription is not restored', async () => {
  const visited: Subscriptions['visited'] = []
  const request = await signed({ ...confirmation, Type: 'UnsubscribeConfirmation' })
  const outcome = await received(request, { topic }, { status: 200, visited })
  assert.equal(outcome.kind === 'answered' && outcome.reply.status, 200)
  assert.deepEqual(visited, [])
})

test('without a listed topic nothing is proven', async () => {
  const request = await signed(notification)
  assert.equal(await reasonFor(request), 'accepted')
  assert.equal(await reasonFor(request, { topic: `arn:aws:sns:us-east-1:1:Other  ${topic}` }), 'accepted')
  for (const settings of [{}, { topic: '' }, { topic: `${topic}2` }, { topic: 'undefined' }]) {
    assert.equal(await reasonFor(request, settings as Record<string, string>), 'origin-not-allowed')
  }
})

test('a signed value cannot move into the next field', async () => {
  const request = await signed(notification)
  // The signed text stays the same: the subject went into another id, so this would be another delivery.
  const moved = altered(request, { MessageId: `${notification.MessageId}\nSubject\nHello`, Subject: undefined })
  assert.equal(await reasonFor(moved), 'signature-malformed')
})

test('a notification may have no subject, or a null one', async () => {
  const { Subject: _, ...bare } = notification
  assert.equal(await reasonFor(await signed(bare)), 'accepted')
  assert.equal(await reasonFor(await signed({ ...bare, Subject: null })), 'accepted')
  assert.equal(await reasonFor(altered(await signed(notification), { Subject: null })), 'signature-mismatch')
})

test('a field that the other type of message would sign cannot be slipped in', async () => {
  const slipped = [altered(await signed(notification), { SubscribeURL: confirmation.SubscribeURL })]
  for (const Type of ['SubscriptionConfirmation', 'UnsubscribeConfirmation']) {
    slipped.push(altered(await signed({ ...confirmation, Type }), { Subject: 'Urgent' }))
  }
  for (const request of slipped) assert.equal(await reasonFor(request), 'signature-mismatch')
})

test('the content type does not matter', async () => {
  const request = await signed(notification)
  for (const type of [undefined, 'application/json', 'text/plain', 'application/octet-stream']) {
    assert.equal(await reasonFor({ ...request, headers: { 'content-type': type } }), 'accepted')
  }
})

test('raw message delivery is not signed', async () => {
  const headers = { 'x-amz-sns-rawdelivery': 'true', 'x-amz-sns-topic-arn': topic }
  const body = Buffer.from('{"hello":"world"}')
  assert.equal(await reasonFor({ method: 'POST', url: '/', headers, body }), 'signature-missing')
})

test('a message of another type or version, or without a signed field, is refused', async () => {
  const request = await signed(notification)
  for (const changes of [
    { Type: 'Other' },
    { Type: 'toString' },
    { SignatureVersion: '3' },
    { SignatureVersion: 1 },
    { MessageId: undefined },
    { Message: { nested: true } }
  ]) {
    assert.equal(await reasonFor(altered(request, changes)), 'signature-malformed', JSON.stringify(changes))
  }
})

test('certificates come from SNS in a region alone, by the URL at the top of the message', async () => {
  const request = await signed(notification)
  const urls = [
    'https://sns.amazonaws.com.evil.test/a.pem',
    'https://sns.s3-us-west-2.amazonaws.com/a.pem',
    'https://sns.us-east-1.amazonaws.com/a.txt',
    'https://sns.us-east-1.amazonaws.com/nested/a.pem',
    'https://evil.test/sns.us-east-1.amazonaws.com/a.pem'
  ]
  for (const SigningCertURL of urls) {
    assert.equal(await reasonFor(altered(request, { SigningCertURL })), 'certificate-url', SigningCertURL)
  }
  const elsewhere = { SigningCertURL: undefined, SigningCertUrl: 'https://sns.us-east-1.amazonaws.com/a.pem' }
  assert.equal(await reasonFor(altered(request, elsewhere)), 'signature-missing')
  for (const host of ['sns.us-gov-west-1.amazonaws.com', 'sns.cn-north-1.amazonaws.com.cn']) {
    const SigningCertURL = `https://${host}/SimpleNotificationService-0.pem`
    assert.equal(await reasonFor(altered(request, { SigningCertURL })), 'key-unavailable', host)
  }
})

test('a certificate made for a name that resembles SNS proves nothing', async () => {
  const { secrets, settings } = { secrets: [], settings: { topic } }
  const serve = async () => new Response(leafOfLookalikes)
  const verdict = await awsSns.scheme.verify(await signed(notification), { secrets, settings, fetch: serve }, now)
  assert.deepEqual(verdict, { ok: false, reason: 'certificate-invalid' })
})

test('it proves values of the message, whenever it was sent', () => {
  assert.deepEqual(awsSns.scheme.covers, { body: 'values', time: false })
})

test('an answer to a confirmation tells the operator what to do, and SNS when to come again', async () => {
  const ended = await received(await signed({ ...confirmation, Type: 'UnsubscribeConfirmation' }))
  assert.match(ended.kind === 'answered' ? String(ended.notice) : '', /MyTopic was ended\. To restore it/)
  const failed = await received(await signed(confirmation))
  assert.ok(failed.kind === 'answered')
  assert.deepEqual(failed.reply, { status: 503, headers: { 'retry-after': '30' } })
  assert.match(String(failed.notice), /MyTopic could not be confirmed now/)
})
