import assert from 'node:assert/strict'
import type { BodyKind } from '../../receiver.ts'
import type { Arrival } from '../../store/store.ts'
import { Random } from '../random.ts'
import type { StoreChecks } from './engine.ts'
import { arrival, assertRequest, bring, claim, delivery, put, settle, stored, times } from './given.ts'

const KIB = 1024

/** What engines have altered before: quotes, wildcards, escapes, control characters, what lies beyond 16 bits. */
const TEXTS = [
  '',
  ' a ',
  "it's",
  '"quoted"',
  'back\\slash \\n \\u0041 \\0',
  '100% of _all_',
  'line\nbreak\r\n\ttab',
  '\u0001\u001f\u007f\u0080\u2028\ufeff\uffff',
  'Grüße, 東京, עברית',
  '😀 👩‍👩‍👧 \u{10ffff}',
  '{"json":[1,null,"\\u0041"]}',
  '$1 :name ?1 @p -- /* */ ; DROP',
  'NULL',
  'x'.repeat(5_000)
]

export const content: StoreChecks = {
  'bodies are kept byte for byte': async store => {
    const random = new Random(1)
    const bodies = [
      Buffer.alloc(0),
      Buffer.from([0]),
      Buffer.from(times(256)),
      Buffer.from('not \xff utf-8', 'latin1'),
      Buffer.from('Grüße 😀'),
      random.bytes(10_000),
      Buffer.alloc(64 * KIB, 'x'),
      Buffer.alloc(1024 * KIB, Buffer.from(times(251)))
    ]
    const added = await Promise.all(bodies.map(body => put(store, { body })))
    for (const [index, { seq }] of added.entries()) {
      assertRequest(await store.request(seq), arrival({ body: bodies[index] }).request)
      assert.equal((await stored(store, seq)).size, bodies[index]!.length)
    }
    for (const claimed of await claim(store)) {
      const body = bodies[added.findIndex(({ seq }) => seq === claimed.seq)]
      if (claimed.request !== undefined) assertRequest(claimed.request, arrival({ body }).request)
    }
  },

  'a body may be a part of a larger buffer, which stays the caller’s': async store => {
    const buffer = Buffer.from('before|the body|after')
    const request = { ...arrival().request, body: buffer.subarray(7, 15) }
    const pending = store.add({ ...arrival(), request })
    const [added] = await pending
    assert.equal(String(buffer), 'before|the body|after', 'the buffer must not be taken away')
    buffer.fill('x')
    assertRequest(await store.request(added!.seq), { ...request, body: Buffer.from('the body') })
  },

  'method, URL and headers are kept, lists as lists': async store => {
    const requests = [
      { method: 'POST', url: '/hooks/acme?a=1&b=%20%F0%9F%98%80', headers: {} },
      { method: 'GET', url: '', headers: { accept: 'a, b', 'x-list': ['a', 'b'], 'x-one': ['a'], 'x-empty': '' } },
      { method: 'PUT', url: 'https://example.com/é', headers: { 'x-odd': TEXTS.slice(0, -1), 'x-no': undefined } },
      { method: 'PATCH', url: '/'.repeat(5_000), headers: { 'x-long': 'y'.repeat(10_000), constructor: 'z' } }
    ].map(request => ({ ...request, body: Buffer.from('{}') }))
    for (const request of requests) {
      const [added] = await store.add({ ...arrival(), request } as Arrival)
      assertRequest(await store.request(added!.seq), request)
    }
  },

  'texts are kept as they are, and the empty one is not the absent one': async store => {
    for (const text of TEXTS) {
      const [start, later] = [text.slice(0, 256), `${text.slice(0, 200)} later`]
      const texts = { event: text, id: text, subject: text, account: text, data: text }
      const added = await put(store, { ...texts, order: start, key: start, receiver: start, instance: start })
      const { event, id, subject, account, data, receiver, instance } = await stored(store, added.seq)
      assert.deepEqual([event, id, subject, account, data], [text, text, text, text, text])
      assert.deepEqual([receiver, instance], [start, start])
      const [claimed] = await claim(store, { worker: later, receivers: [{ name: start, limit: 1 }] })
      assert.equal((await stored(store, added.seq)).worker, later)
      assert.equal(await settle(store, claimed!, { state: 'dead', progress: text, history: later, error: text }), true)
      const { progress, history, error } = await stored(store, added.seq)
      assert.deepEqual([progress, history, error], [text, later, text])
    }
  },

  'what is undefined stays undefined': async store => {
    const { seq } = await put(store)
    const { id, occurredAt, subject, account, data, error, worker, leaseUntil } = await stored(store, seq)
    for (const value of [id, occurredAt, subject, account, data, error, worker, leaseUntil])
      assert.equal(value, undefined)
  },

  'large texts are kept whole': async store => {
    const large = 'Grüße 😀 '.repeat(20_000)
    const { seq } = await bring(store, 'done', { data: large }, { progress: large, history: large })
    const { data, progress, history } = await stored(store, seq)
    assert.ok(data === large && progress === large && history === large)
    // Longer than an index takes, and nothing that could be compressed.
    const dense = new Random(2).bytes(100_000).toString('base64')
    const other = await put(store, { event: dense, id: dense, subject: dense, account: dense })
    const { event, id, subject, account } = await stored(store, other.seq)
    assert.ok([event, id, subject, account].every(text => text === dense))
  },

  'times and numbers are kept exactly, however large, before 1970 too': async store => {
    for (const time of [
      0, 1, -1, 999, 1_700_000_000_123, 253_402_300_799_999, 8_640_000_000_000_000, -62_135_596_800_000
    ]) {
      const { seq } = await put(store, { occurredAt: time, receivedAt: Math.max(0, time), secret: 3 })
      const { occurredAt, receivedAt, secret } = await stored(store, seq)
      assert.deepEqual([occurredAt, receivedAt, secret], [time, Math.max(0, time), 3])
    }
    const { seq } = await bring(store, 'done', {}, { attempt: 1_000_000, tries: 999_999, now: 253_402_300_799_999 })
    const { attempt, tries, settledAt } = await stored(store, seq)
    assert.deepEqual([attempt, tries, settledAt], [1_000_000, 999_999, 253_402_300_799_999])
  },

  'every kind of body is kept': async store => {
    for (const kind of ['json', 'form', 'xml', 'multipart', 'text'] satisfies BodyKind[]) {
      const { seq } = await put(store, { kind })
      assert.equal((await stored(store, seq)).kind, kind)
    }
  },

  'deliveries of one arrival share its request': async store => {
    const added = await store.add(arrival({ body: 'shared' }, [delivery({ event: 'a' }), delivery({ event: 'b' })]))
    for (const { seq } of added) assertRequest(await store.request(seq), arrival({ body: 'shared' }).request)
    const claimed = await claim(store)
    for (const { request } of claimed) assertRequest(request, arrival({ body: 'shared' }).request)
  },

  'a number that nobody has is nobody’s': async store => {
    const { seq } = await put(store)
    for (const unknown of [seq + 1_000, 0, -1]) {
      assert.equal(await store.request(unknown), undefined)
      assert.equal(await store.get(unknown), undefined)
    }
  }
}
