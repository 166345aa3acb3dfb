import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseJson, parseJsonText } from '../../src/body/json.ts'
import { MalformedBody } from '../../src/errors.ts'

const parse = (text: string) => parseJson(Buffer.from(text))

function malformed(what: RegExp) {
  return (error: unknown) => error instanceof MalformedBody && what.test(error.message)
}

test('an object or an array is parsed as it is', () => {
  assert.deepEqual(parse('{"a":[1,2,{"b":null}],"ü":"\\u00fc"}'), { a: [1, 2, { b: null }], ü: 'ü' })
  assert.deepEqual(parse(' [ ] \n'), [])
})

test('a BOM before it is no part of it', () => {
  assert.deepEqual(parse('\uFEFF{"a":1}'), { a: 1 })
})

test('an empty body is malformed, and said to be empty', () => {
  for (const empty of ['', ' \n', '\uFEFF']) assert.throws(() => parse(empty), malformed(/it is empty/))
})

test('a scalar is no body', () => {
  for (const scalar of ['null', 'true', '7', '"text"']) {
    assert.throws(() => parse(scalar), malformed(/neither object nor array/))
  }
})

test('invalid UTF-8 is malformed, whether or not a decoder would forgive it', () => {
  for (const bytes of [[0xff], [0xc3], [0xed, 0xa0, 0x80], [0xc0, 0xaf]]) {
    const body = Buffer.concat([Buffer.from('{"a":"'), Buffer.from(bytes), Buffer.from('"}')])
    assert.throws(() => parseJson(body), malformed(/not valid UTF-8/))
  }
})

test('a lone surrogate that is escaped is a text like any other', () => {
  assert.deepEqual(parse('{"a":"\\ud800"}'), { a: '\ud800' })
})

test('a body that would set a prototype is refused, however the name is spelled and however deep', () => {
  for (const text of [
    '{"__proto__":{"admin":true}}',
    '{"a":[{"__proto__":null}]}',
    '{"\\u005f_proto__":{"admin":true}}',
    '{"__proto\\u005f_":1}',
    '{"constructor":{"prototype":{"admin":true}}}',
    '{"a":{"constructor":{"prototype":1}}}'
  ]) {
    assert.throws(() => parse(text), malformed(/sets a prototype/), text)
  }
  assert.equal(({} as any).admin, undefined)
})

test('a field that is called constructor, and no more, is a field', () => {
  assert.deepEqual(parse('{"constructor":"Haas","prototype":1}'), { constructor: 'Haas', prototype: 1 })
})

test('a million nested brackets come to an end, closed or not', () => {
  const depth = 1_000_000
  assert.throws(() => parse('['.repeat(depth)), MalformedBody)
  assert.throws(() => parse('{"a":'.repeat(depth)), MalformedBody)
  assert.ok(Array.isArray(parse('['.repeat(depth) + ']'.repeat(depth))))
})

test('what does not parse is malformed, and the message quotes nothing of it', () => {
  for (const text of ['{', '{"secret":"hunter2"', "{'a':1}", '{"a":1,}', '{"a":NaN}', '{}{}']) {
    assert.throws(
      () => parse(text),
      (error: Error) => error instanceof MalformedBody && !error.message.includes('hunter2')
    )
  }
})

test('JSON within a field is parsed the same way, and a field that is no text is malformed', () => {
  assert.deepEqual(parseJsonText('{"a":1}'), { a: 1 })
  for (const value of [undefined, null, 7, ['{}'], { a: 1 }]) {
    assert.throws(() => parseJsonText(value), malformed(/field that should hold it is missing/))
  }
  assert.throws(() => parseJsonText('{"__proto__":1}'), MalformedBody)
})
