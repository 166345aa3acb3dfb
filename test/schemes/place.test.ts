import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PEEK_LIMIT } from '../../src/body/body.ts'
import type { Headers, WebhookRequest } from '../../src/receiver.ts'
import { field, fieldByKind, header, query, searchOf } from '../../src/schemes/place.ts'

const FORM = 'application/x-www-form-urlencoded'
const MULTIPART = 'multipart/form-data; boundary=b'

interface Parts {
  readonly url?: string
  readonly headers?: Headers
  readonly type?: string
  readonly body?: string | Uint8Array
}

function requestOf({ url = '/hooks', headers = {}, type, body = '' }: Parts): WebhookRequest {
  const typed = type === undefined ? headers : { ...headers, 'content-type': type }
  return { method: 'POST', url, headers: typed, body: typeof body === 'string' ? Buffer.from(body) : body }
}

const bodyOf = ({ body }: WebhookRequest) => Buffer.from(body).toString()

test('a header is read as it came and written beside the others', () => {
  const place = header('x-sig')
  assert.equal(place.read(requestOf({ headers: { 'x-sig': 'a' } })), 'a')
  assert.deepEqual(place.read(requestOf({ headers: { 'x-sig': ['a', 'b'] } })), ['a', 'b'])
  assert.equal(place.read(requestOf({})), undefined)
  assert.deepEqual(place.write(requestOf({ headers: { other: '1' } }), 'a').headers, { other: '1', 'x-sig': 'a' })
  assert.deepEqual(place.carries, { headers: ['x-sig'] })
})

test('a query parameter is decoded; one that came twice is a list', () => {
  const place = query('code')
  const read = (url: string) => place.read(requestOf({ url }))
  assert.equal(read('https://example.com/hooks?a=1&code=x%26y+z'), 'x&y z')
  assert.equal(read('/hooks?code='), '')
  assert.deepEqual(read('/hooks?code=x&code=x'), ['x', 'x'])
  assert.deepEqual(read('/hooks?code=x&code='), ['x', ''])
  for (const url of ['/hooks', '/code', '/hooks?', '/hooks?recode=x', '/hooks#code=x', '/hooks#?code=x']) {
    assert.equal(read(url), undefined, url)
  }
  assert.deepEqual(place.carries, { query: ['code'] })
})

test('a query parameter is written beside the others, and replaces its own', () => {
  const write = (url: string) => query('code').write(requestOf({ url }), 'x&y').url
  assert.equal(write('https://example.com/hooks'), 'https://example.com/hooks?code=x%26y')
  assert.equal(write('/hooks?a=1'), '/hooks?a=1&code=x%26y')
  assert.equal(write('/hooks?code=old&code=older&a=1'), '/hooks?code=x%26y&a=1')
})

test('the query of a URL ends where the fragment begins, and a second question mark belongs to it', () => {
  assert.deepEqual([...searchOf('/hooks?a=1#b&c=2')], [['a', '1']])
  assert.deepEqual(
    [...searchOf('/hooks?a=1?b&c=2')],
    [
      ['a', '1?b'],
      ['c', '2']
    ]
  )
  assert.deepEqual([...searchOf('?a=1')], [['a', '1']])
  assert.deepEqual([...searchOf('a=1')], [])
})

test('a field is a text or texts at its own path, and nothing inherited', () => {
  const read = (body: unknown, ...path: string[]) =>
    field(['json'], ...path).read(requestOf({ body: JSON.stringify(body) }))
  assert.equal(read({ a: { b: 'x' } }, 'a', 'b'), 'x')
  assert.equal(read({ a: '' }, 'a'), '')
  assert.deepEqual(read({ a: ['x', 'y'] }, 'a'), ['x', 'y'])
  assert.equal(read(['x'], '0'), 'x')
  for (const body of [
    {},
    [],
    'text',
    7,
    null,
    { a: null },
    { a: 7 },
    { a: true },
    { a: {} },
    { a: ['x', 7] },
    { b: 'x' }
  ]) {
    assert.equal(read(body, 'a'), undefined, JSON.stringify(body))
  }
  for (const body of [{ a: 'text' }, { a: null }, { a: ['b'] }, { b: 'x' }]) {
    assert.equal(read(body, 'a', 'b'), undefined, JSON.stringify(body))
  }
  for (const name of ['toString', 'constructor', 'length']) assert.equal(read('text', name), undefined, name)
  assert.equal(read({ a: {} }, 'a', 'constructor', 'name'), undefined)
})

