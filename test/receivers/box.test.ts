import assert from 'node:assert/strict'
import { test } from 'node:test'
import { box } from '../../receivers/box.ts'
import type { WebhookRequest } from '../../src/receiver.ts'

const PRIMARY = 'primary:3T2eTfOvJbAIRoBpXsXPmq0gn8CmF5Q7'
const SECONDARY = 'secondary:8hZ1kWq4yTn0cVb6mXs2pLr9dGf5jAe3'
const NOW = new Date('2026-07-03T10:00:00Z')

const request: WebhookRequest = {
  method: 'POST',
  url: 'https://example.com/hooks/box',
  headers: {},
  body: Buffer.from('{"trigger":"FILE.UPLOADED"}')
}

async function judge(signed: WebhookRequest, ...secrets: string[]): Promise<number | string> {
  const verdict = await box.scheme.verify(signed, { secrets, settings: {}, fetch }, NOW)
  return verdict.ok ? verdict.secret : verdict.reason
}

test('each key counts in its own header alone', async () => {
  const signed = await box.scheme.sign!(request, SECONDARY, NOW)
  assert.equal(signed.headers['box-signature-primary'], undefined)
  assert.equal(await judge(signed, PRIMARY, SECONDARY), 1)
  assert.equal(await judge(signed, SECONDARY), 0)

  const { 'box-signature-secondary': signature, ...headers } = signed.headers
  const elsewhere = { ...signed, headers: { ...headers, 'box-signature-primary': signature } }
  assert.equal(await judge(elsewhere, PRIMARY, SECONDARY), 'signature-mismatch')
  assert.equal(await judge(signed, SECONDARY.replace('secondary', 'primary')), 'signature-mismatch')
})

test('a key without its name proves nothing', async () => {
  const signed = await box.scheme.sign!(request, PRIMARY, NOW)
  assert.equal(await judge(signed, PRIMARY.slice('primary:'.length)), 'signature-mismatch')
  assert.equal(await judge(signed, 'primary:'), 'signature-mismatch')
})

test('another version or algorithm is none that is known', async () => {
  const signed = await box.scheme.sign!(request, PRIMARY, NOW)
  for (const change of [
    { 'box-signature-version': '2' },
    { 'box-signature-version': undefined },
    { 'box-signature-algorithm': 'HmacSHA1' },
    { 'box-signature-algorithm': undefined }
  ]) {
    const changed = { ...signed, headers: { ...signed.headers, ...change } }
    assert.equal(await judge(changed, PRIMARY), 'signature-mismatch', JSON.stringify(change))
  }
})
