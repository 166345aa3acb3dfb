/** The plugin with an inbox: stored before it is acknowledged, handled afterwards. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import fp from 'fastify-plugin'
import { github } from '../../receivers/github.ts'
import { StoreRefused, StoreUnavailable } from '../../src/errors.ts'
import { FunctionHandler, handles, on } from '../../src/handler.ts'
import type { Rejection } from '../../src/options.ts'
import type { AnyReceiver, Delivery } from '../../src/receiver.ts'
import type { Store } from '../../src/store/store.ts'
import { memoryStore } from '../store/memory.ts'
import { appWith, CODE, env, push, SECRET, signedPush } from './app.ts'

const folder = mkdtempSync(join(tmpdir(), 'posthorn-plugin-'))
after(() => rmSync(folder, { recursive: true }))

const other = JSON.stringify({ ...JSON.parse(push), ref: 'refs/heads/other' })
const pushed = (id: string, body = push) => signedPush({ body, headers: { 'x-github-delivery': id } })

/** A store of which some calls are replaced. */
function replaced(store: Store, calls: Partial<Store>): Store {
  return new Proxy(store, {
    get(target, name: keyof Store) {
      const member = calls[name] ?? target[name]
      return typeof member === 'function' ? (member as () => unknown).bind(target) : member
    }
  })
}

test('a delivery is stored before the answer, and handled afterwards', async () => {
  const { app, arrived } = await appWith({ inbox: memoryStore() })
  const { statusCode, body } = await app.inject(await pushed('d-1'))
  assert.deepEqual([statusCode, body, arrived.length], [200, '', 0])
  const { deliveries } = await app.webhooks.inbox!.list()
  assert.deepEqual(
    deliveries.map(({ receiver, event, id, state }) => [receiver, event, id, state]),
    [['github', 'push', 'd-1', 'waiting']]
  )

  await app.webhooks.inbox!.drain()
  const [delivery] = arrived
  assert.deepEqual([delivery!.event, delivery!.id, delivery!.attempt], ['push', 'd-1', 1])
  assert.equal(delivery!.data.ref, 'refs/heads/main')
  assert.equal(delivery!.headers['x-github-event'], 'push')
  assert.equal(Buffer.from(delivery!.raw().body).toString(), push)
  assert.equal((await app.webhooks.inbox!.get(deliveries[0]!.seq))!.state, 'done')
  await app.close()
})

test('without an inbox there is none to look into', async () => {
  const { app } = await appWith()
  assert.equal(app.webhooks.inbox, undefined)
})

test('a duplicate gets the same answer, and is counted, not handled', async () => {
  const told: Delivery[] = []
  const { app, arrived } = await appWith({ inbox: memoryStore(), onDelivery: delivery => void told.push(delivery) })
  const answers = await Promise.all(Array.from({ length: 5 }, async () => app.inject(await pushed('d-1'))))
  assert.deepEqual(
    answers.map(({ statusCode }) => statusCode),
    [200, 200, 200, 200, 200]
  )
  await app.webhooks.inbox!.drain()
  assert.equal((await app.inject(await pushed('d-1', other))).statusCode, 200)
  await app.webhooks.inbox!.drain()
  assert.deepEqual([arrived.length, told.length], [1, 1])
  const { deliveries } = await app.webhooks.inbox!.list()
  assert.deepEqual([deliveries.length, deliveries[0]!.duplicates], [1, 5])
  await app.close()
})

test('a handler that fails does not reach the provider: it is tried again', async () => {
  let tries = 0
  const failing = new FunctionHandler(on('**'), { name: 'failing', retry: [0] }, () => {
    if (++tries === 1) throw new Error('not now')
  })
  const { app } = await appWith({ inbox: memoryStore(), handlers: [failing] })
  assert.equal((await app.inject(await pushed('d-1'))).statusCode, 200)
  await app.webhooks.inbox!.drain()
  assert.equal(tries, 2)
  await app.close()
})

