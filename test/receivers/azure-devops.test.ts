import assert from 'node:assert/strict'
import { test } from 'node:test'
import { azureDevops } from '../../receivers/azure-devops.ts'
import { receive } from '../../src/receive.ts'

const secret = 'posthorn:pass:word 123'
const event = {
  subscriptionId: 's1',
  notificationId: 9,
  id: 'e1',
  eventType: 'git.push',
  resource: { repository: { id: 'r1' } }
}

function deliver(payload: unknown, given = secret) {
  const headers = { authorization: `Basic ${Buffer.from(given).toString('base64')}` }
  const body = Buffer.from(JSON.stringify(payload))
  const request = { method: 'POST', url: 'https://example.com/azure-devops', headers, body }
  return receive(azureDevops, '', request, { secrets: [secret], settings: {}, fetch }, new Date())
}

async function describe(change: object) {
  const outcome = await deliver({ ...event, ...change })
  assert(outcome.kind === 'accepted')
  return outcome.deliveries[0]
}

test('user and password must both be right', async () => {
  for (const given of ['posthorn:', 'Posthorn:pass:word 123', 'posthorn:pass:word 124', ':pass:word 123']) {
    const outcome = await deliver(event, given)
    assert(outcome.kind === 'rejected', given)
    assert.equal(outcome.reason, 'token-mismatch')
  }
})

test('an event that goes to two subscriptions, and a test that is sent again, are other deliveries', async () => {
  const id = (await describe({}))?.id
  assert.notEqual(id, undefined)
  for (const change of [{ subscriptionId: 's2' }, { notificationId: 10 }, { id: 'e2' }]) {
    assert.notEqual((await describe(change))?.id, id, JSON.stringify(change))
  }
  assert.equal((await describe({ notificationId: undefined }))?.id, undefined)
})

test('an updated work item is its own subject, not its update', async () => {
  const updated = { eventType: 'workitem.updated', resource: { id: 3, workItemId: 160, revision: { id: 160 } } }
  assert.equal((await describe(updated))?.subject, 'workitems/160')
  const bare = { eventType: 'workitem.updated', resource: { id: 3, workItemId: 160 } }
  assert.equal((await describe(bare))?.subject, 'workitems/160')
})

test('a comment belongs to its pull request, a stage to its run', async () => {
  const comment = { resource: { comment: { id: 7 }, pullRequest: { pullRequestId: 12, repository: { id: 'r1' } } } }
  assert.equal((await describe(comment))?.subject, 'pullrequests/12')
  assert.equal((await describe({ resource: { run: { id: 5 }, stage: { id: 's' } } }))?.subject, 'runs/5')
  assert.equal((await describe({ resource: null }))?.subject, undefined)
})
