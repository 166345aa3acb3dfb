import assert from 'node:assert/strict'
import { test } from 'node:test'
import { dynamicsCrm } from '../../receivers/dynamics-crm.ts'
import { receive } from '../../src/receive.ts'

const code = 'posthorn-code-of-32-or-more-letters'

const job = {
  MessageName: 'Update',
  Mode: 1,
  OperationCreatedOn: '/Date(1783072800000)/',
  OperationId: 'e3f4a5b6-c7d8-4e9f-8a1b-2c3d4e5f6071',
  OwningExtension: { Id: 'f4a5b6c7-d8e9-4fa0-9b2c-3d4e5f607182' },
  PrimaryEntityId: 'c1d2e3f4-a5b6-4c7d-8e9f-0a1b2c3d4e5f',
  PrimaryEntityName: 'account'
}

async function describe(context: unknown) {
  const body = Buffer.from(JSON.stringify(context))
  const request = { method: 'POST', url: `https://example.com/dynamics-crm?code=${code}`, headers: {}, body }
  const outcome = await receive(dynamicsCrm, '', request, { secrets: [code], settings: {}, fetch }, new Date())
  assert(outcome.kind === 'accepted')
  return outcome.deliveries[0]
}

test('two steps on one operation are two deliveries', async () => {
  const other = { ...job, OwningExtension: { Id: 'a4a5b6c7-d8e9-4fa0-9b2c-3d4e5f607182' } }
  assert.notEqual((await describe(job))?.id, (await describe(other))?.id)
})

test('only what a system job sends has an id', async () => {
  const none = [{ Mode: 0 }, { Mode: undefined }, { OperationId: '00000000-0000-0000-0000-000000000000' }]
  for (const change of [...none, { OperationId: null }, { OwningExtension: null }]) {
    assert.equal((await describe({ ...job, ...change }))?.id, undefined, JSON.stringify(change))
  }
})

test('a record that has no id yet is no subject', async () => {
  const context = { ...job, PrimaryEntityId: '00000000-0000-0000-0000-000000000000' }
  assert.equal((await describe(context))?.subject, undefined)
})

test('a time is read with and without offset, and nothing else is one', async () => {
  for (const text of ['/Date(1783072800000)/', '/Date(1783072800000+0000)/', '/Date(1783072800000-0700)/']) {
    const delivery = await describe({ ...job, OperationCreatedOn: text })
    assert.deepEqual(delivery?.occurredAt, new Date('2026-07-03T10:00:00Z'), text)
  }
  for (const text of ['/Date(abc)/', '1783072800000', '/Date(1783072800000)/ ', 1783072800000, null]) {
    const delivery = await describe({ ...job, OperationCreatedOn: text })
    assert.equal(delivery?.occurredAt, undefined, String(text))
  }
})
