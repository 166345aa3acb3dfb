import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { writes } from '../../../src/store/sqlite/calls.ts'
import { Connection } from '../../../src/store/sqlite/connection.ts'
import { migrate } from '../../../src/store/sqlite/migrations.ts'
import { find } from '../../../src/store/sqlite/search.ts'
import { stats } from '../../../src/store/sqlite/stats.ts'
import { arrival, delivery } from '../../../src/testing/store/given.ts'
import { newFile } from './folder.ts'

const NOW = 1_700_000_000_000
const lease = { now: NOW * 2, until: NOW * 2 + 1000 }

/** What runs while `work` does. */
function statementsOf(work: () => void): string[] {
  const statements: string[] = []
  const { prepare } = DatabaseSync.prototype
  DatabaseSync.prototype.prepare = function (this: DatabaseSync, sql: string) {
    statements.push(sql)
    return prepare.call(this, sql)
  }
  try {
    work()
  } finally {
    DatabaseSync.prototype.prepare = prepare
  }
  return statements
}

function stepsOf(db: Connection, sql: string): string[] {
  return db.all(`EXPLAIN QUERY PLAN ${sql}`).map(row => String(row[3]))
}

test('what the store does all the time never walks through the deliveries', t => {
  const db = new Connection(newFile())
  t.after(() => db.close())
  migrate(db)
  const bytes = { given: [new Uint8Array([123, 125])], bodies: [] }
  const settlement = { attempt: 1, tries: 1, progress: '', history: '', error: undefined, now: NOW }
  const statements = statementsOf(() => {
    const { request, ...arriving } = arrival({}, [delivery({ key: 'a', order: 'a' }), delivery({ order: 'a' })])
    writes.add(db, bytes, { ...arriving, request: ['POST', '/acme', '{}'] })
    const query = { worker: 'w', ...lease, limit: 10, receivers: [{ name: 'acme', limit: 10 }] }
    const [taken] = writes.claim(db, bytes, query)
    assert.ok(taken)
    writes.extend(db, bytes, [{ seq: 1, fence: 1 }], NOW * 3)
    writes.nextDue(db, bytes, ['acme'])
    writes.settle(db, bytes, { seq: 1, fence: 1 }, { ...settlement, state: 'done' })
    writes.requeue(db, bytes, [1], { id: 'r', from: 'start', now: NOW })
    writes.describe(db, bytes, 1, [delivery({ key: 'b' })])
    writes.prune(db, bytes, NOW * 3, 10)
  }).filter(sql => /deliveries|requests/.test(sql))

  assert.ok(statements.length > 15)
  for (const sql of statements) {
    for (const step of stepsOf(db, sql))
      assert.doesNotMatch(step, /^SCAN (?:deliveries|requests)|TEMP B-TREE/, `${step}: ${sql}`)
  }
})

test('searches by id, subject and active states, and counts, are answered from indexes', async t => {
  const db = new Connection(newFile())
  t.after(() => db.close())
  migrate(db)
  const searches = [{ id: 'a' }, { subject: 'a' }, { state: 'dead' }, { state: ['waiting', 'running'] }, {}] as const
  for (const filter of searches) {
    const found: Promise<unknown>[] = []
    const statements = statementsOf(() => found.push(find(db, filter, { limit: 10 })))
    await Promise.all(found)
    for (const step of statements.flatMap(sql => stepsOf(db, sql))) {
      assert.doesNotMatch(
        step,
        /^SCAN deliveries(?! USING COVERING INDEX deliveries_(?:due|held|lease|dead)$)/,
        `${step}: ${JSON.stringify(filter)}`
      )
    }
  }
  for (const step of statementsOf(() => stats(db)).flatMap(sql => stepsOf(db, sql))) {
    assert.doesNotMatch(step, /^SCAN deliveries$|SCAN deliveries USING INDEX/, step)
  }
})

test('what is done is found behind all that wait, not by walking through them', async t => {
  const db = new Connection(newFile())
  t.after(() => db.close())
  migrate(db)
  const { request: _, ...arriving } = arrival({}, [
    delivery({ key: 'a' }),
    delivery({ key: 'b' }),
    delivery({ key: 'c' })
  ])
  const bytes = { given: [new Uint8Array()], bodies: [] }
  writes.add(db, bytes, { ...arriving, request: ['POST', '/acme', '{}'] })
  db.run(`UPDATE deliveries SET state = 'done' WHERE key = 'a'`)
  let found: Promise<unknown[]> | undefined
  const statements = statementsOf(() => {
    found = find(db, { state: 'done', receiver: 'acme' }, { limit: 10 })
  })
  assert.equal((await found)?.length, 1)
  const steps = statements.flatMap(sql => stepsOf(db, sql)).filter(step => /deliveries/.test(step))
  assert.ok(steps.length > 2)
  for (const step of steps) assert.match(step, /USING (?:COVERING )?INDEX deliveries_done/)
})
