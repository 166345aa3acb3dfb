import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseForm, parsePairs } from '../../src/body/form.ts'
import { MalformedBody } from '../../src/errors.ts'

const parse = (text: string) => parseForm(Buffer.from(text))

test('fields are decoded, and every value is a text', () => {
  assert.deepEqual(parse('a=1&b=gr%C3%BCn+%26+gut&c=&d'), { a: '1', b: 'grün & gut', c: '', d: '' })
})

test('brackets nest, at any place of a name', () => {
  assert.deepEqual(parse('data[merges][EMAIL]=a%40b.c&data[id]=7&type=x'), {
    data: { merges: { EMAIL: 'a@b.c' }, id: '7' },
    type: 'x'
  })
  assert.deepEqual(parse('a%5Bb%5D=1'), { a: { b: '1' } })
})

test('empty brackets, a repeated name and keys that count from 0 make arrays', () => {
  assert.deepEqual(parse('a[]=1'), { a: ['1'] })
  assert.deepEqual(parse('a=1&a=2&a=3'), { a: ['1', '2', '3'] })
  assert.deepEqual(parse('a[0][id]=x&a[1][id]=y'), { a: [{ id: 'x' }, { id: 'y' }] })
  assert.deepEqual(parse('a[1]=x&a[2]=y'), { a: { 1: 'x', 2: 'y' } })
})

test('a name that is not bracketed cleanly is a name', () => {
  for (const name of ['[a]', 'a[b', 'a]b[', 'a[b]c', 'a[[b]]', '']) {
    assert.deepEqual(parse(`${encodeURIComponent(name)}=1`), { [name]: '1' })
  }
})

test('a value and a nest under one name are both kept', () => {
  assert.deepEqual(parse('a=1&a[b]=2'), { a: '1', 'a[b]': '2' })
  assert.deepEqual(parse('a[b]=2&a=1'), { a: [{ b: '2' }, '1'] })
})

test('nests that are too deep stay names', () => {
  const name = `a${'[b]'.repeat(8)}`
  assert.deepEqual(parse(`${name}=1`), { [name]: '1' })
  assert.deepEqual(parse('a[b][c][d][e][f][g][h]=1'), { a: { b: { c: { d: { e: { f: { g: { h: '1' } } } } } } } })
})

test('a field that would set a prototype is refused', () => {
  for (const body of [
    '__proto__=1',
    '__proto__[admin]=1',
    'a[__proto__][admin]=1',
    'a[__proto__]=1',
    '%5f_proto__=1'
  ]) {
    assert.throws(() => parse(body), MalformedBody, body)
  }
})

test('fields that are called like what every object has are fields', () => {
  const parsed = parse('constructor[prototype][admin]=1&toString=x&hasOwnProperty[a]=1')
  assert.deepEqual(parsed, { constructor: { prototype: { admin: '1' } }, toString: 'x', hasOwnProperty: { a: '1' } })
  assert.equal(({} as any).admin, undefined)
})

test('a thousand fields are the most', () => {
  const fields = (count: number) => Array.from({ length: count }, (_, index) => `f${index}=1`).join('&')
  assert.equal(Object.keys(parse(fields(1000))).length, 1000)
  assert.throws(() => parse(fields(1001)), MalformedBody)
  assert.throws(() => parse('&'.repeat(1_000_000)), MalformedBody)
})

test('an empty body and one that is no UTF-8 are malformed, a BOM is passed over', () => {
  assert.throws(() => parse(''), MalformedBody)
  assert.throws(() => parseForm(Buffer.from([0x61, 0x3d, 0xff])), MalformedBody)
  assert.deepEqual(parse('\uFEFFa=1'), { a: '1' })
})

test('pairs keep order and repetitions, and brackets are part of their names', () => {
  assert.deepEqual(parsePairs(Buffer.from('b=2&a=1&b=3&c[d]=4')), [
    ['b', '2'],
    ['a', '1'],
    ['b', '3'],
    ['c[d]', '4']
  ])
})
