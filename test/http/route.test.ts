import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NOWHERE, routeOf } from '../../src/http/route.ts'

test('what a path names', () => {
  for (const [path, expected] of [
    ['/in', { receiver: '', instance: '' }],
    ['/in/', { receiver: '', instance: '' }],
    ['/in/github', { receiver: 'github', instance: '' }],
    ['/in/github/', { receiver: 'github', instance: '' }],
    ['/in/github/acme', { receiver: 'github', instance: 'acme' }],
    ['/in/git%68ub/a%2Fb', { receiver: 'github', instance: 'a/b' }],
    ['/in/github/acme/', NOWHERE],
    ['/in/github/acme/more', NOWHERE],
    ['/in//github', { receiver: '', instance: 'github' }],
    ['/in/github/%E0%A4%A', NOWHERE],
    ['/into/github', undefined],
    ['/', undefined],
    ['', undefined],
    ['*', undefined],
    ['http://in/in/github', undefined]
  ] as const) {
    assert.deepEqual(routeOf(path, '/in'), expected, path)
  }
})

test('without a prefix everything is ours', () => {
  assert.deepEqual(routeOf('/github/acme', ''), { receiver: 'github', instance: 'acme' })
  assert.deepEqual(routeOf('/', ''), { receiver: '', instance: '' })
})
