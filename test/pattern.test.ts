import assert from 'node:assert/strict'
import { test } from 'node:test'
import { matches } from '../src/pattern.ts'

const cases: [pattern: string, matching: string[], others: string[]][] = [
  ['push', ['push'], ['pushed', 'Push', 'pus', '']],
  ['issues.*', ['issues.opened', 'issues.'], ['issues', 'issues.a.b', 'issue.opened', 'xissues.opened']],
  ['invoice.**', ['invoice.paid', 'invoice.payment.failed'], ['invoice', 'invoices.paid']],
  ['**', ['anything', 'a.b.c', '/weather', ''], []],
  ['*', ['push', 'repo:push'], ['issues.opened']],
  ['repo:*', ['repo:push', 'repo:'], ['pr:opened', 'repo:a.b']],
  ['*.created', ['order.created'], ['a.b.created', 'created']],
  ['**.created', ['order.created', 'a.b.created'], ['created', 'order.created.x']],
  ['a.*.c', ['a.b.c', 'a..c'], ['a.c', 'a.b.b.c']],
  ['a.+', ['a.+'], ['a.a', 'aa']]
]

for (const [pattern, matching, others] of cases) {
  test(`${pattern} matches ${matching.join(' ')} and not ${others.join(' ')}`, () => {
    for (const event of matching) assert.equal(matches(pattern, event), true, event)
    for (const event of others) assert.equal(matches(pattern, event), false, event)
  })
}

test('a pattern of stars against a long event costs steps, not an explosion', () => {
  assert.equal(matches('**a'.repeat(50), `${'a'.repeat(5000)}b`), false)
})