test('while the store is down the provider is told to come again, and the log says so once', async () => {
  const lines: { level: number; msg: string; reason?: string }[] = []
  const rejections: Rejection[] = []
  let isDown = true
  const memory = memoryStore()
  const inbox = replaced(memory, {
    add: arrival => (isDown ? Promise.reject(new StoreUnavailable('memory', 'it is full')) : memory.add(arrival))
  })
  const stream = { write: (line: string) => void lines.push(JSON.parse(line)) }
  const { app } = await appWith(
    { inbox, onRejected: rejection => void rejections.push(rejection) },
    { logger: { level: 'info', stream }, disableRequestLogging: true }
  )
  for (let time = 0; time < 3; time++) {
    const { statusCode, headers } = await app.inject(await pushed('d-1'))
    assert.deepEqual([statusCode, headers['retry-after']], [503, '30'])
  }
  assert.deepEqual(
    rejections.map(({ stage, reason, status }) => [stage, reason, status]),
    Array.from({ length: 3 }, () => ['request', 'store-unavailable', 503])
  )
  isDown = false
  assert.equal((await app.inject(await pushed('d-1'))).statusCode, 200)
  const told = lines.filter(({ msg }) => msg.includes('store of the inbox')).map(({ level, msg }) => [level, msg])
  assert.deepEqual(told, [
    [50, 'the store of the inbox is down'],
    [40, 'the store of the inbox is back']
  ])
  await app.close()
})

test('what a store can never keep is a 500 that tells the sender nothing', async () => {
  const rejections: Rejection[] = []
  const inbox = replaced(memoryStore(), { add: () => Promise.reject(new StoreRefused('memory', 'it has a NUL')) })
  const { app } = await appWith({ inbox, onRejected: rejection => void rejections.push(rejection) })
  const { statusCode, body } = await app.inject(await pushed('d-1'))
  assert.deepEqual([statusCode, body], [500, '{"error":"Internal Server Error"}'])
  assert.equal(rejections[0]!.reason, 'store-refused')
  await app.close()
})

test('what proved itself is kept though it is unreadable, and acknowledged', async () => {
  const { app, arrived } = await appWith({ inbox: memoryStore() })
  assert.equal((await app.inject(await pushed('d-1', '{"ref":'))).statusCode, 200)
  await app.webhooks.inbox!.drain()
  assert.equal(arrived.length, 0)
  const { deliveries } = await app.webhooks.inbox!.list({ state: 'dead' })
  const { event, error, seq } = deliveries[0]!
  assert.deepEqual([event, error], ['unreadable', 'body-malformed'])
  assert.equal(Buffer.from((await app.webhooks.inbox!.get(seq))!.request.body).toString(), '{"ref":')
  await app.close()
})

test('what a receiver describes as no JSON is kept as dead, too', async () => {
  const odd: AnyReceiver = { ...github, name: 'odd', handshakes: [], describe: () => ({ event: 'e', data: 1n }) }
  const { app } = await appWith({
    inbox: memoryStore(),
    receivers: [odd],
    env: { WEBHOOKS_ODD_SECRET: SECRET }
  })
  const sent = await signedPush({ url: '/api/webhooks/incoming/odd' })
  assert.equal((await app.inject(sent)).statusCode, 200)
  const { deliveries } = await app.webhooks.inbox!.list()
  assert.equal(deliveries[0]!.state, 'dead')
  assert.match(deliveries[0]!.error!, /^describe-failed/)
  await app.close()
})

test('an inline handler answers before the rest is handled, and a duplicate does not run it again', async () => {
  const ran: string[] = []
  const handlers = [
    new FunctionHandler(on('**'), { name: 'later' }, () => void ran.push('later')),
    new FunctionHandler(on('**'), { name: 'answer', inline: true, order: 99 }, (_, { reply }) => {
      ran.push('answer')
      reply({ status: 200, body: { text: 'heard' } })
    })
  ]
  const { app } = await appWith({ inbox: memoryStore(), handlers })
  const { statusCode, body } = await app.inject(await pushed('d-1'))
  assert.deepEqual([statusCode, body, ran], [200, '{"text":"heard"}', ['answer']])
  assert.equal((await app.inject(await pushed('d-1'))).body, '')
  await app.webhooks.inbox!.drain()
  assert.deepEqual(ran, ['answer', 'later'])
  await app.close()
})

