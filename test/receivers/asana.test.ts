import assert from 'node:assert/strict'
import { test } from 'node:test'
import { asana } from '../../receivers/asana.ts'
import { type Outcome, receive } from '../../src/receive.ts'

const SECRET = '0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef'
const OFFERED = 'b537207f20cbfa02357cf448134da559e8bd39d61597dcd5631b8012eae53e81'
const EVENTS = '{"events":[{"action":"added","resource":{"gid":"1","resource_type":"task"}}]}'
const now = new Date('2026-07-03T10:00:00Z')

async function send(headers: Record<string, string | string[]>, body = '{}', secrets = [SECRET]): Promise<Outcome> {
  const request = { method: 'POST', url: 'https://example.com/asana', headers, body: Buffer.from(body) }
  return receive(asana, '', request, { secrets, settings: {}, fetch }, now)
}

async function signatureBy(secret: string, body: string): Promise<string> {
  const bare = { method: 'POST', url: 'https://example.com/asana', headers: {}, body: Buffer.from(body) }
  return (await asana.scheme.sign!(bare, secret, now)).headers['x-hook-signature'] as string
}

test('an offered secret is said again and shown, and proves nothing afterwards', async () => {
  for (const secrets of [[SECRET], []]) {
    const offered = await send({ 'x-hook-secret': OFFERED }, '{}', secrets)
    assert.ok(offered.kind === 'answered')
    assert.deepEqual(offered.reply, { status: 200, headers: { 'x-hook-secret': OFFERED } })
    assert.match(offered.notice ?? '', new RegExp(`offers the secret ${OFFERED}$`))
  }
  const event = await send({ 'x-hook-signature': await signatureBy(OFFERED, EVENTS) }, EVENTS)
  assert.equal(event.kind === 'rejected' && event.reason, 'signature-mismatch')
})

test('events under an offered secret are not looked at', async () => {
  assert.equal((await send({ 'x-hook-secret': OFFERED }, EVENTS)).kind, 'answered')
})

test('what is signed is judged by its signature, and no secret beside it is said again', async () => {
  const good = await send({ 'x-hook-secret': OFFERED, 'x-hook-signature': await signatureBy(SECRET, EVENTS) }, EVENTS)
  assert.ok(good.kind === 'accepted' && good.reply.headers === undefined)
  assert.equal(good.deliveries[0]!.headers['x-hook-secret'], undefined)
  for (const signature of ['', 'junk', await signatureBy(OFFERED, EVENTS), ['a', 'b']]) {
    const bad = await send({ 'x-hook-secret': OFFERED, 'x-hook-signature': signature }, EVENTS)
    assert.ok(bad.kind === 'rejected' && bad.stage === 'proof', String(signature))
  }
})

test('nothing but a secret is said again', async () => {
  for (const secret of [
    '',
    'short',
    `${OFFERED}\n`,
    `${OFFERED}\r\nset-cookie: a=b`,
    `<script>${OFFERED}</script>`,
    `${OFFERED} `,
    'a'.repeat(257),
    [OFFERED, OFFERED]
  ]) {
    const outcome = await send({ 'x-hook-secret': secret })
    assert.equal(outcome.kind === 'rejected' && outcome.reason, 'signature-missing', String(secret))
  }
})
