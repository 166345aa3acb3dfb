import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { WebhookRequest } from '../../src/receiver.ts'
import { ip } from '../../src/schemes/ip.ts'

const credentials = { secrets: [], settings: {}, fetch: () => Promise.reject() }
const bare: WebhookRequest = { method: 'POST', url: 'https://example.com/', headers: {}, body: Buffer.from('{}') }
const scheme = ip('192.0.2.32/27', '198.51.100.7', '203.0.113.5/32', '2001:db8:0:15::/64', '2001:db8::7')

async function judge(address: string | undefined): Promise<string> {
  const verdict = await scheme.verify({ ...bare, address }, credentials, new Date())
  return verdict.ok ? 'ok' : verdict.reason
}

for (const address of [
  '192.0.2.32',
  '192.0.2.63',
  '198.51.100.7',
  '203.0.113.5',
  '::ffff:192.0.2.40',
  '::FFFF:c000:0228',
  '2001:db8:0:15::',
  '2001:DB8:0:15:ffff:ffff:ffff:ffff',
  '2001:db8::7'
]) {
  test(`${address} is within the ranges`, async () => assert.equal(await judge(address), 'ok'))
}

for (const address of [
  '192.0.2.31',
  '192.0.2.64',
  '198.51.100.6',
  '198.51.100.70',
  '203.0.113.4',
  '::ffff:192.0.2.64',
  '::192.0.2.40',
  '64:ff9b::192.0.2.40',
  '2001:db8:0:16::',
  '2001:db8::8',
  '',
  ' 192.0.2.40',
  '192.0.2.40 ',
  '192.0.2.40:443',
  '192.0.2.40, 192.0.2.40',
  '192.0.2.040',
  '3221225992',
  '0xc0000228',
  '[2001:db8::7]',
  '192.0.2.32/27',
  '\0'
]) {
  test(`${JSON.stringify(address)} is not`, async () => assert.equal(await judge(address), 'address-not-allowed'))
}

test('without an address nothing is proven, whatever a header says', async () => {
  assert.equal(await judge(undefined), 'address-missing')
  const headers = { 'x-forwarded-for': '198.51.100.7', 'x-real-ip': '198.51.100.7', forwarded: 'for=198.51.100.7' }
  const verdict = await scheme.verify({ ...bare, headers }, credentials, new Date())
  assert.deepEqual(verdict, { ok: false, reason: 'address-missing' })
})

test('it signs with its first address', async () => {
  const signed = await scheme.sign!(bare, '', new Date())
  assert.equal(signed.address, '192.0.2.32')
  assert.deepEqual(await scheme.verify(signed, credentials, new Date()), { ok: true, secret: 0 })
})

test('it says how little it proves', () => {
  assert.deepEqual(scheme.covers, { body: false, time: false })
  assert.equal(scheme.key, false)
})

for (const range of [
  '',
  'example.com',
  '192.0.2.0/',
  '192.0.2.0/33',
  '192.0.2.0/-1',
  '192.0.2.0/8/8',
  '2001:db8::/129',
  'fe80::1%eth0',
  '/0'
]) {
  test(`${JSON.stringify(range)} is no range`, () => {
    assert.throws(() => ip('192.0.2.1', range), { name: 'TypeError', message: /is no IP address, and no range/ })
  })
}
