import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Reason } from '../../src/errors.ts'
import type { Covers, Scheme, WebhookRequest } from '../../src/receiver.ts'
import { anyOf } from '../../src/schemes/any-of.ts'

const request: WebhookRequest = { method: 'POST', url: '/', headers: {}, body: Buffer.of() }
const credentials = { secrets: ['a', 'b'], settings: {}, fetch: () => Promise.reject() }

function schemeOf(outcome: number | Reason, parts: Partial<Scheme> = {}, asked: (number | Reason)[] = []): Scheme {
  return {
    key: { min: 16 },
    covers: { body: 'bytes', time: true },
    verify() {
      asked.push(outcome)
      return typeof outcome === 'number' ? { ok: true, secret: outcome } : { ok: false, reason: outcome }
    },
    ...parts
  }
}

async function judge(...outcomes: (number | Reason)[]): Promise<number | Reason> {
  const [first, ...others] = outcomes.map(outcome => schemeOf(outcome))
  const verdict = await anyOf(first!, ...others).verify(request, credentials, new Date())
  return verdict.ok ? verdict.secret : verdict.reason
}

test('one proof is enough, and its secret is told', async () => {
  assert.equal(await judge(1), 1)
  assert.equal(await judge('signature-missing', 1), 1)
  assert.equal(await judge('signature-mismatch', 'token-missing', 0), 0)
})

test('the first proof that holds ends it', async () => {
  const asked: (number | Reason)[] = []
  const scheme = anyOf(schemeOf('signature-missing', {}, asked), schemeOf(0, {}, asked), schemeOf(1, {}, asked))
  await scheme.verify(request, credentials, new Date())
  assert.deepEqual(asked, ['signature-missing', 0])
})

test('where none holds, one that was there and wrong says why, rather than one that was missing', async () => {
  assert.equal(await judge('signature-missing', 'token-mismatch'), 'token-mismatch')
  assert.equal(await judge('signature-mismatch', 'token-missing'), 'signature-mismatch')
  assert.equal(await judge('signature-missing', 'token-missing'), 'token-missing')
  assert.equal(await judge('timestamp-outside-tolerance', 'token-mismatch'), 'timestamp-outside-tolerance')
})

test('a proof that is not exactly ok does not count', async () => {
  const odd = schemeOf(0, { verify: () => ({ ok: 1, secret: 0 }) as never })
  const verdict = await anyOf(odd, schemeOf('token-mismatch')).verify(request, credentials, new Date())
  assert.notEqual(verdict.ok, true)
})

test('it is as weak as its weakest member, and its URL must be known if any needs it', () => {
  const covered = (...all: Covers[]) => {
    const [first, ...others] = all.map(covers => schemeOf(0, { covers }))
    return anyOf(first!, ...others).covers
  }
  assert.deepEqual(covered({ body: 'bytes', time: true }), { body: 'bytes', time: true, url: false })
  assert.deepEqual(covered({ body: 'bytes', time: true, url: true }, { body: 'values', time: false }), {
    body: 'values',
    time: false,
    url: true
  })
  assert.deepEqual(covered({ body: 'values', time: true }, { body: false, time: true }), {
    body: false,
    time: true,
    url: false
  })
})

test('one secret must do for all, so the longest minimum counts; none is needed where none takes one', () => {
  assert.deepEqual(anyOf(schemeOf(0, { key: { min: 16 } }), schemeOf(0, { key: { min: 32 } })).key, { min: 32 })
  assert.deepEqual(anyOf(schemeOf(0, { key: false }), schemeOf(0, { key: { min: 8 } })).key, { min: 8 })
  assert.equal(anyOf(schemeOf(0, { key: false })).key, false)
})

test('whatever a member carries is carried', () => {
  const { carries } = anyOf(
    schemeOf(0, { carries: { headers: ['authorization'], fields: ['token'] } }),
    schemeOf(0),
    schemeOf(0, { carries: { query: ['code'], fields: ['key'] } })
  )
  assert.deepEqual(carries, { headers: ['authorization'], query: ['code'], fields: ['token', 'key'] })
})

test('it signs as the first that can, with that one’s keys', async () => {
  const testKeys = () => ({ credentials: {}, sign: 'k' })
  const sign = (): WebhookRequest => ({ ...request, url: '/signed' })
  const scheme = anyOf(schemeOf(0), schemeOf(0, { sign, testKeys }), schemeOf(0, { sign: () => request }))
  assert.equal((await scheme.sign!(request, 'k', new Date())).url, '/signed')
  assert.equal(scheme.testKeys, testKeys)
  assert.equal('sign' in anyOf(schemeOf(0)), false)
})

test('a key that is good for one alone signs as that one; where none can, the first says why', async () => {
  const picky = (good: string): Partial<Scheme> => ({
    sign(signed, key) {
      if (key !== good) throw new TypeError(`${key} is not ${good}.`)
      return { ...signed, url: `/${good}` }
    }
  })
  const scheme = anyOf(schemeOf(0, picky('a')), schemeOf(0, picky('b')))
  assert.equal((await scheme.sign!(request, 'a', new Date())).url, '/a')
  assert.equal((await scheme.sign!(request, 'b', new Date())).url, '/b')
  await assert.rejects(async () => scheme.sign!(request, 'c', new Date()), /c is not a/)
})

test('it loads what its members load', async () => {
  const loaded: string[] = []
  const loading = (name: string) => schemeOf(0, { load: async () => void loaded.push(name) })
  await anyOf(loading('a'), schemeOf(0), loading('b')).load!()
  assert.deepEqual(loaded, ['a', 'b'])
})