test('the content type says which path is meant; where it says nothing, the first', () => {
  const place = fieldByKind({ json: ['signature', 'token'], form: ['token'] })
  const json = '{"signature":{"token":"j"},"token":"no"}'
  assert.equal(place.read(requestOf({ body: json })), 'j')
  assert.equal(place.read(requestOf({ body: json, type: 'application/json' })), 'j')
  assert.equal(place.read(requestOf({ body: 'token=f', type: FORM })), 'f')
  assert.equal(place.read(requestOf({ body: 'token=f&token=g', type: FORM }))?.length, 2)
  assert.equal(place.read(requestOf({ body: 'token=f' })), undefined)
  assert.deepEqual(place.carries, { fields: ['token'] })
  assert.deepEqual(field(['json', 'form'], 'a', 'b').carries, { fields: ['b'] })
  assert.deepEqual(fieldByKind({ json: ['a', 'b'], form: ['c'] }).carries, { fields: ['b', 'c'] })
})

test('a field is written into JSON, a form or a part, and all else stays', () => {
  const json = field(['json'], 'a', 'b')
  assert.equal(bodyOf(json.write(requestOf({}), 'x')), '{"a":{"b":"x"}}')
  assert.equal(bodyOf(json.write(requestOf({ body: '{"a":{"c":1},"d":2}' }), 'x')), '{"a":{"c":1,"b":"x"},"d":2}')

  const form = field(['form'], 'a', 'b')
  assert.equal(bodyOf(form.write(requestOf({ body: 'c=1' }), 'x&')), 'c=1&a%5Bb%5D=x%26')
  assert.equal(form.read(form.write(requestOf({}), 'x&')), 'x&')

  const part = (name: string, value: string) =>
    `--b\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`
  const body = `${part('c', '1')}${part('token', 'old')}${part('d', '2')}--b--\r\n`
  const multipart = field(['multipart'], 'token')
  const written = multipart.write(requestOf({ type: MULTIPART, body }), 'new token')
  assert.equal(bodyOf(written), body.replace('old', 'new token'))
  assert.equal(multipart.read(written), 'new token')
})

test('where no field can be written, signing says so', () => {
  const multipart = requestOf({ type: MULTIPART, body: '--b--\r\n' })
  assert.throws(() => field(['multipart'], 'token').write(multipart, 'x'), /no part token/)
  for (const kind of ['xml', 'text'] as const) {
    assert.throws(() => field([kind], 'token').write(requestOf({ body: '<a/>' }), 'x'), new RegExp(`into ${kind}`))
  }
})

const large = `mail=${'a'.repeat(PEEK_LIMIT)}`

test('in a form too large to be parsed, the field alone is looked for', () => {
  const place = field(['form'], 'sig', 'n')
  const read = (body: string | Uint8Array) => place.read(requestOf({ type: FORM, body }))
  const name = 'sig[n]'
  assert.equal(read(`${name}=a%26+b&${large}`), 'a& b')
  assert.equal(read(`${large}&${name}=a%26+b`), 'a& b')
  assert.equal(read(`${large}&${name}=x&other=1`), 'x')
  assert.equal(read(`${large}&${name}=`), '')
  assert.deepEqual(read(`${name}=x&${large}&${name}=y`), ['x', 'y'])
  assert.deepEqual(read(`${large}&${name}=x&${name}=y`), ['x', 'y'])
  assert.deepEqual(read(`${large}${`&${name}=x`.repeat(5)}`), ['x', 'x'])
  for (const body of [large, `${large}&x${name}=y`, `${large}&${name}`, `x${name}=y&${large}`, `${large}${name}=y`]) {
    assert.equal(read(body), undefined, body.replaceAll('a', ''))
  }
})

test('of a value in such a form, as much is read as a proof can have', () => {
  const longest = 'x'.repeat(1024 - 'sig='.length)
  const read = (value: string) => field(['form'], 'sig').read(requestOf({ type: FORM, body: `sig=${value}&${large}` }))
  assert.equal(read(longest), longest)
  assert.equal(read(`${longest}yz`), longest)
})

test('such a form may be a part of a larger buffer', () => {
  const whole = Buffer.from(`sig=before&${large}&sig=x&sig=after`)
  const body = new Uint8Array(whole.buffer, whole.byteOffset + 11, whole.length - 11 - '&sig=after'.length)
  assert.equal(field(['form'], 'sig').read(requestOf({ type: FORM, body })), 'x')
})

test('a body of exactly the limit is still parsed, and one byte more of JSON is not looked at', () => {
  const json = (length: number) => `{"sig":"x","mail":"${'a'.repeat(length - '{"sig":"x","mail":""}'.length)}"}`
  const place = field(['json'], 'sig')
  assert.equal(place.read(requestOf({ body: json(PEEK_LIMIT) })), 'x')
  assert.equal(place.read(requestOf({ body: json(PEEK_LIMIT + 1) })), undefined)
  // What a parser decodes, a search does not: an escaped name tells which of them looked.
  const escaped = 's%69g=x&mail='.padEnd(PEEK_LIMIT, 'a')
  assert.equal(field(['form'], 'sig').read(requestOf({ type: FORM, body: escaped })), 'x')
  assert.equal(field(['form'], 'sig').read(requestOf({ type: FORM, body: `${escaped}a` })), undefined)
})