test('with `worker: false` another process handles what is stored', async () => {
  const memory = memoryStore()
  const inbox = replaced(memory, { close: async () => {} })
  const web = await appWith({ inbox, worker: false })
  await web.app.listen({ port: 0, host: '127.0.0.1' })
  assert.equal((await web.app.inject(await pushed('d-1'))).statusCode, 200)

  const handled = Promise.withResolvers<Delivery>()
  const handler = new FunctionHandler(on('**'), { name: 'handler' }, delivery => handled.resolve(delivery))
  const back = await appWith({ inbox: memory, handlers: [handler] })
  await back.app.listen({ port: 0, host: '127.0.0.1' })
  assert.equal((await handled.promise).id, 'd-1')
  assert.equal(web.arrived.length, 0)
  await web.app.close()
  await back.app.close()
})

test('it goes to work when the server listens, not before, and ends with it', async () => {
  const handled = Promise.withResolvers<void>()
  const handler = new FunctionHandler(on('**'), { name: 'handler' }, () => handled.resolve())
  const { app } = await appWith({ inbox: memoryStore(), handlers: [handler] })
  await app.inject(await pushed('d-1'))
  await new Promise(setImmediate)
  assert.equal((await app.webhooks.inbox!.list()).deliveries[0]!.state, 'waiting')
  await app.listen({ port: 0, host: '127.0.0.1' })
  await handled.promise
  await app.close()
})

test('handlers end before the database that was registered before the plugin closes', async () => {
  const events: string[] = []
  const began = Promise.withResolvers<void>()
  const handler = new FunctionHandler(on('**'), { name: 'slow' }, async () => {
    began.resolve()
    await new Promise(resolve => setTimeout(resolve, 50))
    events.push('handled')
  })
  const { app } = await appWith({ inbox: memoryStore(), handlers: [handler] }, {}, server =>
    server.register(
      fp(async instance => {
        instance.addHook('onClose', async () => void events.push('database closed'))
      })
    )
  )
  await app.listen({ port: 0, host: '127.0.0.1' })
  await app.inject(await pushed('d-1'))
  await began.promise
  await app.close()
  assert.deepEqual(events, ['handled', 'database closed'])
})

test('the store may come from the environment, and a restart finds what was there', async () => {
  const stored = { ...env, WEBHOOKS_STORE: `sqlite:${join(folder, 'env.db')}` }
  const first = await appWith({ env: stored })
  assert.equal((await first.app.inject(await pushed('d-1'))).statusCode, 200)
  await first.app.close()
  const second = await appWith({ env: stored })
  await second.app.ready()
  await second.app.webhooks.inbox!.drain()
  assert.deepEqual(
    second.arrived.map(({ id }) => id),
    ['d-1']
  )
  await second.app.close()
})

test('a store that is none stops the start, and says what it could be', async () => {
  const wrong = { ...env, WEBHOOKS_STORE: 'mysql://root:hunter2@localhost/db' }
  await assert.rejects(appWith({ env: wrong }), (error: Error & { code: string }) => {
    assert.equal(error.code, 'WEBHOOKS_INVALID_STORE')
    assert.doesNotMatch(error.message, /hunter2/)
    return /sqlite:.*postgres:/.test(error.message)
  })
})

test('a lease that is shorter than a handler’s time stops the start', async () => {
  const handler = new FunctionHandler(on('**'), { name: 'slow', timeout: 5_000 }, () => {})
  const { app } = await appWith({ inbox: memoryStore(), worker: { lease: 4_000 }, handlers: [handler] })
  await assert.rejects(app.ready() as unknown as Promise<void>, /slow.*5000.*lease/)
})

