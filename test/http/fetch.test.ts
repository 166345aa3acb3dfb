import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createWebhooks, type HostedOptions } from '../../src/http/fetch.ts'
import { collectStream } from '../../src/http/stream.ts'
import { recordingLog } from '../inbox/stored.ts'
import { env, receivers, signedPush } from '../plugin/app.ts'

async function start(options: Partial<HostedOptions> = {}) {
  const { log, lines } = recordingLog()
  const webhooks = await createWebhooks({ env, receivers, logger: log, ...options })
  return { fetch: webhooks.fetch, lines }
}

async function push(changes: Parameters<typeof signedPush>[0] = {}): Promise<Request> {
  const { method, url, headers, payload } = await signedPush(changes)
  return new Request(`https://hooks.example.com${url}`, { method, headers, body: payload })
}

test('a request in, a response out', async () => {
  const { fetch } = await start()
  const response = await fetch(await push())
  assert.deepEqual([response.status, await response.text()], [200, ''])
  const forged = await fetch(await push({ secret: 'another secret, not the one' }))
  assert.deepEqual([forged.status, await forged.json()], [401, { error: 'Unauthorized' }])
})

test('it can be taken off, as a route handler', async () => {
  const { fetch: POST } = await start()
  assert.equal((await POST(await push())).status, 200)
})

test('the connection is the host’s', async () => {
  const { fetch } = await start()
  const response = await fetch(await push({ url: '/api/webhooks/incoming/nobody' }))
  assert.deepEqual([response.status, response.headers.has('connection')], [404, false])
})

for (const [what, prepare] of [
  ['was read', (request: Request) => request.text()],
  ['is being read', (request: Request) => request.body!.getReader()]
] as const) {
  test(`a body that ${what} is an error in the log, and 500`, async () => {
    const { fetch, lines } = await start()
    const request = await push()
    await prepare(request)
    assert.equal((await fetch(request)).status, 500)
    const { level, fields } = lines.at(-1)!
    assert.deepEqual([level, fields.err.code], ['error', 'WEBHOOKS_BODY_ALREADY_READ'])
    assert.match(fields.err.message, /`webhooks\.fetch`/)
  })
}

test('a signature that the host has joined of two is refused', async () => {
  const { fetch } = await start()
  const request = await push()
  request.headers.append('x-hub-signature-256', request.headers.get('x-hub-signature-256')!)
  assert.equal((await fetch(request)).status, 401)
})

describe('a body as a stream', () => {
  const limits = { limit: 5, length: undefined, timeout: 1_000 }
  const streamOf = (...parts: string[]) =>
    new ReadableStream<Uint8Array>({
      pull(controller) {
        const part = parts.shift()
        if (part === undefined) controller.close()
        else controller.enqueue(Buffer.from(part))
      }
    })

  test('comes in parts, up to its limit', async () => {
    assert.equal(String(await collectStream(streamOf('ab', 'c', 'de'), limits)), 'abcde')
    assert.equal(String(await collectStream(streamOf(), limits)), '')
    assert.equal(await collectStream(streamOf('ab', 'cd', 'ef'), limits), 'body-too-large')
    assert.equal(await collectStream(streamOf(), { ...limits, length: '6' }), 'body-too-large')
  })

  test('that breaks is no body', async () => {
    const broken = new ReadableStream({
      pull(controller) {
        controller.error(new Error('gone'))
      }
    })
    assert.equal(await collectStream(broken, limits), 'body-aborted')
  })

  test('that never ends is given up, and not cancelled', async () => {
    let isCancelled = false
    const endless = new ReadableStream<Uint8Array>({
      cancel() {
        isCancelled = true
      }
    })
    assert.equal(await collectStream(endless, { ...limits, timeout: 10 }), 'body-timeout')
    assert.deepEqual([isCancelled, endless.locked], [false, false])
  })
})
