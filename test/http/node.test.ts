import assert from 'node:assert/strict'
import { createServer, type RequestListener } from 'node:http'
import { after, test } from 'node:test'
import { createWebhooks, type NodeWebhooks } from '../../src/http/node.ts'
import { recordingLog } from '../inbox/stored.ts'
import { env, receivers, signedPush } from '../plugin/app.ts'
import { type Started, send, serving } from './hosts.ts'

const started: Started[] = []
after(async () => {
  for (const one of started) await one.close()
})

async function start(around: (webhooks: NodeWebhooks) => RequestListener) {
  const { log, lines } = recordingLog()
  const webhooks = await createWebhooks({ env, receivers, logger: log })
  const one = await serving(createServer(around(webhooks)), webhooks)
  started.push(one)
  return { port: one.port, lines }
}

test('a body that was read before is an error in the log, and 500', async () => {
  const { port, lines } = await start(webhooks => async (request, response) => {
    for await (const _ of request);
    webhooks.listener(request, response)
  })
  const { status, body } = await send(port, await signedPush())
  assert.deepEqual([status, body], [500, '{"error":"Internal Server Error"}'])
  const { level, fields } = lines.at(-1)!
  assert.deepEqual([level, fields.receiver, fields.err.code], ['error', 'github', 'WEBHOOKS_BODY_ALREADY_READ'])
  assert.match(fields.err.message, /`webhooks\.listener`/)
})

test('an answer that can’t be sent ends the connection instead of the process', async () => {
  const { port, lines } = await start(webhooks => (request, response) => {
    response.writeHead(200).write('begun')
    webhooks.listener(request, response)
  })
  const forged = await signedPush({ secret: 'another secret, not the one' })
  await assert.rejects(send(port, forged), { code: 'ECONNRESET' })
  assert.equal(lines.at(-1)!.fields.err.code, 'ERR_HTTP_HEADERS_SENT')
})
