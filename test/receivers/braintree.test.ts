import assert from 'node:assert/strict'
import { createHash, createHmac } from 'node:crypto'
import { test } from 'node:test'
import { braintree } from '../../receivers/braintree.ts'
import { type Outcome, receive } from '../../src/receive.ts'

const PUBLIC = 'kq3v8x5n7w2m9c4d'
const PRIVATE = '0f1e2d3c4b5a69788796a5b4c3d2e1f0'
const OTHER = '00112233445566778899aabbccddeeff'

function macOf(text: string, privateKey = PRIVATE): string {
  const key = createHash('sha1').update(privateKey).digest()
  return createHmac('sha1', key).update(text).digest('hex')
}

async function judge(method: string, url: string, body = '', secrets = [`${PUBLIC}:${PRIVATE}`]): Promise<Outcome> {
  const headers = { 'content-type': 'application/x-www-form-urlencoded' }
  const request = { method, url, headers, body: Buffer.from(body) }
  return receive(braintree, '', request, { secrets, settings: {}, fetch }, new Date())
}

function send(payload: string, signature = `${PUBLIC}|${macOf(payload)}`, secrets?: string[]): Promise<Outcome> {
  const body = new URLSearchParams({ bt_signature: signature, bt_payload: payload }).toString()
  return judge('POST', 'https://example.com/hooks/braintree', body, secrets)
}

function ask(challenge: string, secrets?: string[]): Promise<Outcome> {
  const search = new URLSearchParams({ bt_challenge: challenge })
  return judge('GET', `https://example.com/hooks/braintree?${search}`, '', secrets)
}

function encoded(xml: string): string {
  return `${Buffer.from(xml).toString('base64')}\n`
}

function reasonOf(outcome: Outcome): string {
  return outcome.kind === 'rejected' ? outcome.reason : outcome.kind
}

const settled = encoded(`<notification>
  <timestamp type="datetime">2026-07-03T10:00:00Z</timestamp>
  <kind>disbursement</kind>
  <subject><disbursement>
    <id>d1</id>
    <transaction-ids type="array"><item>afv56j</item><item>kj8hjk</item></transaction-ids>
    <success type="boolean">true</success>
    <retry type="boolean">false</retry>
    <attempts type="integer">2</attempts>
    <amount>100.00</amount>
    <exception-message nil="true"/>
    <empty type="array"/>
  </disbursement></subject>
</notification>`)

test('the pair with the own public key counts, wherever it stands', async () => {
  const [own, other] = [`${PUBLIC}|${macOf(settled)}`, `another|${macOf(settled, OTHER)}`]
  assert.equal(reasonOf(await send(settled, `${other}&${own}`)), 'accepted')
  assert.equal(reasonOf(await send(settled, `${own}&${other}`)), 'accepted')
  assert.equal(reasonOf(await send(settled, other)), 'signature-mismatch')
  assert.equal(reasonOf(await send(settled, `another|${macOf(settled)}`)), 'signature-mismatch')
  assert.equal(reasonOf(await send(settled, `${PUBLIC}|${macOf(settled, OTHER)}`)), 'signature-mismatch')
  for (const odd of [PUBLIC, macOf(settled), `${own}|${own}`, `${own}&`, '|', '&', `${own}${`&${other}`.repeat(16)}`]) {
    assert.equal(reasonOf(await send(settled, odd)), 'signature-malformed', odd)
  }
})

test('a lost line break at the end is forgiven, anything else is not', async () => {
  const signature = `${PUBLIC}|${macOf(settled)}`
  assert.equal(reasonOf(await send(settled.trimEnd(), signature)), 'accepted')
  assert.equal(reasonOf(await send(`${settled}\n`, signature)), 'signature-mismatch')
  assert.equal(reasonOf(await send(`${settled.trimEnd()} `, signature)), 'signature-mismatch')
  assert.equal(reasonOf(await send('not base64!')), 'signature-mismatch')
})

test('an empty private key proves nothing, and answers nothing', async () => {
  const signature = `${PUBLIC}|${macOf(settled, '')}`
  for (const secret of [`${PUBLIC}:`, PUBLIC, '']) {
    assert.equal(reasonOf(await send(settled, signature, [secret])), 'signature-mismatch', secret)
    assert.equal(reasonOf(await ask('20f9f8ed05f77439fe955c977e4c8a53', [secret])), 'challenge-malformed', secret)
  }
})

test('a signed challenge is no signed notification', async () => {
  const challenge = '20f9f8ed05f77439fe955c977e4c8a53'
  const answered = await ask(challenge)
  assert.ok(answered.kind === 'answered')
  assert.equal(answered.reply.body, `${PUBLIC}|${macOf(challenge)}`)
  assert.equal(reasonOf(await send(challenge, String(answered.reply.body))), 'signature-mismatch')
})

test('what is no challenge is not signed', async () => {
  const long = '20f9f8ed05f77439fe955c977e4c8a53'
  for (const odd of ['', 'bad challenge', long.toUpperCase(), `${long}0`, long.slice(0, 19), `${long}\n`]) {
    assert.equal(reasonOf(await ask(odd)), 'challenge-malformed', odd)
  }
  const url = `https://example.com/hooks/braintree?bt_challenge=${long}&bt_challenge=${long}`
  assert.equal(reasonOf(await judge('GET', url)), 'challenge-malformed')
  assert.equal(reasonOf(await judge('GET', 'https://example.com/hooks/braintree')), 'challenge-malformed')
})

test('the XML is handed on as its attributes mean it', async () => {
  const outcome = await send(settled)
  assert.ok(outcome.kind === 'accepted')
  assert.deepEqual(outcome.deliveries[0]!.data, {
    timestamp: '2026-07-03T10:00:00Z',
    kind: 'disbursement',
    subject: {
      disbursement: {
        id: 'd1',
        'transaction-ids': ['afv56j', 'kj8hjk'],
        success: true,
        retry: false,
        attempts: 2,
        amount: '100.00',
        'exception-message': null,
        empty: []
      }
    }
  })
})

test('a proven payload of another shape is refused, and throws nothing', async () => {
  for (const xml of [
    '<other/>',
    '<notification/>',
    '<notification>text</notification>',
    '<notification nil="true"/>',
    '<notification type="array"><kind>check</kind></notification>',
    '<notification><kind><a/></kind></notification>',
    '<notification><kind>a</kind><kind>b</kind></notification>'
  ]) {
    assert.equal(reasonOf(await send(encoded(xml))), 'event-missing', xml)
  }
  for (const subject of ['', 'text', '<a/>', '<a/><a/>', '<a nil="true"/>', '<check type="boolean">true</check>']) {
    const outcome = await send(encoded(`<notification><kind>check</kind><subject>${subject}</subject></notification>`))
    assert.equal(outcome.kind === 'accepted' && outcome.deliveries[0]!.subject, undefined, subject)
  }
  for (const xml of ['', '<notification>', '<!DOCTYPE a><notification/>', 'text']) {
    assert.equal(reasonOf(await send(encoded(xml))), 'body-malformed', xml)
  }
})
