/** A great many deliveries that are all due now: handled, and never all in memory. */
import assert from 'node:assert/strict'
import type { Arrival, Store } from '../../../src/store/store.ts'
import { HANDLERS } from './effects.ts'
import { looking } from './stores.ts'
import { PATIENT, type World } from './world.ts'

/** Bytes of each body, so that a few thousand of them would be seen in memory. */
const BYTES = 16_384
const AT_ONCE = 500
/** Megabytes that a server may take above one with nothing to do: far less than what it works through. */
const MOST = 200

export async function handleMany(world: World, count: number): Promise<{ readonly megabytes: number }> {
  const idle = world.server(PATIENT)
  await idle.ready
  const { megabytes: before } = await idle.memory()
  await idle.stop()
  await looking(world.store, store => fill(store, count))

  const busy = world.server(PATIENT)
  await busy.ready
  await world.drained()
  const { peak } = await busy.memory()
  await busy.stop()

  assert.equal(await looking(world.store, store => store.count({ state: 'done' })), count)
  const effects = world.effects()
  for (const handler of HANDLERS) {
    const ids = effects.filter(effect => effect.handler === handler).map(({ id }) => id)
    assert.equal(ids.length, count, `${handler} ran once for each`)
    assert.equal(new Set(ids).size, count, `${handler} ran for each`)
  }
  const megabytes = Math.round(peak - before)
  assert.ok(megabytes < MOST, `${count} deliveries took ${megabytes} MB`)
  return { megabytes }
}

async function fill(store: Store, count: number): Promise<void> {
  const body = Buffer.from(JSON.stringify({ padding: 'x'.repeat(BYTES) }))
  for (let from = 0; from < count; from += AT_ONCE) {
    const ids = Array.from({ length: Math.min(AT_ONCE, count - from) }, (_, index) => `many-${from + index}`)
    await Promise.all(ids.map(id => store.add(arrival(id, body, store.now()))))
  }
}

function arrival(id: string, body: Uint8Array, receivedAt: number): Arrival {
  const request = { method: 'POST', url: '/', headers: { 'content-type': 'application/json' }, body }
  const delivery = {
    ...{ event: 'push', id, key: id, position: 0 },
    ...{ occurredAt: undefined, subject: undefined, account: undefined, data: undefined, order: undefined }
  }
  return {
    ...{ receiver: 'github', instance: '', receivedAt, secret: 0, kind: 'json', request },
    deliveries: [delivery]
  }
}
