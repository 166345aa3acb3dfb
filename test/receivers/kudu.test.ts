import assert from 'node:assert/strict'
import { test } from 'node:test'
import { kudu } from '../../receivers/kudu.ts'
import { receive } from '../../src/receive.ts'

const code = '01234567890123456789012345678901'
const deployment = {
  id: 'ff17489',
  status: 'success',
  complete: true,
  siteName: 'test',
  startTime: '2015-09-26T04:26:54Z',
  endTime: '2015-09-26T04:26:55.6393049Z'
}

function deliver(payload: unknown) {
  const body = Buffer.from(JSON.stringify(payload))
  const request = { method: 'POST', url: `https://example.com/kudu?code=${code}`, headers: {}, body }
  return receive(kudu, '', request, { secrets: [code], settings: {}, fetch }, new Date())
}

async function idOf(payload: unknown): Promise<string | undefined> {
  const outcome = await deliver(payload)
  assert(outcome.kind === 'accepted')
  return outcome.deliveries[0]?.id
}

test('a commit that is deployed again, or to another site, or fails, is another delivery', async () => {
  const id = await idOf(deployment)
  assert.equal(await idOf({ ...deployment }), id)
  for (const change of [{ endTime: '2015-09-26T05:00:00Z' }, { siteName: 'staging' }, { status: 'failed' }]) {
    assert.notEqual(await idOf({ ...deployment, ...change }), id, JSON.stringify(change))
  }
})

test('a deployment without time or site has no id', async () => {
  assert.equal(await idOf({ id: 'ff17489', status: 'success', siteName: 'test' }), undefined)
  assert.equal(await idOf({ ...deployment, siteName: undefined }), undefined)
})

test('only a deployment can be pending, and only by saying nothing', async () => {
  for (const payload of [
    {},
    [],
    { siteName: 'test' },
    { id: 'ff17489', status: null },
    { id: 'ff17489', status: '' }
  ]) {
    const outcome = await deliver(payload)
    assert(outcome.kind === 'rejected', JSON.stringify(payload))
    assert.equal(outcome.reason, 'event-missing')
  }
})
