/** Beginning and end, in hosts that do neither by themselves. */
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { github } from '../../receivers/github.ts'
import { StoreUnavailable } from '../../src/errors.ts'
import { createWebhooks } from '../../src/http/fetch.ts'
import type { HostedOptions } from '../../src/http/hosted.ts'
import type { Rejection } from '../../src/options.ts'
import { sqlite } from '../../src/store/sqlite.ts'
import type { Store } from '../../src/store/store.ts'
import { recordingLog } from '../inbox/stored.ts'
import { env, receivers, signedPush } from '../plugin/app.ts'
import { memoryStore } from '../store/memory.ts'

const folder = mkdtempSync(join(tmpdir(), 'posthorn-hosted-'))
after(() => rmSync(folder, { recursive: true }))

async function start(options: Partial<HostedOptions> = {}) {
  const { log, lines } = recordingLog()
  const rejections: Rejection[] = []
  const onRejected = (rejection: Rejection) => void rejections.push(rejection)
  const webhooks = await createWebhooks({ env, receivers, logger: log, onRejected, ...options })
  const push = async () => {
    const { method, url, headers, payload } = await signedPush()
    return webhooks.fetch(new Request(`https://example.com${url}`, { method, headers, body: payload }))
  }
  return { webhooks, push, lines, rejections }
}

/** A store that says what is done with it. */
function spied(calls: Partial<Store> = {}): { store: Store; told: string[] } {
  const told: string[] = []
  const memory = memoryStore()
  const { open, close } = memory
  const store = Object.assign(memory, {
    open() {
      told.push('open')
      return open.call(memory)
    },
    close() {
      told.push('close')
      return close.call(memory)
    },
    ...calls
  })
  return { store, told }
}

test('what is wrong with the configuration is told before anything is opened', async () => {
  const { store, told } = spied()
  await assert.rejects(start({ env: {}, inbox: store }), { code: 'WEBHOOKS_INVALID_CONFIGURATION' })
  assert.deepEqual(told, [])
})

test('it opens once, by `ready` or by the first requests', async () => {
  for (const isAsked of [true, false]) {
    const { store, told } = spied()
    const { webhooks, push, lines } = await start({ inbox: store })
    if (isAsked) await Promise.all([webhooks.ready(), webhooks.ready()])
    const answers = await Promise.all([push(), push()])
    assert.deepEqual(
      answers.map(({ status }) => status),
      [200, 200]
    )
    await webhooks.ready()
    assert.deepEqual(told, ['open'])
    assert.equal(lines.filter(({ text }) => text === 'webhooks are received here').length, 6)
    await webhooks.close()
    assert.deepEqual(told, ['open', 'close'])
  }
})

test('`on` adds handlers until then', async () => {
  const { webhooks, push } = await start()
  const refs: string[] = []
  webhooks.on(github, 'push', { name: 'keep' }, ({ data }) => void refs.push(data.ref))
  assert.equal((await push()).status, 200)
  assert.deepEqual(refs, ['refs/heads/main'])
  assert.throws(() => webhooks.on(github, 'push', { name: 'late' }, () => {}), /add handlers before/)
})

test('while it can’t start, requests get 503, and each tries again', async () => {
  let isDown = true
  const memory = memoryStore()
  const { store } = spied({
    open: () => (isDown ? Promise.reject(new StoreUnavailable('memory', 'it is away')) : memory.open())
  })
  const { webhooks, push, lines, rejections } = await start({ inbox: store })
  await assert.rejects(webhooks.ready(), { code: 'WEBHOOKS_STORE_UNAVAILABLE' })
  const response = await push()
  assert.deepEqual([response.status, response.headers.get('retry-after')], [503, '30'])
  assert.equal(rejections[0]!.reason, 'not-ready')
  assert.equal(lines.at(-1)!.fields.err.code, 'WEBHOOKS_STORE_UNAVAILABLE')
  isDown = false
  assert.equal((await push()).status, 200)
  await webhooks.close()
})

test('so does SQLite, whose folder comes later', async () => {
  const path = join(folder, 'later')
  const { webhooks, push } = await start({ inbox: sqlite(join(path, 'webhooks.db')) })
  assert.equal((await push()).status, 503)
  mkdirSync(path)
  assert.equal((await push()).status, 200)
  await webhooks.close()
})

test('after `close`, requests get 503; a second `close` is the first', async () => {
  const { store, told } = spied()
  const { webhooks, push, rejections } = await start({ inbox: store })
  assert.equal((await push()).status, 200)
  await Promise.all([webhooks.close(), webhooks.close()])
  assert.equal((await push()).status, 503)
  assert.equal(rejections[0]!.reason, 'not-ready')
  assert.deepEqual(told, ['open', 'close'])
})

test('what was never ready closes, too', async () => {
  await (await start()).webhooks.close()
  await (await start({ inbox: memoryStore() })).webhooks.close()
  await (await start({ inbox: sqlite(join(folder, 'never.db')) })).webhooks.close()
})

test('`close` waits for a request that is under way', async () => {
  const order: string[] = []
  const { promise: began, resolve: begin } = Promise.withResolvers<void>()
  const { webhooks, push } = await start()
  webhooks.on(github, 'push', { name: 'patient' }, (_delivery, { signal }) => {
    begin()
    return new Promise<void>(done => signal.addEventListener('abort', () => setImmediate(done)))
  })
  const answered = push().then(({ status }) => order.push(`answered ${status}`))
  await began
  await webhooks.close().then(() => order.push('closed'))
  await answered
  assert.deepEqual(order, ['answered 200', 'closed'])
})

test('without a logger it is pino', async () => {
  const webhooks = await createWebhooks({ env, receivers })
  assert.deepEqual(webhooks.instances.map(({ url }) => url).slice(1, 3), [
    '/api/webhooks/incoming/dropbox',
    '/api/webhooks/incoming/github'
  ])
})
