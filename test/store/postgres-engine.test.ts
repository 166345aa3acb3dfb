import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import pg from 'pg'
import { CLAIM } from '../../src/store/postgres/claim.ts'
import { Database } from '../../src/store/postgres/database.ts'
import { conditionOf } from '../../src/store/postgres/search.ts'
import { RELEASE, SETTLE } from '../../src/store/postgres/settle.ts'
import { postgres } from '../../src/store/postgres.ts'
import type { Arrival, Claimed, Filter, NewDelivery, Settlement, Store } from '../../src/store/store.ts'
import { withPostgres } from './embedded.ts'

const UNAVAILABLE = { code: 'WEBHOOKS_STORE_UNAVAILABLE' }
const run = promisify(execFile)

await withPostgres('what is special about the store in PostgreSQL', server => {
  const { url } = server
  const open = new Set<Store>()
  let count = 0

  const admin = new pg.Pool({ connectionString: url, max: 5 })
  admin.on('error', () => undefined)
  after(async () => {
    await Promise.all([...open].map(store => store.close()))
    await admin.end()
  })

  function newSchema(): string {
    return `engine_${++count}`
  }

  async function opened(schema: string): Promise<Store> {
    const store = postgres(url, { schema })
    open.add(store)
    await store.open()
    return store
  }

  async function rowsOf(text: string, values: unknown[] = []): Promise<any[]> {
    return (await admin.query(text, values)).rows
  }

  test('many that start at once on an empty database migrate it once', async () => {
    const schema = newSchema()
    const stores = Array.from({ length: 6 }, () => postgres(url, { schema }))
    const peppers = await Promise.all(
      stores.map(async store => Buffer.from((await store.open()).pepper).toString('hex'))
    )
    assert.equal(new Set(peppers).size, 1)
    assert.equal(peppers[0]!.length, 64)
    await stores[0]!.add(arrival({ key: 'a' }))
    assert.equal(await stores[5]!.count({}), 1)
    await Promise.all(stores.map(store => store.close()))
  })

  test('a schema that is newer than the code stops the start and stays as it is', async () => {
    const schema = newSchema()
    const store = await opened(schema)
    await store.close()
    await rowsOf(`update ${schema}.store set version = 99`)
    await assert.rejects(store.open(), { code: 'WEBHOOKS_SCHEMA_TOO_NEW', message: /has schema 99, .* knows 2\./ })
    assert.deepEqual(await rowsOf(`select version from ${schema}.store`), [{ version: 99 }])
  })

  test('an older schema is brought up to this code’s, and keeps what it has', async () => {
    const schema = newSchema()
    const store = await opened(schema)
    await store.add(arrival({ key: 'kept' }))
    await store.close()
    await rowsOf(`drop index ${schema}.deliveries_done`)
    await rowsOf(`update ${schema}.store set version = 1`)
    await store.open()
    const [added] = await store.add(arrival({ key: 'kept' }))
    assert.equal(added!.duplicate, true)
    assert.deepEqual(await rowsOf(`select version from ${schema}.store`), [{ version: 2 }])
    const index = `select indexname from pg_indexes where schemaname = '${schema}' and indexname = 'deliveries_done'`
    assert.equal((await rowsOf(index)).length, 1)
  })

  test('columns that a later version adds disturb nobody who is at work', async () => {
    const schema = newSchema()
    const store = await opened(schema)
    const work = async (key: string) => {
      // On every connection that it has.
      await Promise.all(numbers(20).map(n => store.add(arrival({ key: `${key}${n}` }))))
      const claims = await Promise.all(numbers(8).map(() => claim(store, { limit: 1 })))
      const claimed = claims.flat()
      await store.extend(claimed, store.now() + 60_000)
      await Promise.all(claimed.map(lease => store.settle(lease, done(store))))
      await store.nextDue(['acme'])
      await store.requeue({}, { id: key, from: 'start', limit: 5, now: store.now() })
      return claimed.length
    }
    assert.ok((await work('before')) > 0)
    for (const table of ['deliveries', 'requests', 'rejected', 'paused']) {
      await rowsOf(`alter table ${schema}.${table} add column later text`)
    }
    assert.ok((await work('after')) > 0)
  })

  test('a role that may use the schema, but create none, can open the store', async () => {
    const schema = newSchema()
    await (await opened(schema)).close()
    await rowsOf(`create role plain_${schema} login password 'other-password'`)
    await rowsOf(`grant usage on schema ${schema} to plain_${schema}`)
    await rowsOf(`grant all on all tables in schema ${schema} to plain_${schema}`)
    await rowsOf(`grant all on all sequences in schema ${schema} to plain_${schema}`)
    const store = postgres(as(url, `plain_${schema}`, 'other-password'), { schema })
    await store.open()
    assert.equal((await store.add(arrival())).length, 1)
    await store.close()
  })

  test('a schema may have any name', async () => {
    const store = await opened('Shop "A"; drop table x')
    await store.add(arrival())
    assert.equal(await store.count({}), 1)
  })

  test('a database that is not in UTF8 is refused at the start', async () => {
    await rowsOf(`create database ascii encoding 'SQL_ASCII' locale 'C' template template0`)
    const store = postgres(url.replace(/postgres$/, 'ascii'))
    await assert.rejects(store.open(), { code: 'WEBHOOKS_INVALID_STORE', message: /encoding SQL_ASCII/ })
  })

  test('without the package pg the start says what to install', async () => {
    const script = `
      import { registerHooks } from 'node:module'
      registerHooks({ resolve(name, context, next) {
        if (name === 'pg') throw Object.assign(new Error('not found'), { code: 'ERR_MODULE_NOT_FOUND' })
        return next(name, context)
      } })
      const { postgres } = await import(${JSON.stringify(new URL('../../src/store/postgres.ts', import.meta.url).href)})
      await postgres('postgres://127.0.0.1/none').open().catch(error => console.log(error.code, error.message))`
    const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', script])
    assert.match(stdout, /^WEBHOOKS_INVALID_STORE .*`npm install pg`/)
  })

  test('the password stands in no name and no error', async () => {
    const secret = 'hunter2-hunter2'
    const wrong = [
      as(url, 'postgres', secret),
      as(url, secret, secret),
      `${as(url, 'postgres', secret).replace(/:\d+\//, ':1/')}?password=${secret}`,
      `postgres://u:${secret}@127.0.0.1:99999999/db`,
      `mysql://u:${secret}@127.0.0.1/db`
    ]
    for (const url of wrong) {
      const store = postgres(url)
      const error: any = await store.open().then(
        () => assert.fail('it must not open'),
        error => error
      )
      assert.match(error.code, /^WEBHOOKS_(?:STORE_UNAVAILABLE|INVALID_STORE)$/)
      assert.ok(!`${store.name} ${JSON.stringify(error)} ${error.stack} ${error.cause}`.includes(secret), error.message)
    }
  })

  test('commits wait for the disk, also where the role’s default says otherwise', async () => {
    const schema = newSchema()
    await (await opened(schema)).close()
    await rowsOf(`create role careless_${schema} superuser login password 'other-password'`)
    await rowsOf(`alter role careless_${schema} set synchronous_commit to off`)
    const role = as(url, `careless_${schema}`, 'other-password')
    const database = await Database.load('postgres', role, schema)
    try {
      const shown = await database.run({ name: 'shown', text: 'show synchronous_commit' }, [])
      assert.deepEqual({ ...shown[0] }, { synchronous_commit: 'on' })
    } finally {
      await database.close()
    }
  })

  test('what comes together is committed together', async () => {
    const schema = newSchema()
    const store = await opened(schema)
    await store.add(arrival())
    const commits = await transactionsOf(async () => {
      const added = await Promise.all(numbers(500).map(n => store.add(arrival({ key: `k${n}` }))))
      assert.equal(new Set(added.map(([one]) => one!.seq)).size, 500)
    })
    assert.ok(commits <= 20, `${commits} transactions for 500 additions`)
    const claimed = await claim(store)
    const ends = await transactionsOf(() => Promise.all(claimed.map(lease => store.settle(lease, done(store)))))
    assert.ok(ends <= 20, `${ends} transactions for ${claimed.length} settlements`)
    assert.equal(await store.count({ state: 'done' }), 501)
  })

  /** How many transactions that write began meanwhile, on the whole server. */
  async function transactionsOf(work: () => Promise<unknown>): Promise<number> {
    const current = async () => Number((await rowsOf('select pg_current_xact_id()::text as id'))[0].id)
    const before = await current()
    await work()
    return (await current()) - before - 1
  }

  test('one row that PostgreSQL refuses does not take its group along', async () => {
    const store = await opened(newSchema())
    const names = numbers(20).map(n => (n === 7 ? 'no\0text' : `event.${n}`))
    const results = await Promise.allSettled(names.map(event => store.add(arrival({ event }))))
    assert.deepEqual(
      results.map(({ status }) => status),
      names.map((_, n) => (n === 7 ? 'rejected' : 'fulfilled'))
    )
    const { reason } = results[7] as PromiseRejectedResult
    assert.equal(reason.code, 'WEBHOOKS_STORE_REFUSED')
    assert.equal(await store.count({}), 19)

    const claimed = await claim(store)
    const settled = await Promise.allSettled(
      claimed.map((lease, n) => store.settle(lease, { ...done(store), error: n === 3 ? 'no\0text' : undefined }))
    )
    assert.equal(settled.filter(({ status }) => status === 'rejected').length, 1)
    assert.equal(await store.count({ state: 'done' }), 18)
  })

  test('a deadlock is tried again, but not for ever', async () => {
    const schema = newSchema()
    const store = await opened(schema)
    await rowsOf(`create sequence ${schema}.attempts`)
    await rowsOf(`create function ${schema}.collide() returns trigger language plpgsql as $$ begin
      if nextval('${schema}.attempts') in (1, 3, 4, 5, 6, 7) then raise exception 'deadlock detected' using errcode = '40P01';
      end if; return null; end $$`)
    await rowsOf(`create trigger collide before insert on ${schema}.requests execute function ${schema}.collide()`)
    await store.add(arrival({ key: 'a' }))
    await assert.rejects(store.add(arrival({ key: 'b' })), UNAVAILABLE)
    assert.equal(await store.count({}), 1)
  })

  test('additions, claims, ends and replays that cross each other all come out right', async () => {
    const schema = newSchema()
    const stores = await Promise.all([opened(schema), opened(schema), opened(schema)])
    const keys = numbers(12).map(n => `k${n}`)
    await Promise.all(
      stores.flatMap((store, which) => [
        repeated(10, async n => {
          const turned = which % 2 === 0 ? keys : keys.toReversed()
          await store.add(arrival(...turned.slice(n % 5).map(key => ({ key, order: `o${key.length}` }))))
        }),
        repeated(10, async () => {
          const claimed = await claim(store)
          await Promise.all(claimed.map((lease, n) => store.settle(lease, { ...done(store), state: endOf(n) })))
        }),
        repeated(5, n => store.requeue({}, { id: `${which}-${n}`, from: 'start', limit: 5, now: store.now() }))
      ])
    )
    for (let taken = 1; taken > 0; ) {
      const claimed = await claim(stores[0]!)
      taken = claimed.length
      await Promise.all(claimed.map(lease => stores[0]!.settle(lease, done(stores[0]!))))
    }
    const [one] = stores
    assert.deepEqual([await one!.count({}), await one!.count({ state: ['waiting', 'running'] })], [keys.length, 0])
  })

  function endOf(n: number): 'done' | 'dead' | 'waiting' {
    return (['done', 'dead', 'waiting'] as const)[n % 3]!
  }

  test('none of an order is forgotten while many claim, end, add and retry at once, and none overtakes another', async () => {
    const schema = newSchema()
    const stores = await Promise.all([opened(schema), opened(schema), opened(schema)])
    const orders = numbers(4).map(n => `order ${n}`)
    const total = 200
    let added = 0
    const running = new Map<string, number>()
    const ended: { order: string; seq: number }[] = []

    async function adds(store: Store): Promise<void> {
      for (let n = added++; n < total; n = added++) {
        const order = orders[n % orders.length]!
        await store.add(arrival({ key: `k${n}`, order, subject: order }))
      }
    }
    async function works(store: Store): Promise<void> {
      const worker = `worker ${Math.random()}`
      for (let empty = 0; ended.length < total; ) {
        const now = store.now()
        const limit = 1 + Math.floor(Math.random() * 4)
        const claimed = await claim(store, { worker, now, until: now + 60_000, limit })
        await Promise.all(
          claimed.map(async taken => {
            const order = taken.subject!
            assert.equal(running.get(order), undefined, `${order} runs twice`)
            running.set(order, taken.seq)
            const isRetry = taken.attempt === 1 && Math.random() < 0.3
            await sleep(Math.random() * 3)
            running.delete(order)
            if (!isRetry) ended.push({ order, seq: taken.seq })
            assert.ok(
              await store.settle(taken, { ...done(store), state: isRetry ? 'waiting' : 'done', attempt: taken.attempt })
            )
          })
        )
        if (claimed.length > 0) empty = 0
        else {
          // Nothing to take is no stall while others have something, or something is still being added.
          const isIdle = running.size === 0 && added >= total + stores.length
          empty = isIdle ? empty + 1 : 0
          assert.ok(empty < 200, `${ended.length} of ${total} ended, and nothing goes on`)
          await sleep(5)
        }
      }
    }
    await Promise.all(stores.flatMap(store => [adds(store), works(store), works(store)]))
    for (const order of orders) {
      const sequence = ended.filter(end => end.order === order).map(({ seq }) => seq)
      assert.equal(new Set(sequence).size, total / orders.length)
    }
    assert.equal(await stores[0]!.count({ state: 'done' }), total)
  })

  test('a claim in the middle of a settlement holds nobody for ever', async () => {
    const { store, first, client } = await inOrder()
    await client.query(SETTLE.text, [JSON.stringify([{ ...first, ...done(store) }])])
    await client.query(RELEASE.text, [[first.seq]])
    // What was settled is not committed yet: the next still waits for it.
    assert.deepEqual(await claim(store), [])
    await client.query('commit')
    assert.equal((await claim(store)).length, 1)
  })

  test('a settlement in the middle of a claim lets go whom the claim holds', async () => {
    const { store, first, client } = await inOrder()
    const now = store.now() + 1000
    await client.query(CLAIM.text, ['worker', now, now + 60_000, ['acme'], [10], 0, 10])
    const settled = store.settle(first, done(store))
    await until(async () => (await rowsOf(`select from pg_locks where not granted`)).length > 0)
    await client.query('commit')
    assert.equal(await settled, true)
    assert.equal((await claim(store)).length, 1)
  })

  /** One of an order runs, another waits for it, and a transaction has begun. */
  async function inOrder(): Promise<{ store: Store; first: Claimed; client: pg.PoolClient }> {
    const schema = newSchema()
    const store = await opened(schema)
    await store.add(arrival({ order: 'o' }))
    const [first] = await claim(store)
    await store.add(arrival({ order: 'o' }))
    const client = await admin.connect()
    after(() => client.release(true))
    await client.query(`set search_path to ${schema}; begin`)
    return { store, first: first!, client }
  }

  test('another store is told of what is new, and nobody of their own', async () => {
    const schema = newSchema()
    const [one, other] = [await opened(schema), await opened(schema)]
    let own = 0
    let told = 0
    one.watch(() => own++)
    const end = other.watch(() => told++)
    await one.add(arrival())
    await until(() => told > 0)
    assert.equal(own, 0)
    end()
  })

  test('connections that break while they are idle are replaced, the one for hints too', async () => {
    const schema = newSchema()
    const [one, other] = [await opened(schema), await opened(schema)]
    await one.add(arrival())
    await one.count({})
    await rowsOf(`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'posthorn'`)
    let told = 0
    other.watch(() => told++)
    await eventually(() => one.add(arrival()))
    await eventually(() => one.count({}))
    const before = told
    await until(async () => {
      await one.add(arrival())
      return told > before
    })
  })

  test('a server that is full refuses, keeps nothing, and takes more once there is room', async () => {
    const schema = newSchema()
    const store = await opened(schema)
    await rowsOf(`create function ${schema}.full() returns trigger language plpgsql as
      $$ begin raise exception 'could not extend file: No space left on device' using errcode = '53100'; end $$`)
    await rowsOf(`create trigger full_disk before insert on ${schema}.requests execute function ${schema}.full()`)
    await assert.rejects(store.add(arrival({ key: 'a' })), { ...UNAVAILABLE, message: /No space left/ })
    assert.equal(await store.count({}), 0)
    await rowsOf(`drop trigger full_disk on ${schema}.requests`)
    const [added] = await store.add(arrival({ key: 'a' }))
    assert.equal(added!.duplicate, false)
  })

  test('a table that somebody locks is waited for, but not for ever', async () => {
    const schema = newSchema()
    const store = await opened(schema)
    const other = await admin.connect()
    try {
      await other.query(`begin; lock table ${schema}.deliveries in access exclusive mode`)
      await assert.rejects(store.add(arrival({ key: 'a' })), { ...UNAVAILABLE, message: /lock timeout/ })
    } finally {
      await other.query('rollback')
      other.release()
    }
    const [added] = await store.add(arrival({ key: 'a' }))
    assert.equal(added!.duplicate, false)
  })

  test('a claim reads as little of 20,000 rows as of 500, and no table as a whole', async () => {
    const schema = newSchema()
    const store = await opened(schema)
    const database = await Database.load('postgres', url, schema)
    try {
      await fill(store, 500)
      const few = await explained(database, schema)
      await fill(store, 19_500)
      const many = await explained(database, schema)
      assert.doesNotMatch(JSON.stringify(many.plan), /Seq Scan[^}]*"deliveries"/)
      assert.ok(many.blocks < few.blocks * 2, `${few.blocks} blocks of 500 rows, ${many.blocks} of 20,000`)
    } finally {
      await database.close()
    }
  })

  test('a search by id or by subject reads as little of 20,000 rows as of 500, statistics or not', async () => {
    const schema = newSchema()
    const store = await opened(schema)
    const client = await admin.connect()
    try {
      await client.query(
        `set search_path to ${schema}; set enable_seqscan to off; set plan_cache_mode to force_custom_plan`
      )
      const blocksOf = async (filter: Filter) => {
        const { sql, values } = conditionOf(filter)
        const text = `explain (analyze, buffers, format json) select seq from deliveries d where ${sql} order by seq desc`
        const { rows } = await client.query(text, [...values])
        const { Plan: plan } = rows[0]['QUERY PLAN'][0]
        return plan['Shared Hit Blocks'] + plan['Shared Read Blocks']
      }
      const filters = [{ id: 'f500-7' }, { subject: 's7' }]
      await fill(store, 500)
      const few = await Promise.all(filters.map(blocksOf))
      await fill(store, 19_500)
      const many = await Promise.all(filters.map(blocksOf))
      for (const [n, blocks] of many.entries())
        assert.ok(blocks < few[n]! * 2 + 10, `${few} blocks of 500, ${many} of 20,000`)
      for (const filter of filters)
        assert.equal((await store.find(filter, { limit: 5 })).length, 'id' in filter ? 1 : 2)
    } finally {
      client.release(true)
    }
  })

  test('what is done is found behind 10,000 that wait as soon as behind 200', async () => {
    const blocksBehind = async (count: number): Promise<number> => {
      const schema = newSchema()
      const store = await opened(schema)
      await fill(store, count)
      await rowsOf(`update ${schema}.deliveries set state = 'done'`)
      await fill(store, count + 100)
      await rowsOf(`analyze ${schema}.deliveries`)
      const { sql, values } = conditionOf({ receiver: 'acme', state: 'done' })
      const select = `select * from ${schema}.deliveries d where ${sql} order by d.seq desc limit 10`
      const { rows } = await admin.query(`explain (analyze, buffers, format json) ${select}`, [...values])
      const found = await store.find({ receiver: 'acme', state: 'done' }, { limit: 10 })
      assert.deepEqual(new Set(found.map(({ state }) => state)), new Set(['done']))
      const { Plan: plan } = rows[0]['QUERY PLAN'][0]
      return plan['Shared Hit Blocks'] + plan['Shared Read Blocks']
    }
    const few = await blocksBehind(200)
    const many = await blocksBehind(10_000)
    assert.ok(many < few * 2 + 10, `${few} blocks behind 200 rows, ${many} behind 10,000`)
  })

  test('a search without an index finds what stands far behind, across the gaps that duplicates leave', async () => {
    const schema = newSchema()
    const store = await opened(schema)
    await store.add(arrival({ key: 'first', event: 'rare' }))
    await rowsOf(`select setval('${schema}.deliveries_seq_seq', 300000)`)
    await fill(store, 200)
    const rare = await store.find({ event: 'rare' }, { limit: 10 })
    assert.deepEqual(
      rare.map(({ id }) => id),
      ['first']
    )
    assert.equal((await store.find({ event: 'order.*' }, { limit: 500 })).length, 200)
    assert.deepEqual(await store.find({ event: 'order.*' }, { before: 2, limit: 5 }), [])
  })

  async function fill(store: Store, count: number): Promise<void> {
    const deliveries = (from: number) =>
      numbers(100).map(n => ({ key: `f${count}-${from + n}`, order: `o${from + n}`, subject: `s${from + n}` }))
    await Promise.all(numbers(count / 100).map(n => store.add(arrival(...deliveries(n * 100)))))
  }

  async function explained(database: Database, schema: string): Promise<{ blocks: number; plan: object }> {
    await rowsOf(`analyze ${schema}.deliveries`)
    const now = Date.now() + 60_000
    const [rows] = await database.together(database.locks.claim, [
      [
        { name: `explained ${now}`, text: `explain (analyze, buffers, format json) ${CLAIM.text}` },
        ['worker', now, now + 60_000, ['acme'], [50], 0, 50]
      ]
    ])
    const [{ Plan: plan }] = rows![0]!['QUERY PLAN']
    return { blocks: plan['Shared Hit Blocks'] + plan['Shared Read Blocks'], plan }
  }

  test('a server that is restarted under load loses nothing that was acknowledged, and the store recovers', async () => {
    const store = await opened(newSchema())
    const acknowledged = new Set<string>()
    const problems: any[] = []
    let isOver = false
    let n = 0
    const load = numbers(16).map(async () => {
      while (!isOver) {
        const key = `k${n++}`
        await store.add(arrival({ key })).then(
          () => acknowledged.add(key),
          async error => {
            problems.push(error)
            await sleep(20)
          }
        )
      }
    })
    await until(() => acknowledged.size > 50)
    await server.stop()
    await until(() => problems.length > 20)
    const before = acknowledged.size
    await server.start()
    await until(() => acknowledged.size > before + 50)
    isOver = true
    await Promise.all(load)
    assert.deepEqual([...new Set(problems.map(({ code }) => code))], [UNAVAILABLE.code])
    const stored = new Set((await store.find({}, { limit: n })).map(({ id }) => id))
    assert.deepEqual(
      [...acknowledged].filter(key => !stored.has(key)),
      []
    )
    const claimed = await claim(store)
    assert.ok(await store.settle(claimed[0]!, done(store)))
  })
})

