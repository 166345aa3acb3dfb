import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseMultipart } from '../../src/body/multipart.ts'
import { MalformedBody } from '../../src/errors.ts'

const TYPE = 'multipart/form-data; boundary=b'

/** A body of parts, each given as head and content, under the boundary `b`. */
function bodyOf(...parts: readonly (readonly [head: string, content: string])[]): string {
  return `${parts.map(([head, content]) => `--b\r\n${head}\r\n\r\n${content}\r\n`).join('')}--b--\r\n`
}

const named = (name: string) => `Content-Disposition: form-data; name="${name}"`

function parse(body: string | Buffer, type: string | undefined = TYPE): Record<string, any> {
  return parseMultipart(Buffer.from(body as string), type)
}

test('fields are texts, nested as in a form', () => {
  const body = bodyOf([named('a'), '1'], [named('b[c]'), 'grün'], [named('d'), ''], [named('a'), '2'])
  assert.deepEqual(parse(body), { a: ['1', '2'], b: { c: 'grün' }, d: '' })
})

test('a part with a file name is a file, of any bytes', () => {
  const head = 'content-disposition: form-data; name=f; filename="a b.bin"\r\nContent-Type: application/x-thing; v=1'
  const body = Buffer.concat([
    Buffer.from(`--b\r\n${head}\r\n\r\n`),
    Buffer.of(0xff, 0, 13, 10),
    Buffer.from('\r\n--b--')
  ])
  const { filename, type, bytes } = parse(body).f
  assert.deepEqual([filename, type, [...bytes]], ['a b.bin', 'application/x-thing; v=1', [0xff, 0, 13, 10]])
})

test('a file without type has none, and an empty file name is a file still', () => {
  const body = bodyOf(['Content-Disposition: form-data; name="f"; filename=""', ''])
  assert.deepEqual(parse(body).f, { filename: '', type: undefined, bytes: Buffer.of() })
})

test('a field that is no UTF-8 is malformed', () => {
  const body = Buffer.concat([Buffer.from(`--b\r\n${named('a')}\r\n\r\n`), Buffer.of(0xff), Buffer.from('\r\n--b--')])
  assert.throws(() => parse(body), MalformedBody)
})

test('a boundary may be quoted, and other parameters may stand around it', () => {
  for (const type of [
    'multipart/form-data; boundary="b"',
    'multipart/form-data;boundary=b',
    'Multipart/Form-Data; charset=utf-8; BOUNDARY=b; x=y'
  ]) {
    assert.deepEqual(parse(bodyOf([named('a'), '1']), type), { a: '1' }, type)
  }
  const spaced = bodyOf([named('a'), '1']).replaceAll('--b', '--x y:z')
  assert.deepEqual(parse(spaced, 'multipart/form-data; boundary="x y:z"'), { a: '1' })
})

test('without a boundary there is nothing to read', () => {
  for (const type of [
    undefined,
    '',
    'multipart/form-data',
    'multipart/form-data; boundary=',
    'multipart/form-data; boundary=""'
  ]) {
    assert.throws(() => parseMultipart(Buffer.from(bodyOf([named('a'), '1'])), type), MalformedBody)
  }
})

test('text before the first delimiter and behind the last is nothing', () => {
  assert.deepEqual(parse(`preamble\r\n${bodyOf([named('a'), '1'])}epilogue`), { a: '1' })
})

test('no parts at all are an empty body', () => {
  assert.deepEqual(parse('--b--\r\n'), {})
})

test('a body that is cut off anywhere is malformed', () => {
  const whole = bodyOf([named('a'), '1'], [named('b'), '2'])
  const end = whole.lastIndexOf('--b--') + '--b--'.length
  for (let length = 0; length < end; length++) {
    assert.throws(() => parse(whole.slice(0, length)), MalformedBody, `cut after ${length}`)
  }
})

test('a delimiter only counts at the beginning of a line', () => {
  assert.deepEqual(parse(bodyOf([named('a'), 'x--b\r\n -- b\n--b'])), { a: 'x--b\r\n -- b\n--b' })
})

test('a part without disposition or name is malformed', () => {
  for (const head of [
    'Content-Type: text/plain',
    'Content-Disposition: form-data',
    'Content-Disposition: attachment; name="a"'
  ]) {
    assert.throws(() => parse(bodyOf([head, '1'])), MalformedBody, head)
  }
})

test('a name may hold quotes, semicolons, brackets and no Latin', () => {
  assert.deepEqual(parse(bodyOf([named('a\\"b\\\\c'), '1'])), { 'a"b\\c': '1' })
  assert.deepEqual(parse(bodyOf([named('a; name=b'), '1'])), { 'a; name=b': '1' })
  assert.deepEqual(parse(bodyOf([named('имя'), '1'])), { имя: '1' })
})

test('a file name cannot pass itself off as the name of the field', () => {
  for (const disposition of [
    'form-data; filename="x; name=token"; name="file"',
    'form-data; filename="x\\"; name=token"; name="file"',
    'form-data; xname=token; name="file"; filename=x'
  ]) {
    assert.deepEqual(Object.keys(parse(bodyOf([`Content-Disposition: ${disposition}`, '1']))), ['file'], disposition)
  }
})

test('a field cannot set a prototype', () => {
  assert.throws(() => parse(bodyOf([named('__proto__[admin]'), '1'])), MalformedBody)
  assert.equal(({} as any).admin, undefined)
})

test('a thousand parts are the most', () => {
  const parts = (count: number) => bodyOf(...Array.from({ length: count }, (_, at) => [named(`f${at}`), ''] as const))
  assert.equal(Object.keys(parse(parts(1000))).length, 1000)
  assert.throws(() => parse(parts(1001)), MalformedBody)
})

test('a head without end is malformed, however much follows', () => {
  assert.throws(() => parse(`--b\r\n${'x: y\r\n'.repeat(100_000)}`), MalformedBody)
})
