import assert from 'node:assert/strict'
import { test } from 'node:test'
import { microsoftGraph } from '../../receivers/microsoft-graph.ts'
import { receive } from '../../src/receive.ts'

const secret = '0123456789abcdef0123456789abcdef'
const note = { changeType: 'created', resource: 'Users/1', subscriptionId: 's', clientState: secret }

function sent(body: unknown, url = 'https://example.com/graph') {
  const headers = { 'content-type': 'application/json' }
  const request = { method: 'POST', url, headers, body: Buffer.from(JSON.stringify(body)) }
  return receive(microsoftGraph, '', request, { secrets: [secret], settings: {}, fetch }, new Date())
}

async function reasonFor(body: unknown): Promise<string> {
  const outcome = await sent(body)
  return outcome.kind === 'rejected' ? outcome.reason : outcome.kind
}

test('every notification of a request must carry the state, wherever it stands', async () => {
  assert.equal(await reasonFor({ value: [note, note] }), 'accepted')
  for (const wrong of [{ ...note, clientState: 'wrong' }, { ...note, clientState: undefined }, {}, null, 7, [note]]) {
    assert.notEqual(await reasonFor({ value: [note, wrong] }), 'accepted', JSON.stringify(wrong))
    assert.notEqual(await reasonFor({ value: [wrong, note] }), 'accepted', JSON.stringify(wrong))
  }
  assert.equal(await reasonFor({ value: [] }), 'token-missing')
  assert.equal(await reasonFor({ clientState: secret, value: [{ ...note, clientState: '' }] }), 'token-missing')
})

test('a check of the URL is answered whatever comes with it, and nothing of that is handled', async () => {
  const outcome = await sent({ value: [note] }, 'https://example.com/graph?validationToken=a%2Bb+%3Cc%3E')
  assert.equal(outcome.kind === 'answered' && outcome.reply.body, 'a+b <c>')
  assert.equal(outcome.reply.headers?.['x-content-type-options'], 'nosniff')
  for (const query of ['validationToken=', 'validationToken=a&validationToken=b']) {
    assert.equal((await sent({}, `https://example.com/graph?${query}`)).reply.status, 400)
  }
})

test('deliveries are answered 202, and hide the state', async () => {
  const outcome = await sent({ value: [note] })
  assert.equal(outcome.reply.status, 202)
  const [delivery] = outcome.kind === 'accepted' ? outcome.deliveries : []
  assert.equal(delivery?.data.clientState, '*'.repeat(secret.length))
})
