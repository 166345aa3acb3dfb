/** A disk that is full, a store that is locked, a clock that is wrong. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { onEachEngine, onSqlite } from './crash/engines.ts'
import { Notes } from './crash/notes.ts'
import { lock } from './crash/others.ts'
import { push } from './crash/requests.ts'
import { type Address, allIn, looking } from './crash/stores.ts'
import { judge } from './crash/verdict.ts'
import { until } from './crash/waiting.ts'
import { PATIENT, type World } from './crash/world.ts'

const HOUR = 3_600_000

onSqlite(
  'SQLite: a full disk is a 503 until there is room again, and what was acknowledged is there',
  async (world, context) => {
    const disk = world.path('disk')
    mkdirSync(disk)
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=6m', 'posthorn-test', disk], { stdio: 'pipe' })
    } catch (error) {
      const message = `NOT TESTED: a full disk, since none can be mounted here (${(error as Error).message.split('\n')[0]})`
      console.error(`!! ${message}`)
      return context.skip(message)
    }
    try {
      const store: Address = { engine: 'sqlite', path: join(disk, 'webhooks.db') }
      const server = world.server({ ...PATIENT, store })
      const notes = new Notes(await server.ready)
      let count = 0
      const next = async () => (await notes.first(await push(`push-${count++}`, `${count % 10}`, undefined, 20_000)))!
      let answer = await next()
      while (answer.status === 200 && count < 2_000) answer = await next()
      assert.equal(answer.status, 503)
      assert.match(answer.retryAfter!, /^\d+$/)

      execFileSync('mount', ['-o', 'remount,size=100m', disk])
      await until('it stores again', async () => (await next()).status === 200)
      const stored = await looking(store, async looked => {
        await until('all is handled', async () => (await looked.count({ state: ['waiting', 'running'] })) === 0)
        return allIn(looked)
      })
      judge({ notes, stored, effects: world.effects(), kills: 0, concurrency: 8 })
      assert.equal(notes.turnedAway, 0)
      await server.stop()
    } finally {
      await world.stopServers()
      execFileSync('umount', [disk])
    }
  }
)

onEachEngine(
  'a store that another process keeps locked is a 503, said once in the log, until it lets go',
  async world => {
    const server = world.server(PATIENT)
    const notes = new Notes(await server.ready)
    assert.equal((await notes.first(await push('before', 'one')))!.status, 200)
    await world.untilEffect('third', 'before')
    const letGo = await lock(world.store)
    for (const id of ['locked-1', 'locked-2']) {
      const answer = (await notes.first(await push(id, 'one')))!
      assert.equal(answer.status, 503)
      assert.match(answer.retryAfter!, /^\d+$/)
    }
    await letGo()
    await until('it stores again', async () => (await notes.first(await push('behind', 'one')))!.status === 200)
    await world.drained()
    judge({ notes, stored: await looking(world.store, allIn), effects: world.effects(), kills: 0, concurrency: 8 })
    const log = readFileSync(world.path('log'), 'utf8')
    assert.equal(log.match(/the store of the inbox is down/g)?.length, 1)
    assert.equal(log.match(/the store of the inbox is back/g)?.length, 1)
  }
)

onEachEngine('a clock that is an hour back after a restart leaves nothing behind', async world => {
  const gate = world.path('gate')
  writeFileSync(gate, '')
  // One in a handler, one that waits for its second try, and some that nobody has taken.
  const first = world.server({ gate, worker: { concurrency: 2, lease: 6_000 }, timeout: 5_000, retry: [20_000] })
  const notes = new Notes(await first.ready)
  await notes.first(await push('held', 'one', 'wait'))
  await notes.first(await push('failed', 'two', 'fail'))
  await world.untilEffect('waiting', 'held')
  await until('one waits for its second try', () => waitsForRetry(world, 'failed'))
  await first.kill()
  const receiver = world.server({ worker: false })
  const later = new Notes(await receiver.ready)
  for (let count = 0; count < 20; count++) await later.first(await push(`waits-${count}`, `three-${count}`))
  await receiver.kill()
  rmSync(gate)

  const clock = world.path('clock')
  writeFileSync(clock, `${-HOUR}`)
  await world.server({ clock }).ready
  await world.drained()
  notes.sent.push(...later.sent)
  judge({ notes, stored: await looking(world.store, allIn), effects: world.effects(), kills: 1, concurrency: 8 })
})

onEachEngine('a clock that is set back by an hour while it runs leaves nothing behind', async world => {
  const gate = world.path('gate')
  writeFileSync(gate, '')
  const clock = world.path('clock')
  writeFileSync(clock, '0')
  const server = world.server({ ...PATIENT, gate, clock, retry: [2_000] })
  const notes = new Notes(await server.ready)
  await notes.first(await push('held', 'one', 'wait'))
  await notes.first(await push('failed', 'two', 'fail'))
  await world.untilEffect('waiting', 'held')
  await until('one waits for its second try', () => waitsForRetry(world, 'failed'))
  writeFileSync(clock, `${-HOUR}`)
  for (let count = 0; count < 20; count++) await notes.first(await push(`behind-${count}`, `three-${count}`))
  rmSync(gate)
  await world.drained()
  judge({ notes, stored: await looking(world.store, allIn), effects: world.effects(), kills: 0, concurrency: 8 })
})

onEachEngine('what a clock an hour ahead has put off is handled once the clock is right', async world => {
  const receiver = world.server({ worker: false })
  const notes = new Notes(await receiver.ready)
  await notes.first(await push('put-off', 'one'))
  await receiver.stop()
  await looking(world.store, async store => {
    const now = store.now() + HOUR
    const receivers = [{ name: 'github', limit: 1 }]
    const [claimed] = await store.claim({ worker: 'ahead', now, until: now + 1_000, limit: 1, receivers })
    const { attempt, tries, progress, history } = claimed!
    const settlement = { attempt, tries, progress, history, error: 'not yet', now, due: now + 10_000 }
    assert.equal(await store.settle(claimed!, { ...settlement, state: 'waiting' }), true)
  })

  await world.server().ready
  await world.drained()
  judge({ notes, stored: await looking(world.store, allIn), effects: world.effects(), kills: 0, concurrency: 8 })
})

async function waitsForRetry(world: World, id: string): Promise<boolean> {
  const [found] = await looking(world.store, store => store.find({ id, state: 'waiting' }, { limit: 1 }))
  return found?.attempt === 1
}