test('with order, deliveries of one subject wait for one another, others do not', async () => {
  const running = new Map<string, PromiseWithResolvers<void>>()
  const began: string[] = []
  class Slow extends handles(on('**')) {
    readonly name = 'slow'
    async handle({ id }: Delivery) {
      began.push(id!)
      const gate = Promise.withResolvers<void>()
      running.set(id!, gate)
      await gate.promise
    }
  }
  const ordered: AnyReceiver = {
    ...github,
    handshakes: [],
    describe: ({ body, headers }) => ({ event: 'e', id: headers['x-github-delivery'], subject: body.ref })
  }
  const { app } = await appWith({
    inbox: memoryStore(),
    order: { github: 'subject' },
    receivers: [ordered],
    env: { WEBHOOKS_GITHUB_SECRET: SECRET },
    handlers: [new Slow()]
  })
  for (const [id, body] of [
    ['1', push],
    ['2', push],
    ['3', other]
  ] as const) {
    await app.inject(await pushed(id, body))
  }
  const drained = app.webhooks.inbox!.drain()
  const until = async (count: number) => {
    for (let turn = 0; turn < 1000 && began.length < count; turn++) await new Promise(setImmediate)
  }
  await until(3)
  assert.deepEqual(began.toSorted(), ['1', '3'])
  running.get('1')!.resolve()
  await until(3)
  assert.deepEqual(began.at(-1), '2')
  for (const { resolve } of running.values()) resolve()
  await drained
  await app.close()
})

test('while more waits to be stored than fits into memory, no more is read', async () => {
  const memory = memoryStore()
  const gate = Promise.withResolvers<void>()
  let waiting = 0
  const inbox = replaced(memory, {
    async add(arrival) {
      waiting++
      await gate.promise
      return memory.add(arrival)
    }
  })
  const { app } = await appWith({ inbox })
  const large = JSON.stringify({ ...JSON.parse(push), filler: 'x'.repeat(22 * 1024 * 1024) })
  const answers = ['1', '2', '3'].map(async id => (await app.inject(await pushed(id, large))).statusCode)
  for (let turn = 0; turn < 10_000 && waiting < 3; turn++) await new Promise(setImmediate)
  assert.equal(waiting, 3)
  const { statusCode, headers } = await app.inject(await pushed('4'))
  assert.deepEqual([statusCode, headers['retry-after']], [503, '30'])
  gate.resolve()
  assert.deepEqual(await Promise.all(answers), [200, 200, 200])
  assert.equal((await app.inject(await pushed('4'))).statusCode, 200)
  await app.close()
})

test('what is stored has no secrets in it', async () => {
  const { app } = await appWith({ inbox: memoryStore() })
  const url = `/api/webhooks/incoming/mailchimp?code=${CODE}`
  const headers = { 'content-type': 'application/x-www-form-urlencoded', authorization: 'Basic abc', cookie: 'a=b' }
  const payload = 'type=subscribe&data%5Bid%5D=1&data%5Blist_id%5D=2&fired_at=2026-01-01+00%3A00%3A00'
  assert.equal((await app.inject({ method: 'POST', url, headers, payload })).statusCode, 200)
  const { deliveries } = await app.webhooks.inbox!.list()
  const { request } = (await app.webhooks.inbox!.get(deliveries[0]!.seq))!
  assert.match(request.url, /\?code=\*\*\*$/)
  assert.doesNotMatch(JSON.stringify(request.headers), /Basic|a=b/)
  await app.close()
})

test('a refused request is kept apart, and taken in once the secret is put right', async () => {
  const memory = memoryStore()
  const inbox = replaced(memory, { close: async () => {} })
  const wrong = await appWith({ inbox })
  const secret = 'the-secret-that-was-meant'
  const sent = await signedPush({ secret, headers: { 'x-github-delivery': 'd-1' } })
  assert.equal((await wrong.app.inject(sent)).statusCode, 401)
  await wrong.app.close()

  const right = await appWith({ inbox: memory, env: { ...env, WEBHOOKS_GITHUB_SECRET: secret } })
  await right.app.ready()
  const { rejected } = await right.app.webhooks.inbox!.rejected.list()
  assert.deepEqual(
    rejected.map(({ receiver, reason }) => [receiver, reason]),
    [['github', 'signature-mismatch']]
  )
  assert.equal((await right.app.webhooks.inbox!.stats()).rejected[0]!.count, 1)
  await right.app.webhooks.inbox!.reverify({})
  await right.app.webhooks.inbox!.drain()
  assert.deepEqual(
    right.arrived.map(({ id }) => id),
    ['d-1']
  )
  await right.app.close()
})
