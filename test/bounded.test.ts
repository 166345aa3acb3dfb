import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BoundedMap } from '../src/bounded.ts'

test('a new entry beyond the limit takes the place of the oldest', () => {
  const map = new BoundedMap<string, number>(2).set('a', 1).set('b', 2).set('c', 3)
  assert.deepEqual(
    [...map],
    [
      ['b', 2],
      ['c', 3]
    ]
  )
})

test('a known entry takes the place of itself', () => {
  const map = new BoundedMap<string, number>(2).set('a', 1).set('b', 2).set('b', 3)
  assert.deepEqual(
    [...map],
    [
      ['a', 1],
      ['b', 3]
    ]
  )
})
