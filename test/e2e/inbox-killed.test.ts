/** The newcomer's test: kill it between the 2xx and the handler. And deliveries that do the killing. */
import assert from 'node:assert/strict'
import { rmSync, writeFileSync } from 'node:fs'
import { onEachEngine } from './crash/engines.ts'
import { Notes } from './crash/notes.ts'
import { batch, push } from './crash/requests.ts'
import { allIn, looking } from './crash/stores.ts'
import { judge } from './crash/verdict.ts'
import { until } from './crash/waiting.ts'
import { QUICK } from './crash/world.ts'

onEachEngine('killed between the 2xx and the handlers, it handles the delivery after its restart', async world => {
  // Nobody works here: surely no handler has begun.
  const first = world.server({ worker: false })
  const notes = new Notes(await first.ready)
  assert.equal((await notes.first(await push('waits', 'one')))!.status, 200)
  await first.kill()
  assert.deepEqual(world.effects(), [])

  const second = world.server()
  await second.ready
  await world.drained()
  judge({ notes, stored: await looking(world.store, allIn), effects: world.effects(), kills: 0, concurrency: 8 })
})

onEachEngine('killed in the middle of the chain, it goes on at the handler that was not done', async world => {
  const gate = world.path('gate')
  writeFileSync(gate, '')
  const first = world.server({ gate })
  const notes = new Notes(await first.ready)
  await notes.first(await push('half', 'one', 'wait'))
  await world.untilEffect('waiting', 'half')
  await first.kill()
  rmSync(gate)

  const second = world.server()
  await second.ready
  await world.drained()
  assert.deepEqual(world.pidsOf('first'), [first.pid])
  assert.deepEqual(world.pidsOf('second: its step'), [first.pid])
  assert.deepEqual(world.pidsOf('second'), [second.pid])
  assert.deepEqual(world.pidsOf('third'), [second.pid])
})

onEachEngine('a delivery that kills the process is dead after its tries, and the others are done', async world => {
  const receiver = world.server({ worker: false })
  const notes = new Notes(await receiver.ready)
  for (let count = 0; count < 30; count++) await notes.first(await push(`before-${count}`, `before-${count}`))
  await notes.first(await batch('poison', ['die']))
  for (let count = 0; count < 30; count++) await notes.first(await push(`behind-${count}`, `behind-${count}`))

  let deaths = 0
  const isOver = async (): Promise<boolean> => {
    const open = await looking(world.store, store => store.count({ state: ['waiting', 'running'] }))
    return open === 0
  }
  for (let worker = world.server({ retry: [10, 10] }); ; worker = world.server({ retry: [10, 10] })) {
    await until('all is settled, or the worker is dead', async () => worker.hasEnded || (await isOver()))
    if (!worker.hasEnded) break
    deaths++
  }

  const stored = await looking(world.store, allIn)
  const [poison, ...more] = stored.filter(({ state }) => state !== 'done')
  assert.deepEqual(more, [])
  assert.equal(poison!.id, 'poison/0')
  assert.equal(poison!.state, 'dead')
  assert.match(poison!.error!, /never ended.*second/)
  assert.equal(deaths, 3, 'one for each of its tries')
  const rest = notes.sent.filter(({ request }) => request.ids[0] !== 'poison/0')
  assert.equal(rest.length, 60)
  judge({
    notes: Object.assign(new Notes(notes.port), { sent: rest }),
    stored: stored.filter(one => one !== poison),
    effects: world.effects().filter(({ id }) => id !== 'poison/0'),
    kills: deaths,
    concurrency: QUICK.concurrency
  })
})
