import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { test } from 'node:test'
import express from 'express'
import { createWebhooks as createExpress } from '../../src/http/express.ts'
import { createWebhooks as createFetch } from '../../src/http/fetch.ts'
import { createWebhooks as createNode } from '../../src/http/node.ts'
import { ip, type Receiver } from '../../src/kit.ts'
import type { Rejection } from '../../src/options.ts'
import { recordingLog } from '../inbox/stored.ts'
import { serving } from './hosts.ts'

const THEIRS = '203.0.113.7'
const near: Receiver<'near'> = {
  name: 'near',
  docs: 'https://example.com',
  scheme: ip('127.0.0.1', THEIRS),
  describe: () => ({ event: 'e' })
}
const far: Receiver<'far'> = { ...near, name: 'far', scheme: ip(THEIRS) }

function optionsFor(reasons: string[]) {
  const onRejected = ({ reason }: Rejection) => void reasons.push(reason)
  return { env: {}, receivers: [near, far], requireHttps: false, logger: recordingLog().log, onRejected }
}

function post(port: number, receiver: string): Promise<number> {
  const url = `http://127.0.0.1:${port}/api/webhooks/incoming/${receiver}`
  return fetch(url, { method: 'POST', body: '{}', headers: { 'x-forwarded-for': THEIRS } }).then(({ status }) => status)
}

test('in a server of Node’s the socket tells the address, and no header does', async () => {
  const reasons: string[] = []
  const webhooks = await createNode(optionsFor(reasons))
  const { port, close } = await serving(createServer(webhooks.listener), webhooks)
  assert.deepEqual([await post(port, 'near'), await post(port, 'far')], [200, 401])
  assert.deepEqual(reasons, ['address-not-allowed'])
  await close()
})

for (const trusted of [false, true]) {
  test(`in Express ${trusted ? 'a trusted proxy' : 'the socket'} tells the address`, async () => {
    const reasons: string[] = []
    const webhooks = await createExpress(optionsFor(reasons))
    const app = express().set('trust proxy', trusted).use(webhooks.middleware)
    const { port, close } = await serving(createServer(app), webhooks)
    assert.deepEqual([await post(port, 'near'), await post(port, 'far')], [200, trusted ? 200 : 401])
    await close()
  })
}

test('a Request does not tell the address, so nothing is proven by it', async () => {
  const reasons: string[] = []
  const webhooks = await createFetch(optionsFor(reasons))
  const url = 'https://example.com/api/webhooks/incoming/near'
  const { status } = await webhooks.fetch(new Request(url, { method: 'POST', body: '{}' }))
  assert.deepEqual([status, reasons], [401, ['address-missing']])
  await webhooks.close()
})
