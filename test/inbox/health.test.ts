import assert from 'node:assert/strict'
import { test } from 'node:test'
import { StoreUnavailable } from '../../src/errors.ts'
import { monitored } from '../../src/inbox/health.ts'
import type { Store } from '../../src/store/store.ts'

test('a store that goes down is logged once, and once when it is back', async () => {
  const lines: string[] = []
  const log = {
    error: (_: object, text: string) => lines.push(text),
    warn: (_: object, text: string) => lines.push(text)
  }
  let failure: Error | undefined
  const stub = {
    name: 'stub',
    now: () => 7,
    paused: async () => {
      if (failure) throw failure
      return ['acme']
    }
  }
  const store = monitored(stub as unknown as Store, log as never)
  assert.deepEqual([store.name, store.now(), await store.paused()], ['stub', 7, ['acme']])
  assert.deepEqual(lines, [])

  failure = new StoreUnavailable('stub', 'the disk is full')
  for (let time = 0; time < 3; time++) await assert.rejects(store.paused(), failure)
  assert.deepEqual(lines, ['the store of the inbox is down'])
  failure = undefined
  for (let time = 0; time < 3; time++) await store.paused()
  assert.deepEqual(lines, ['the store of the inbox is down', 'the store of the inbox is back'])

  failure = new Error('a mistake of the caller')
  await assert.rejects(store.paused(), failure)
  assert.equal(lines.length, 2)
})
