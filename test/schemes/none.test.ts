import assert from 'node:assert/strict'
import { test } from 'node:test'
import { none } from '../../src/schemes/none.ts'

test('anything passes, and it says that it proves nothing', async () => {
  const scheme = none({ because: 'only reachable through a tunnel' })
  const request = { method: 'POST', url: '/', headers: {}, body: Buffer.of() }
  const credentials = { secrets: [], settings: {}, fetch: () => Promise.reject() }
  assert.deepEqual(await scheme.verify(request, credentials, new Date()), { ok: true, secret: 0 })
  assert.deepEqual(scheme.covers, { body: false, time: false })
  assert.equal(scheme.key, false)
  assert.equal(scheme.sign, undefined)
})
