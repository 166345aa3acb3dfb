import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseBody } from '../../src/body/body.ts'
import { redactBody } from '../../src/body/redact.ts'
import type { BodyKind } from '../../src/receiver.ts'

function redacted(kind: BodyKind, body: string | Uint8Array, fields = ['token'], contentType?: string): string {
  const bytes = Buffer.from(body as string)
  const result = redactBody(bytes, kind, contentType, fields)
  assert.equal(result.length, bytes.length, 'it stays as long as it was')
  return Buffer.from(result).toString()
}

function parsed(kind: BodyKind, body: string, type?: string): any {
  const headers = type === undefined ? {} : { 'content-type': type }
  return parseBody({ method: 'POST', url: '/', headers, body: Buffer.from(body) }, kind)
}

test('the body that came is left alone', () => {
  const body = Buffer.from('{"token":"s3cret"}')
  redactBody(body, 'json', undefined, ['token'])
  assert.equal(body.toString(), '{"token":"s3cret"}')
})

test('JSON: a value is overwritten byte for byte, and everything else stays as it was spelled', () => {
  const body = '{ "a" : [1, "token"],\n"token" :\t"grün", "tokens": "no", "t": {"b": "token"} }'
  const result = redacted('json', body)
  assert.equal(result, body.replace('grün', '*****'))
  assert.deepEqual(parsed('json', result), { ...parsed('json', body), token: '*****' })
})

test('JSON: at any depth, as often as it stands there', () => {
  assert.equal(
    redacted('json', '[{"a":{"token":"1"}},{"token":"22","token":"333"}]'),
    '[{"a":{"token":"*"}},{"token":"**","token":"***"}]'
  )
})

test('JSON: escapes in the value, and in the name', () => {
  assert.equal(redacted('json', '{"token":"a\\"b\\\\","x":"y"}'), '{"token":"******","x":"y"}')
  assert.equal(redacted('json', '{"\\u0074oken":"abc"}'), '{"\\u0074oken":"***"}')
  assert.equal(
    redacted('json', '{"a\\"token":"no","to\\"ken":"abc"}', ['to"ken']),
    '{"a\\"token":"no","to\\"ken":"***"}'
  )
})

test('JSON: all texts in a list or an object of such a name', () => {
  const body = '{"token":["a",{"b":"c","d":[["e"]]}],"f":"g"}'
  assert.equal(redacted('json', body), '{"token":["*",{"b":"*","d":[["*"]]}],"f":"g"}')
})

test('JSON: what follows a value that is no text is not taken for it', () => {
  for (const value of ['12', 'null', 'true', '[]', '{}', '""']) {
    const body = `[{"token":${value},"a":"b"},"c",{"d":"e"}]`
    assert.equal(redacted('json', body), body)
  }
})

test('JSON: behind a BOM, and where it is cut off', () => {
  assert.equal(redacted('json', '\uFEFF{"token":"abc"}'), '\uFEFF{"token":"***"}')
  assert.equal(redacted('json', '{"token":"abc'), '{"token":"***')
  assert.equal(redacted('json', '{"token":"abc\\'), '{"token":"****')
  assert.equal(redacted('json', ']]}"token":"a"'), ']]}"token":"*"')
})

test('JSON: millions of escapes take neither stack nor much time', () => {
  const escapes = '\\n'.repeat(6_000_000)
  assert.ok(redacted('json', `{"a":"${escapes}","token":"abc"}`).endsWith('"token":"***"}'))
  const unending = `{"a":"${'\\"'.repeat(1_000_000)}`
  assert.equal(redacted('json', unending), unending)
})

test('form: however the name is spelled, and in any bracket of it', () => {
  assert.equal(
    redacted('form', 'a=1&token=gr%C3%BCn&tokens=2&to%6ben=x&b[token]=y&token[c][]=z&d=token'),
    'a=1&token=*********&tokens=2&to%6ben=*&b[token]=*&token[c][]=*&d=token'
  )
})

test('form: values with equals signs, without value, and behind a BOM', () => {
  assert.equal(redacted('form', 'token=a=b=&token&token=&x=y'), 'token=****&token&token=&x=y')
  assert.equal(redacted('form', '\uFEFFtoken=abc&b=1'), '\uFEFFtoken=***&b=1')
  assert.deepEqual(parsed('form', redacted('form', '\uFEFFtoken=abc')), { token: '***' })
})

test('XML: the text of an element of any prefix, not of one whose name only begins so', () => {
  const body =
    '<?xml version="1.0"?>\r\n<x:a xmlns:x="u"><x:token>grün😀</x:token><token>1</token><tokens>no</tokens></x:a>'
  const result = redacted('xml', body)
  assert.equal(result, body.replace('grün😀', '*********').replace('>1<', '>*<'))
  assert.deepEqual(parsed('xml', result).a, { token: ['*********', '*'], tokens: 'no' })
})

test('XML: CDATA, entities, nested elements and attributes', () => {
  assert.equal(redacted('xml', '<a><token><![CDATA[</token>]]></token></a>'), `<a><token>${'*'.repeat(20)}</token></a>`)
  assert.equal(redacted('xml', '<a><token>&lt;b</token></a>'), '<a><token>*****</token></a>')
  assert.equal(redacted('xml', '<a><token>1<token>2</token>3</token></a>'), `<a><token>${'*'.repeat(18)}</token></a>`)
  assert.equal(redacted('xml', '<a token="abc" b="c"/>'), '<a token="***" b="c"/>')
})

test('XML: a comment that looks like the element is none, and an empty element holds nothing', () => {
  const body = '<a><!-- <token> --><b>1</b><token/><token></token></a>'
  assert.equal(redacted('xml', body), body)
})

test('XML: behind a BOM, with line breaks and characters of any width before it', () => {
  const body = '\uFEFF<a>\r\n<é>ü€😀</é>\r\n<token>abc</token></a>'
  assert.equal(redacted('xml', body), body.replace('abc', '***'))
})

test('XML that does not parse, or is no UTF-8, is overwritten as a whole', () => {
  for (const body of ['<a><token>abc</a>', '<!DOCTYPE a><a><token>abc</token></a>']) {
    assert.equal(redacted('xml', body), '*'.repeat(body.length))
  }
  const bytes = Buffer.concat([Buffer.from('<token>abc'), Buffer.of(0xff), Buffer.from('</token>')])
  assert.equal(redacted('xml', bytes), '*'.repeat(bytes.length))
})

test('multipart: the content of a field, a file or a nested name', () => {
  const type = 'multipart/form-data; boundary=b'
  const part = (head: string, content: string) => `--b\r\nContent-Disposition: form-data; ${head}\r\n\r\n${content}\r\n`
  const bodyOf = (...secrets: readonly string[]) =>
    `${part('name="token"', secrets[0]!)}${part('name="a"', 'token')}${part('name="token"; filename="token"', secrets[1]!)}${part('name="b[token]"', secrets[2]!)}--b--`
  const result = redacted('multipart', bodyOf('abc', '12\r\n34', 'ü'), ['token'], type)
  assert.equal(result, bodyOf('***', '******', '**'))
  assert.equal(parsed('multipart', result, type).a, 'token')
})

test('multipart that does not parse is overwritten as a whole', () => {
  const body = '--b\r\nContent-Disposition: form-data; name="token"\r\n\r\nabc'
  for (const type of [undefined, 'multipart/form-data; boundary=b']) {
    assert.equal(redacted('multipart', body, ['token'], type), '*'.repeat(body.length))
  }
})

test('plain text has no fields', () => {
  assert.equal(redacted('text', 'token=abc'), 'token=abc')
})