function as(url: string, user: string, password: string): string {
  return Object.assign(new URL(url), { username: user, password }).href
}

function arrival(...given: Partial<NewDelivery>[]): Arrival {
  const deliveries = (given.length === 0 ? [{}] : given).map(one => ({
    event: 'order.paid',
    id: one.key,
    position: 0,
    ...one
  }))
  const request = { method: 'POST', url: '/acme', headers: {}, body: Buffer.from('{}') }
  return { receiver: 'acme', instance: '', receivedAt: Date.now(), secret: 0, kind: 'json', request, deliveries }
}

function claim(store: Store, query: object = {}): ReturnType<Store['claim']> {
  const now = store.now() + 1000
  const receivers = [{ name: 'acme', limit: 1000 }]
  return store.claim({ worker: 'worker', now, until: now + 60_000, limit: 1000, receivers, ...query })
}

function done(store: Store): Settlement {
  return { state: 'done', attempt: 1, tries: 1, progress: '', history: '', error: undefined, now: store.now() }
}

function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, n) => n)
}

async function repeated(count: number, work: (n: number) => Promise<unknown>): Promise<void> {
  for (const n of numbers(count)) await work(n)
}

/** Bounded, but long enough for a machine that is busy. */
async function until(isTrue: () => boolean | Promise<boolean>): Promise<void> {
  for (let waited = 0; !(await isTrue()); waited += 10) {
    if (waited > 60_000) assert.fail('it did not come about')
    await sleep(10)
  }
}

async function eventually(work: () => Promise<unknown>): Promise<void> {
  await until(() =>
    work().then(
      () => true,
      error => {
        assert.equal(error.code, UNAVAILABLE.code)
        return false
      }
    )
  )
}
