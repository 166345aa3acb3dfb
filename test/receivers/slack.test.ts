import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import { slack } from '../../receivers/slack.ts'
import { type Outcome, receive } from '../../src/receive.ts'
import type { WebhookRequest } from '../../src/receiver.ts'

const SECRET = 'e6b19c573432dcc6b075501d51b51bb8'
const TIME = '1760000000'
const FORM = 'application/x-www-form-urlencoded'

function requestOf(body: string, type = 'application/json'): WebhookRequest {
  const headers = { 'content-type': type }
  return { method: 'POST', url: 'https://example.com/hooks/slack', headers, body: Buffer.from(body) }
}

function signed(body: string, type?: string): WebhookRequest {
  const request = requestOf(body, type)
  const signature = `v0=${createHmac('sha256', SECRET).update(`v0:${TIME}:${body}`).digest('hex')}`
  const proof = { 'x-slack-request-timestamp': TIME, 'x-slack-signature': signature }
  return { ...request, headers: { ...request.headers, ...proof } }
}

async function send(request: WebhookRequest): Promise<Outcome> {
  const credentials = { secrets: [SECRET], settings: {}, fetch: () => Promise.reject() }
  return receive(slack, '', request, credentials, new Date(Number(TIME) * 1000))
}

async function stageOf(request: WebhookRequest): Promise<string> {
  const outcome = await send(request)
  return outcome.kind === 'rejected' ? `${outcome.stage}: ${outcome.reason}` : outcome.kind
}

test('a check of the certificate gets its empty answer, in any method that Slack uses', async () => {
  for (const request of [
    requestOf('ssl_check=1&token=x', FORM),
    { ...requestOf('', FORM), url: 'https://example.com/hooks/slack?ssl_check=1' },
    { ...requestOf(''), method: 'GET', url: 'https://example.com/hooks/slack?token=x&ssl_check=1' }
  ]) {
    assert.deepEqual(await send(request), { kind: 'answered', reply: { status: 200 }, notice: undefined })
  }
})

test('what only looks like such a check must prove itself', async () => {
  for (const request of [
    requestOf('{"ssl_check":"1","type":"event_callback"}'),
    requestOf('ssl_check=0&command=%2Fdeploy', FORM),
    requestOf('ssl_check=1&ssl_check=1&command=%2Fdeploy', FORM),
    { ...requestOf('command=%2Fdeploy', FORM), url: 'https://example.com/hooks/slack?no_ssl_check=1' },
    { ...requestOf('command=%2Fdeploy', FORM), url: 'https://example.com/hooks/slack?ssl_check=10' }
  ]) {
    assert.equal(await stageOf(request), 'proof: signature-missing')
  }
})

test('a challenge is answered only under its signature', async () => {
  const body = '{"type":"url_verification","challenge":"abc"}'
  const outcome = await send(signed(body))
  assert.deepEqual(outcome, { kind: 'answered', reply: { status: 200, body: { challenge: 'abc' } }, notice: undefined })
  assert.equal(await stageOf(requestOf(body)), 'proof: signature-missing')
})

test('the data of an interaction is the JSON in its payload, that of a command its form', async () => {
  const interaction = await send(
    signed(new URLSearchParams({ payload: '{"type":"shortcut","team":null}' }).toString(), FORM)
  )
  assert.deepEqual(interaction.kind === 'accepted' && interaction.deliveries[0]?.data, { type: 'shortcut', team: null })
  const command = await send(signed('command=%2Fgo&text=a+b', FORM))
  assert.deepEqual(command.kind === 'accepted' && command.deliveries[0]?.data, { command: '/go', text: 'a b' })
})

test('a payload that is no JSON, and a body without type, are not Slack’s', async () => {
  assert.equal(await stageOf(signed('payload=%7B', FORM)), 'body: body-malformed')
  assert.equal(await stageOf(signed('{}')), 'body: event-missing')
  assert.equal(await stageOf(signed('[]')), 'body: event-missing')
  assert.equal(await stageOf(signed('text=hello', FORM)), 'body: event-missing')
})

test('a GET is no delivery, even under a right signature', async () => {
  const outcome = await send({ ...signed('{"type":"event_callback"}'), method: 'GET' })
  assert.equal(outcome.kind === 'rejected' && outcome.reply.status, 405)
})
