import assert from 'node:assert/strict'
import { test } from 'node:test'
import { azureAlert } from '../../receivers/azure-alert.ts'
import { receive } from '../../src/receive.ts'

const code = '01234567890123456789012345678901'
const fired = {
  alertId: '/subscriptions/s1/providers/Microsoft.AlertsManagement/alerts/a1',
  signalType: 'Log',
  monitorCondition: 'Fired',
  monitoringService: 'Log Alerts V2',
  alertTargetIDs: [],
  firedDateTime: '2026-07-03T10:00:00.1234567Z'
}

function deliver(payload: unknown) {
  const body = Buffer.from(JSON.stringify(payload))
  const request = { method: 'POST', url: `https://example.com/azure-alert?code=${code}`, headers: {}, body }
  return receive(azureAlert, '', request, { secrets: [code], settings: {}, fetch }, new Date())
}

async function describe(essentials: unknown) {
  const outcome = await deliver({ schemaId: 'azureMonitorCommonAlertSchema', data: { essentials } })
  assert(outcome.kind === 'accepted')
  return outcome.deliveries[0]
}

test('an alert that fires, is resolved and fires again is three deliveries', async () => {
  const resolved = { ...fired, monitorCondition: 'Resolved', resolvedDateTime: '2026-07-03T10:05:00Z' }
  const again = { ...fired, firedDateTime: '2026-07-03T11:00:00Z' }
  const ids = await Promise.all([fired, resolved, again].map(async alert => (await describe(alert))?.id))
  assert.equal(new Set(ids).size, 3)
  assert(!ids.includes(undefined))
  assert.equal((await describe({ ...fired }))?.id, ids[0])
})

test('without its own time a resolved alert has no id: that of its firing is another', async () => {
  const delivery = await describe({ ...fired, monitorCondition: 'Resolved' })
  assert.equal(delivery?.event, 'log.resolved')
  assert.equal(delivery?.id, undefined)
  assert.equal(delivery?.occurredAt, undefined)
})

test('an alert that watches no resource is its own subject', async () => {
  assert.equal((await describe(fired))?.subject, fired.alertId)
})

test('JSON that somebody wrote himself is no alert', async () => {
  for (const payload of [{}, [], { text: 'CPU' }, { schemaId: 'azureMonitorCommonAlertSchema' }, { data: null }]) {
    const outcome = await deliver(payload)
    assert(outcome.kind === 'rejected', JSON.stringify(payload))
    assert.equal(outcome.reason, 'event-missing')
  }
})
