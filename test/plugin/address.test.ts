import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { FastifyServerOptions } from 'fastify'
import { yookassa } from '../../receivers/yookassa.ts'
import type { Rejection, WebhooksOptions } from '../../src/options.ts'
import { memoryStore } from '../store/memory.ts'
import { appWith } from './app.ts'

const THEIRS = '77.75.156.11'
const OURS = '10.0.0.1'
const STRANGER = '203.0.113.9'
const HTTPS = { 'x-forwarded-proto': 'https' }

const notification = {
  method: 'POST' as const,
  url: '/api/webhooks/incoming/yookassa',
  payload: { type: 'notification', event: 'payment.succeeded', object: { id: 'p-1' } }
}

/** The answers' status and the reasons of refusals, of requests with these headers from this address. */
async function receiving(server: FastifyServerOptions = {}, options: Partial<WebhooksOptions> = {}) {
  const reasons: string[] = []
  const onRejected = ({ reason }: Rejection) => void reasons.push(reason)
  const { app, arrived } = await appWith({ env: {}, receivers: [yookassa], onRejected, ...options }, server)
  const send = async (remoteAddress: string, headers: Record<string, string> = {}): Promise<number> =>
    (await app.inject({ ...notification, remoteAddress, headers })).statusCode
  return { app, arrived, reasons, send }
}

test('without a trusted proxy the connection alone tells the address, and no header does', async () => {
  const { send, reasons, arrived } = await receiving({}, { requireHttps: false })
  assert.equal(await send(THEIRS), 200)
  assert.equal(await send(`::ffff:${THEIRS}`), 200)
  for (const name of ['x-forwarded-for', 'x-real-ip', 'forwarded', 'client-ip', 'x-client-ip', 'true-client-ip']) {
    for (const value of [THEIRS, `for=${THEIRS}`, `${THEIRS}, ${STRANGER}`]) {
      assert.equal(await send(STRANGER, { [name]: value }), 401, `${name}: ${value}`)
    }
  }
  assert.deepEqual([...new Set(reasons)], ['address-not-allowed'])
  assert.equal(await send(THEIRS, { 'x-forwarded-for': STRANGER }), 200)
  assert.equal(arrived.length, 3)
})

test('a proxy that is trusted by its address tells who sends, and nobody behind it can', async () => {
  const { send, reasons } = await receiving({ trustProxy: OURS })
  assert.equal(await send(OURS, { ...HTTPS, 'x-forwarded-for': THEIRS }), 200)
  // The proxy writes what it sees behind what came.
  assert.equal(await send(OURS, { ...HTTPS, 'x-forwarded-for': `${THEIRS}, ${STRANGER}` }), 401)
  assert.equal(await send(OURS, { ...HTTPS, 'x-forwarded-for': `${STRANGER}, ${THEIRS}` }), 200)
  assert.equal(await send(OURS, HTTPS), 401)
  assert.deepEqual(reasons, ['address-not-allowed', 'address-not-allowed'])
})

test('somebody else than the proxy is not believed', async () => {
  const { send, reasons } = await receiving({ trustProxy: OURS }, { requireHttps: false })
  assert.equal(await send(STRANGER, { ...HTTPS, 'x-forwarded-for': THEIRS }), 401)
  assert.deepEqual(reasons, ['address-not-allowed'])
})

test('trustProxy: true believes the first address, whoever wrote it, as the documentation warns', async () => {
  const { send } = await receiving({ trustProxy: true })
  assert.equal(await send(OURS, { ...HTTPS, 'x-forwarded-for': `${THEIRS}, ${STRANGER}` }), 200)
  assert.equal(await send(OURS, { ...HTTPS, 'x-forwarded-for': STRANGER }), 401)
})

test('HTTPS is demanded: the body is not covered', async () => {
  const { send, reasons } = await receiving()
  assert.equal(await send(THEIRS), 403)
  assert.deepEqual(reasons, ['https-required'])
})

test('it is not stored, and what is stored can be described and handled without', async () => {
  const { app, arrived, send } = await receiving({}, { inbox: memoryStore(), requireHttps: false })
  assert.equal(await send(THEIRS), 200)
  const { inbox } = app.webhooks
  const { deliveries } = await inbox!.list()
  const { seq, request } = (await inbox!.get(deliveries[0]!.seq))!
  assert.deepEqual(Object.keys(request).sort(), ['body', 'headers', 'method', 'url'])
  await inbox!.describe(seq)
  await inbox!.drain()
  assert.equal(arrived[0]!.id, 'payment.succeeded/p-1')
  await app.close()
})
