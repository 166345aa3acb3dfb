import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import type { Headers, WebhookRequest } from '../../src/receiver.ts'
import { github } from '../../src/schemes/github.ts'

const SECRET = "It's a Secret to Everybody"
const BODY = '{"zen":"grün"}'

const sha256 = (body: string | Buffer, secret = SECRET) =>
  `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`
const sha1 = (body: string) => `sha1=${createHmac('sha1', SECRET).update(body).digest('hex')}`

async function judge(
  headers: Headers,
  { body = BODY, secrets = [SECRET], allow }: { body?: string | Buffer; secrets?: string[]; allow?: string } = {}
): Promise<number | string> {
  const request: WebhookRequest = { method: 'POST', url: '/', headers, body: Buffer.from(body as string) }
  const settings: Record<string, string> = allow === undefined ? {} : { 'allow-sha1': allow }
  const verdict = await github().verify(request, { secrets, settings, fetch: () => Promise.reject() }, new Date())
  return verdict.ok ? verdict.secret : verdict.reason
}

test('the body under the SHA-256 header, hex in either case', async () => {
  const signature = sha256(BODY)
  assert.equal(await judge({ 'x-hub-signature-256': signature }), 0)
  assert.equal(await judge({ 'x-hub-signature-256': `sha256=${signature.slice(7).toUpperCase()}` }), 0)
  assert.equal(await judge({ 'x-hub-signature-256': sha256(`${BODY} `) }), 'signature-mismatch')
})

test('a header that is missing, doubled or in another form', async () => {
  const right = sha256(BODY)
  const cases: [Headers[string], string][] = [
    [undefined, 'signature-missing'],
    ['', 'signature-missing'],
    [[right, right], 'signature-malformed'],
    [`${right},${right}`, 'signature-malformed'],
    [right.slice(7), 'signature-malformed'],
    [right.replace('sha256', 'SHA256'), 'signature-malformed'],
    [right.replace('sha256', 'sha1'), 'signature-malformed'],
    [`${right}0`, 'signature-malformed'],
    [`${right.slice(0, -1)}g`, 'signature-malformed']
  ]
  for (const [given, reason] of cases)
    assert.equal(await judge({ 'x-hub-signature-256': given }), reason, String(given))
})

test('bytes that are no UTF-8 are refused: the official code could not tell them apart', async () => {
  const body = Buffer.from([0x7b, 0xff, 0x7d])
  const alike = Buffer.from(body.toString())
  assert.equal(await judge({ 'x-hub-signature-256': sha256(body) }, { body }), 'body-not-utf8')
  assert.equal(await judge({ 'x-hub-signature-256': sha256(alike) }, { body }), 'body-not-utf8')
})

test('a BOM is part of what is signed', async () => {
  const body = `\uFEFF${BODY}`
  assert.equal(await judge({ 'x-hub-signature-256': sha256(body) }, { body }), 0)
  assert.equal(await judge({ 'x-hub-signature-256': sha256(BODY) }, { body }), 'signature-mismatch')
})

test('an empty secret proves nothing, and throws nothing', async () => {
  assert.equal(await judge({ 'x-hub-signature-256': sha256(BODY, '') }, { secrets: [''] }), 'signature-mismatch')
  assert.equal(await judge({ 'x-hub-signature-256': sha256(BODY) }, { secrets: [] }), 'secret-missing')
})

test('of several secrets, the one that matched is told, and an empty one is passed over', async () => {
  assert.equal(await judge({ 'x-hub-signature-256': sha256(BODY) }, { secrets: ['newer', '', SECRET] }), 2)
})

test('SHA-1 counts only where it is allowed, and only without the SHA-256 header', async () => {
  const legacy = { 'x-hub-signature': sha1(BODY) }
  for (const allow of [undefined, '', 'false', '0', 'no']) {
    assert.equal(await judge(legacy, { ...(allow !== undefined && { allow }) }), 'signature-missing', allow)
  }
  assert.equal(await judge(legacy, { allow: 'true' }), 0)
  assert.equal(await judge({ 'x-hub-signature': sha1(`${BODY} `) }, { allow: 'true' }), 'signature-mismatch')
  const wrong = { ...legacy, 'x-hub-signature-256': sha256('else') }
  assert.equal(await judge(wrong, { allow: 'true' }), 'signature-mismatch')
  for (const given of ['', ['a', 'b'], 'junk']) {
    assert.notEqual(await judge({ ...legacy, 'x-hub-signature-256': given }, { allow: 'true' }), 0, String(given))
  }
})

test('what it signs it verifies', async () => {
  const request: WebhookRequest = { method: 'POST', url: '/', headers: { a: '1' }, body: Buffer.from(BODY) }
  const signed = await github().sign!(request, SECRET, new Date())
  assert.deepEqual(signed.headers, { a: '1', 'x-hub-signature-256': sha256(BODY) })
})

test('bytes that are no text cannot be signed', async () => {
  const request: WebhookRequest = { method: 'POST', url: '/', headers: {}, body: Buffer.of(0xff) }
  await assert.rejects(async () => github().sign!(request, SECRET, new Date()))
})

test('what stands before a signature counts as much as what stands behind', async () => {
  for (const given of [`x${sha256(BODY)}`, ` ${sha256(BODY)}`, `${sha256(BODY)}\n`, `0=${sha256(BODY)}`]) {
    assert.equal(await judge({ 'x-hub-signature-256': given }), 'signature-malformed', given)
  }
})

test('it says what it covers, and what a secret must have', () => {
  assert.deepEqual(github().key, { min: 16 })
  assert.deepEqual(github().covers, { body: 'bytes', time: false })
})
