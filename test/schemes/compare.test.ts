import assert from 'node:assert/strict'
import { test } from 'node:test'
import { equalMacs, equalSecrets } from '../../src/schemes/compare.ts'

test('MACs are equal letter by letter', () => {
  assert.equal(equalMacs('0a1b', '0a1b'), true)
  for (const other of ['0a1c', '1a1b', '0A1B', '0a1', '0a1b0', '']) assert.equal(equalMacs('0a1b', other), false, other)
})

test('a letter that takes more bytes than another is unequal, and no error', () => {
  assert.equal(equalMacs('e', 'é'), false)
  assert.equal(equalMacs('é', 'e'), false)
})

test('secrets are equal whatever their length, also the longest ones to the last letter', () => {
  const long = 'x'.repeat(10_000)
  assert.equal(equalSecrets('s3cret', 's3cret'), true)
  assert.equal(equalSecrets('grün', 'grün'), true)
  assert.equal(equalSecrets(`${long}a`, `${long}a`), true)
  assert.equal(equalSecrets(`${long}a`, `${long}b`), false)
  for (const other of ['s3cre', 's3crets', 'S3cret', '']) assert.equal(equalSecrets('s3cret', other), false, other)
})
