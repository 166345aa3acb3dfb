/** A process that is stopped like a machine that hangs, and goes on when nobody counts on it any more. */
import assert from 'node:assert/strict'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { onEachEngine } from './crash/engines.ts'
import { isLocked } from './crash/others.ts'
import { push, send } from './crash/requests.ts'
import { allIn, looking } from './crash/stores.ts'
import { until } from './crash/waiting.ts'

onEachEngine('of two processes that had the same delivery, one after the other, one alone is recorded', async world => {
  const gate = world.path('gate')
  writeFileSync(gate, '')
  const worker = { concurrency: 8, lease: 5_000 }
  const stopped = world.server({ gate, worker, timeout: 4_900 })
  const port = await stopped.ready
  assert.equal((await send(port, await push('held', 'one', 'wait')))!.status, 200)
  await world.untilEffect('waiting', 'held')
  // In the middle of a commit it would keep a file locked, and nobody could write until it goes on.
  for (stopped.signal('SIGSTOP'); isLocked(world.store); stopped.signal('SIGSTOP')) {
    stopped.signal('SIGCONT')
    await pause(20)
  }

  const other = world.server({ worker })
  await other.ready
  await world.drained()
  assert.deepEqual(world.pidsOf('third', 'held'), [other.pid])
  await other.stop()

  rmSync(gate)
  stopped.signal('SIGCONT')
  await until('the stopped one has come to the end of its handler', () =>
    world.pidsOf('second', 'held').includes(stopped.pid)
  )
  await until('it knows that it lost the delivery', () =>
    readFileSync(world.path('log'), 'utf8').includes('the lease is lost')
  )
  // It goes on with others.
  assert.equal((await send(port, await push('next', 'one')))!.status, 200)
  await world.untilEffect('third', 'next')
  await world.drained()

  const [held, next] = await looking(world.store, allIn)
  assert.equal(held!.state, 'done')
  assert.match(held!.worker!, new RegExp(`:${other.pid}:`))
  assert.equal(held!.attempt, 2)
  assert.deepEqual(JSON.parse(held!.progress).done, ['first', 'second', 'third'])
  const tries = JSON.parse(held!.history).map(({ outcome, worker }: { outcome: string; worker?: string }) => {
    return [outcome, worker?.split(':').at(-3)]
  })
  assert.deepEqual(tries, [
    ['lapsed', undefined],
    ['done', `${other.pid}`]
  ])
  assert.match(next!.worker!, new RegExp(`:${stopped.pid}:`))
})
