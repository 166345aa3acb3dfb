import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import { github } from '../../receivers/github.ts'
import { type Outcome, receive } from '../../src/receive.ts'
import type { Headers } from '../../src/receiver.ts'

const SECRET = "It's a Secret to Everybody"

async function send(body: string, headers: Headers, secret = SECRET): Promise<Outcome> {
  const signature = `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`
  const request = {
    method: 'POST',
    url: 'https://example.com/hooks/github',
    headers: { 'content-type': 'application/json', 'x-hub-signature-256': signature, ...headers },
    body: Buffer.from(body)
  }
  const credentials = { secrets: [SECRET], settings: {}, fetch: () => Promise.reject() }
  return receive(github, '', request, credentials, new Date())
}

const FORM = { 'content-type': 'application/x-www-form-urlencoded' }

async function stageOf(sent: Promise<Outcome>): Promise<string> {
  const outcome = await sent
  return outcome.kind === 'rejected' ? `${outcome.stage}: ${outcome.reason}` : outcome.kind
}

async function deliveryOf(sent: Promise<Outcome>) {
  const outcome = await sent
  assert.equal(outcome.kind, 'accepted')
  return outcome.kind === 'accepted' ? outcome.deliveries[0]! : assert.fail()
}

test('a ping is answered once it has proved itself, whatever its body', async () => {
  assert.equal((await send('{"zen":"x"}', { 'x-github-event': 'ping' })).kind, 'answered')
  assert.equal((await send('no JSON', { 'x-github-event': 'ping' })).kind, 'answered')
  assert.equal(await stageOf(send('{}', { 'x-github-event': 'ping' }, 'another')), 'proof: signature-mismatch')
})

test('the data of a form is the JSON in its payload', async () => {
  const body = new URLSearchParams({ payload: '{"action":"opened","text":"grün"}' }).toString()
  const delivery = await deliveryOf(send(body, { ...FORM, 'x-github-event': 'issues' }))
  assert.equal(delivery.event, 'issues.opened')
  assert.deepEqual(delivery.data, { action: 'opened', text: 'grün' })
})

test('a payload that is no JSON is a malformed body', async () => {
  for (const payload of ['{', '7', '{"__proto__":{}}', '']) {
    const body = new URLSearchParams({ payload }).toString()
    assert.equal(await stageOf(send(body, { ...FORM, 'x-github-event': 'push' })), 'body: body-malformed', payload)
  }
})

test('a request that names no event, or two, is not GitHub’s', async () => {
  assert.equal(await stageOf(send('{"action":"opened"}', {})), 'body: event-missing')
  const twice = { 'x-github-event': ['push', 'ping'] }
  assert.equal(await stageOf(send('{"action":"opened"}', twice)), 'body: event-missing')
})

test('an installation stands for the account where nothing else does', async () => {
  const event = { 'x-github-event': 'meta' }
  assert.equal((await deliveryOf(send('{"installation":{"id":7}}', event))).account, '7')
  assert.equal((await deliveryOf(send('{"installation":{"id":7,"account":{"login":"a"}}}', event))).account, 'a')
  assert.equal((await deliveryOf(send('{}', event))).account, undefined)
})

test('a discussion is counted apart from issues', async () => {
  const body = JSON.stringify({ action: 'created', discussion: { number: 3 }, repository: { full_name: 'o/r' } })
  assert.equal((await deliveryOf(send(body, { 'x-github-event': 'discussion' }))).subject, 'o/r/discussions/3')
})
