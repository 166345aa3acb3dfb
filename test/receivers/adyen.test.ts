import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import { adyen } from '../../receivers/adyen.ts'
import { type Outcome, receive } from '../../src/receive.ts'

const KEY = '44782DEF547AAA06C910C43932B1EB0C71FC68D9D0C057550C48EC2ACF6BA056'

const item = {
  pspReference: '8535296650153317',
  originalReference: '7914073381342284',
  merchantAccountCode: 'TestMerchant',
  merchantReference: 'order:42',
  amount: { value: 1130, currency: 'EUR' },
  eventCode: 'CAPTURE',
  eventDate: '2026-07-03T10:00:00+02:00',
  success: 'true'
}

const form = { ...item, amount: undefined, value: '1130', currency: 'EUR' }

function macOf(text: string): string {
  return createHmac('sha256', Buffer.from(KEY, 'hex')).update(text).digest('base64')
}

const mac = macOf('8535296650153317:7914073381342284:TestMerchant:order:42:1130:EUR:CAPTURE:true')

async function judge(body: string, type = 'application/json'): Promise<Outcome> {
  const request = {
    method: 'POST',
    url: 'https://example.com/hooks/adyen',
    headers: { 'content-type': type },
    body: Buffer.from(body)
  }
  return receive(adyen, '', request, { secrets: [KEY], settings: {}, fetch }, new Date())
}

function send(...items: object[]): Promise<Outcome> {
  const signed = items.map(each => ({
    NotificationRequestItem: { ...each, additionalData: { hmacSignature: mac } }
  }))
  return judge(JSON.stringify({ live: 'false', notificationItems: signed }))
}

function sendForm(fields: object, more = ''): Promise<Outcome> {
  const pairs = Object.entries(fields).filter(([, value]) => value !== undefined)
  const params = new URLSearchParams([...pairs, ['additionalData.hmacSignature', mac]])
  return judge(params.toString() + more, 'application/x-www-form-urlencoded')
}

function reasonOf(outcome: Outcome): string {
  return outcome.kind === 'rejected' ? outcome.reason : outcome.kind
}

test('each of the eight values is signed, in JSON and in a form', async () => {
  assert.equal(reasonOf(await send(item)), 'accepted')
  assert.equal(reasonOf(await sendForm(form)), 'accepted')
  for (const name of ['pspReference', 'originalReference', 'merchantAccountCode', 'merchantReference'] as const) {
    assert.equal(reasonOf(await send({ ...item, [name]: `${item[name]}0` })), 'signature-mismatch', name)
    assert.equal(reasonOf(await sendForm({ ...form, [name]: undefined })), 'signature-mismatch', name)
  }
  for (const change of [
    { amount: { value: 1131, currency: 'EUR' } },
    { amount: { value: 1130, currency: 'USD' } },
    { eventCode: 'REFUND' },
    { success: 'false' }
  ]) {
    assert.equal(reasonOf(await send({ ...item, ...change })), 'signature-mismatch')
  }
  for (const change of [{ value: '1131' }, { currency: 'USD' }, { eventCode: 'REFUND' }, { success: 'false' }]) {
    assert.equal(reasonOf(await sendForm({ ...form, ...change })), 'signature-mismatch')
  }
})

test('values cannot be moved across the colons between them', async () => {
  for (const change of [
    {
      pspReference: '8535296650153317:7914073381342284',
      originalReference: 'TestMerchant',
      merchantAccountCode: 'order'
    },
    { merchantAccountCode: 'TestMerchant:order', merchantReference: '42' },
    { merchantReference: 'order', amount: { value: '42:1130', currency: 'EUR' } },
    {
      merchantReference: 'order:42:1130',
      amount: { value: 'EUR', currency: 'CAPTURE' },
      eventCode: 'true',
      success: ''
    },
    { merchantReference: 'order', amount: { value: 42, currency: 1130 }, eventCode: 'EUR', success: 'CAPTURE:true' }
  ]) {
    assert.equal(reasonOf(await send({ ...item, ...change })), 'signature-mismatch', JSON.stringify(change))
  }
})

test('a value that is neither text nor number is not signed, not even as nothing', async () => {
  for (const originalReference of [['7914073381342284'], { toString: '7914073381342284' }, true]) {
    assert.equal(reasonOf(await send({ ...item, originalReference })), 'signature-mismatch')
  }
  assert.equal(reasonOf(await sendForm(form, '&success=true')), 'signature-mismatch')
})

test('one signature is no proof of a second item', async () => {
  assert.equal(reasonOf(await send(item, { ...item, success: 'false' })), 'signature-mismatch')
  assert.equal(reasonOf(await send(item, item)), 'signature-mismatch')
})

test('the item alone is handed on, a form with its amount, and Adyen hears that it was accepted', async () => {
  const [json, fields] = [await send(item), await sendForm(form)]
  assert.ok(json.kind === 'accepted' && fields.kind === 'accepted')
  assert.equal(json.deliveries[0]!.data.merchantReference, 'order:42')
  assert.deepEqual(fields.deliveries[0]!.data.amount, { value: '1130', currency: 'EUR' })
  assert.equal(fields.deliveries[0]!.id, json.deliveries[0]!.id)
  assert.equal(json.reply.body, '[accepted]')
})
