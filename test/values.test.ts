import assert from 'node:assert/strict'
import { test } from 'node:test'
import { joined } from '../src/kit.ts'

test('values are joined to one id, numbers too', () => {
  assert.equal(joined('a', 0, 7n, 'b/c'), 'a/0/7/b/c')
})

test('where one value is missing, empty or no text, there is no id', () => {
  for (const nothing of [undefined, null, '', {}, [], true]) assert.equal(joined('a', nothing, 'b'), undefined)
})
