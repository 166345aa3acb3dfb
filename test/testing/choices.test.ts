/** Where settings choose the scheme, the shared suite holds every choice to its own promises. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { basic, header, hmac, query, type Scheme, token } from '../../src/kit.ts'
import type { AnyReceiver } from '../../src/receiver.ts'
import { checksOf, type Vector } from '../../src/testing/index.ts'

const SECRET = 'secret-of-at-least-32-characters'
const ofHmac = hmac({ header: 'x-signature', hash: 'sha256', encoding: 'hex' })

const byToken: Vector = {
  name: 'by token',
  source: 'posthorn',
  method: 'POST',
  headers: { 'x-token': SECRET },
  body: '{"event":"a","note":"b"}',
  secret: SECRET,
  settings: { by: 'token' },
  valid: true,
  describes: { event: 'a' },
  unsigned: { find: 'b', replace: 'c' }
}
const byCode: Vector = {
  ...byToken,
  name: 'by code',
  url: `https://example.com/?code=${SECRET}`,
  headers: {},
  settings: {}
}

const schemes: Record<string, Scheme> = { token: token(header('x-token')), hmac: ofHmac }

function receiverOf(changes: Partial<Scheme> = {}): AnyReceiver {
  const choose = (settings: Readonly<Record<string, string>>): Scheme => schemes[settings.by!] ?? token(query('code'))
  return {
    name: 'chosen',
    docs: 'https://example.com',
    settings: ['by?'],
    scheme: {
      ...token(query('code')),
      choose,
      verify: (request, credentials, now) => choose(credentials.settings).verify(request, credentials, now),
      ...changes
    },
    describe: ({ body }) => ({ event: body?.event })
  }
}

async function signedByHmac(): Promise<Vector> {
  const request = { method: 'POST', url: '/', headers: {}, body: Buffer.from(byToken.body!) }
  const { headers } = await ofHmac.sign!(request, SECRET, new Date())
  return { ...byToken, name: 'by HMAC', headers: headers as Vector['headers'], settings: { by: 'hmac' } }
}

async function failures(receiver: AnyReceiver, ...vectors: Vector[]): Promise<string[]> {
  const failed: string[] = []
  for (const { name, run } of checksOf(receiver, vectors)) await run().catch(() => failed.push(name))
  return failed
}

test('a sound one passes, under each of its choices', async () => {
  const vectors = [byToken, byCode, await signedByHmac()]
  assert.deepEqual(await failures(receiverOf(), ...vectors), [])
  const names = checksOf(receiverOf(), vectors).map(({ name }) => name)
  for (const label of ['by=token', 'no settings', 'by=hmac']) {
    assert.ok(names.includes(`with ${label}: refused under another secret`), label)
  }
  assert.ok(names.includes('with by=hmac: refused with another body'))
  assert.ok(!names.includes('with by=token: refused with another body'))
})

test('promising more than a choice keeps is found', async () => {
  const what = 'promises no more than each choice keeps'
  for (const changes of [
    { covers: { body: 'bytes', time: false } },
    { covers: { body: false, time: true } },
    { key: { min: 16 } }
  ] as const) {
    assert.ok((await failures(receiverOf(changes), byToken, byCode)).includes(what))
  }
  const signedUrl: Scheme = { ...basic(), covers: { body: false, time: false, url: true } }
  assert.ok((await failures(receiverOf({ choose: () => signedUrl }), byCode)).includes(what))
})

test('so is a choice that verifies by another one', async () => {
  const lax = receiverOf({ verify: token(query('code')).verify })
  assert.ok((await failures(lax, byToken, byCode)).includes('with by=token: vector: by token'))
})

test('so is one that does not hide what carries its secret', async () => {
  const { carries: _hidden, ...leaking } = token(header('x-token'))
  const failed = await failures(receiverOf({ choose: () => leaking }), byToken)
  assert.ok(failed.includes('with by=token: hides what must not be kept'))
})

test('each choice needs vectors that suffice', async () => {
  const { unsigned: _change, ...without } = byToken
  const failed = await failures(receiverOf(), without, byCode)
  assert.deepEqual(failed, ['with by=token: covers no more than it declares'])
})

test('a vector with settings that choose nothing is a mistake of the vector', () => {
  const refusing = receiverOf({ choose: () => ({ setting: 'by', problem: 'is wrong' }) })
  assert.throws(() => checksOf(refusing, [byToken]), /setting by is wrong/)
})
