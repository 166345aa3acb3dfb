/** Several processes on one store: side by side, one after the other, and of different versions. */
import assert from 'node:assert/strict'
import { rmSync, writeFileSync } from 'node:fs'
import { Random } from '../../src/testing/random.ts'
import { HANDLERS } from './crash/effects.ts'
import { onEachEngine } from './crash/engines.ts'
import { Load } from './crash/load.ts'
import { Notes } from './crash/notes.ts'
import { migrate } from './crash/others.ts'
import { freePort } from './crash/ports.ts'
import { push } from './crash/requests.ts'
import { allIn, looking } from './crash/stores.ts'
import { judge } from './crash/verdict.ts'
import { until } from './crash/waiting.ts'
import { PATIENT } from './crash/world.ts'

onEachEngine('two workers share the work, and nothing runs twice', async world => {
  const gate = world.path('gate')
  writeFileSync(gate, '')
  const options = { ...PATIENT, gate }
  const [one, other] = [world.server(options), world.server(options)]
  const notes = new Notes(await one.ready)
  await other.ready
  // More than one of them takes at a time.
  for (let count = 0; count < 400; count++) await notes.first(await push(`push-${count}`, `${count}`, 'wait'))
  await until('both are at work', () => new Set(world.pidsOf('waiting')).size === 2)
  rmSync(gate)
  await world.drained()

  for (const handler of HANDLERS) {
    const ids = world.effects().filter(effect => effect.handler === handler)
    assert.equal(ids.length, 400, `${handler} ran once for each`)
  }
  judge({
    notes,
    stored: await looking(world.store, allIn),
    effects: world.effects(),
    kills: 0,
    concurrency: 8
  })
  assert.deepEqual(new Set(world.pidsOf('third')), new Set([one.pid, other.pid]))
})

onEachEngine('stopped by SIGTERM under load, five times, it loses nothing and repeats nothing', async world => {
  const options = { ...PATIENT, port: await freePort(), order: 'subject' } as const
  const notes = new Notes(options.port)
  const load = new Load(notes, new Random(5))
  let server = world.server(options)
  await server.ready
  load.start()
  for (let count = 1; count <= 5; count++) {
    const before = notes.count
    await until('some more were acknowledged', () => notes.count > before + 50)
    await server.stop()
    assert.equal(server.end, 0, 'it ends by itself, and in peace')
    server = world.server(options)
    await server.ready
  }
  await load.stop()
  await world.drained()
  const stored = await looking(world.store, allIn)
  judge({ notes, stored, effects: world.effects(), kills: 0, concurrency: 8 })
})

onEachEngine(
  'an old version goes on while a newer one changes the schema, and does not start after that',
  async world => {
    const old = world.server(PATIENT)
    const notes = new Notes(await old.ready)
    const load = new Load(notes, new Random(7))
    load.start()
    await until('the old one is at work', () => notes.count > 20)
    await migrate(world.store)
    const before = notes.count
    await until('the old one still is', () => notes.count > before + 100)
    await load.stop()

    await assert.rejects(world.server().ready, { code: 'WEBHOOKS_SCHEMA_TOO_NEW' })
    await until('the old one has done its work', async () => world.pidsOf('third').length >= notes.acknowledged.length)
  }
)
