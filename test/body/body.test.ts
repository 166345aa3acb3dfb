import assert from 'node:assert/strict'
import { test } from 'node:test'
import { kindOf, parseBody, peek } from '../../src/body/body.ts'
import { MalformedBody } from '../../src/errors.ts'
import type { AnyReceiver, BodyKind, WebhookRequest } from '../../src/receiver.ts'

function requestOf(body: string, type?: string | readonly string[]): WebhookRequest {
  const headers = type === undefined ? {} : { 'content-type': type }
  return { method: 'POST', url: 'https://example.com/', headers, body: Buffer.from(body) }
}

const kindsOf = (body?: readonly BodyKind[]) => ({ ...(body && { body }) }) as AnyReceiver

test('the content type chooses among the receiver’s kinds, and the first stands where it tells nothing', () => {
  const receiver = kindsOf(['form', 'json', 'xml', 'multipart', 'text'])
  const kinds: Record<string, BodyKind> = {
    'application/json': 'json',
    'application/json; charset=utf-8': 'json',
    'Application/CloudEvents+JSON': 'json',
    'application/x-www-form-urlencoded': 'form',
    'application/x-www-form-urlencoded;charset=UTF-8': 'form',
    'text/xml': 'xml',
    'application/soap+xml; charset=utf-8': 'xml',
    'multipart/form-data; boundary=b': 'multipart',
    'text/plain': 'text',
    'application/octet-stream': 'form',
    json: 'form',
    '': 'form'
  }
  for (const [type, kind] of Object.entries(kinds)) assert.equal(kindOf(receiver, requestOf('', type)), kind, type)
  assert.equal(kindOf(receiver, requestOf('')), 'form')
  assert.equal(kindOf(receiver, requestOf('', ['text/xml', 'application/json'])), 'form')
})

test('a kind that the receiver does not take is its first', () => {
  assert.equal(kindOf(kindsOf(['json', 'form']), requestOf('', 'text/xml')), 'json')
  assert.equal(kindOf(kindsOf(['form']), requestOf('', 'application/json')), 'form')
  assert.equal(kindOf(kindsOf(), requestOf('', 'text/xml')), 'json')
})

test('a body that was peeked at is parsed once, the malformed one too', () => {
  const request = requestOf('{"a":1}')
  peek(request, 'json')
  assert.equal(parseBody(request, 'json'), parseBody(request, 'json'))
  const malformed = requestOf('{')
  peek(malformed, 'json')
  const [first, second] = [0, 1].map(() => {
    try {
      return parseBody(malformed, 'json')
    } catch (error) {
      return error
    }
  })
  assert.ok(first instanceof MalformedBody)
  assert.equal(first, second)
})

test('text is decoded, and refused where it is no UTF-8', () => {
  assert.equal(parseBody(requestOf('\uFEFFgrün'), 'text'), 'grün')
  const request = { ...requestOf(''), body: Buffer.of(0xff) }
  assert.throws(() => parseBody(request, 'text'), MalformedBody)
})

test('what was peeked at is not parsed again', () => {
  const request = requestOf('{"a":1}', 'application/json')
  assert.equal(peek(request, 'json'), parseBody(request, 'json'))
})

test('a body of another declared type is not looked at', () => {
  assert.equal(peek(requestOf('{"a":1}', 'application/x-www-form-urlencoded'), 'json'), undefined)
  assert.equal(peek(requestOf('a=1', 'application/json'), 'form'), undefined)
})

test('a body of no declared type, or only of text, is', () => {
  for (const type of [undefined, 'text/plain', 'application/octet-stream', 'nonsense']) {
    assert.deepEqual(peek(requestOf('{"a":1}', type), 'json'), { a: 1 })
  }
})

test('a malformed body is undefined, of each kind', () => {
  for (const kind of ['json', 'xml', 'multipart'] as const)
    assert.equal(peek(requestOf('{', undefined), kind), undefined)
  assert.equal(peek(requestOf('__proto__=1'), 'form'), undefined)
  assert.equal(peek({ ...requestOf(''), body: Buffer.of(0xff) }, 'text'), undefined)
})

test('a mebibyte is the most that is looked at before a proof', () => {
  const sized = (size: number) => requestOf(`{"a":"${'x'.repeat(size - 8)}"}`)
  const limit = 1024 * 1024
  assert.equal(peek(sized(limit), 'json').a.length, limit - 8)
  assert.equal(peek(sized(limit + 1), 'json'), undefined)
  assert.equal(parseBody(sized(limit + 1), 'json').a.length, limit - 7)
})

test('but not of a multipart body, which is searched and not decoded', () => {
  const file = 'x'.repeat(2 * 1024 * 1024)
  const field = '--b\r\nContent-Disposition: form-data; name="token"\r\n\r\n7\r\n'
  const body = `${field}--b\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\n${file}\r\n--b--`
  assert.equal(peek(requestOf(body, 'multipart/form-data; boundary=b'), 'multipart').token, '7')
})
