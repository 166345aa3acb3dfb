import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fields, list, plain } from '../../src/schemes/layout.ts'

test('plain: the signature alone, behind a prefix that must stand there', () => {
  assert.deepEqual(plain().read('abc'), { signatures: ['abc'] })
  assert.deepEqual(plain('v0=').read('v0=abc'), { signatures: ['abc'] })
  assert.deepEqual(plain('v0=').read('v0='), { signatures: [''] })
  for (const text of ['abc', 'abcv0=', ' v0=abc', 'V0=abc', '']) assert.equal(plain('v0=').read(text), undefined, text)
  assert.equal(plain('v0=').write('abc', undefined), 'v0=abc')
  assert.equal(plain().write('abc', '1'), 'abc')
})

test('fields: names in any order, white space around names and values, other names passed over', () => {
  const layout = fields({ timestamp: 't', signature: 'v1' })
  assert.deepEqual(layout.read('t=1,v1=a'), { signatures: ['a'], timestamp: '1' })
  assert.deepEqual(layout.read('v0=x, v1 = a , t = 1 '), { signatures: ['a'], timestamp: '1' })
  assert.deepEqual(layout.read('v1=a,v1=b=='), { signatures: ['a', 'b=='] })
  assert.deepEqual(layout.read('v1=,t='), { signatures: [''], timestamp: '' })
  assert.equal(layout.write('a', '1'), 't=1,v1=a')
})

test('fields: no signature, two times or a part without a name is another layout', () => {
  const layout = fields({ timestamp: 't', signature: 'v1' })
  for (const text of ['', 't=1', 'v0=a', 'v1', 'V1=a', 't=1,t=1,v1=a', 't=1,t=2,v1=a', 'v1=a,', 'v1=a,x', 'xv1=a']) {
    assert.equal(layout.read(text), undefined, text)
  }
})

test('fields: with another separator, and without a time', () => {
  const layout = fields({ signature: 'h', separator: ';' })
  assert.deepEqual(layout.read('ts=1;h=a,b'), { signatures: ['a,b'] })
  assert.equal(layout.write('a', '1'), 'h=a')
  assert.equal(fields({ signature: 'h', timestamp: 'ts', separator: ';' }).write('a', '1'), 'ts=1;h=a')
})

test('list: all of the version, and of no other', () => {
  const layout = list({ separator: ' ', prefix: 'v1,' })
  assert.deepEqual(layout.read('v1,a v2,b v1a,c  v1,d'), { signatures: ['a', 'd'] })
  assert.deepEqual(list({ separator: ',', prefix: 'v1=' }).read('v1=a, v1=b'), { signatures: ['a', 'b'] })
  for (const text of ['', 'v2,a', 'a', 'av1,', 'V1,a']) assert.equal(layout.read(text), undefined, text)
  assert.equal(layout.write('a', undefined), 'v1,a')
})
