/** What only a real connection can do: trickle, stop half way, pipeline, lie about lengths. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { connect, type Socket } from 'node:net'
import { after, before, test } from 'node:test'
import type { FastifyInstance } from 'fastify'
import type { Rejection } from '../../src/options.ts'
import type { Delivery } from '../../src/receiver.ts'
import { appWith, push, signedPush } from '../plugin/app.ts'

let app: FastifyInstance
let arrived: Delivery[]
const rejections: Rejection[] = []
let port: number

before(async () => {
  const started = await appWith(
    { bodyTimeout: 200, onRejected: rejection => void rejections.push(rejection) },
    { forceCloseConnections: true }
  )
  app = started.app
  arrived = started.arrived
  await app.listen({ port: 0, host: '127.0.0.1' })
  port = (app.server.address() as AddressInfo).port
})
after(() => app.close())

async function head(changes: object = {}, length: number | string = Buffer.byteLength(push)): Promise<string> {
  const { headers, url } = await signedPush(changes)
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  const framing = typeof length === 'number' ? `content-length: ${length}` : length
  return `POST ${url} HTTP/1.1\r\nhost: localhost\r\n${lines.join('')}${framing}\r\n\r\n`
}

/** All that comes until the server closes the connection. */
async function untilClosed(socket: Socket): Promise<string> {
  let text = ''
  socket.on('data', chunk => {
    text += chunk
  })
  socket.on('error', () => {})
  await once(socket, 'close')
  return text
}

async function send(...chunks: string[]): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  const answer = untilClosed(socket)
  for (const chunk of chunks) socket.write(chunk)
  return answer
}

function statuses(text: string): string[] {
  return [...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map(match => match[1]!)
}

test('a body that trickles past its deadline gets 408, and the connection ends', async () => {
  const socket = connect(port, '127.0.0.1')
  const answer = untilClosed(socket)
  socket.write(await head())
  const trickle = setInterval(() => socket.writable && socket.write('{'), 20)
  const text = await answer
  clearInterval(trickle)
  assert.deepEqual(statuses(text), ['408'])
  assert.match(text, /x-request-id: /)
  assert.equal(rejections.at(-1)!.reason, 'body-timeout')
})

test('a chunked body without end gets 408 too', async () => {
  assert.deepEqual(statuses(await send(await head({}, 'transfer-encoding: chunked'), '5\r\n{"a":\r\n')), ['408'])
})

test('a signed body in small chunks arrives', async () => {
  const chunked = [...push].map(character => `1\r\n${character}\r\n`).join('')
  const before = arrived.length
  const text = await send(
    await head({ headers: { connection: 'close' } }, 'transfer-encoding: chunked'),
    `${chunked}0\r\n\r\n`
  )
  assert.deepEqual(statuses(text), ['200'])
  assert.equal(arrived.length, before + 1)
})

test('a chunked body over the limit gets 413 while it is still coming', async () => {
  // One byte too many, and no end. More would be on its way when the connection is reset, and the reset may overtake the
  // answer.
  const text = await send(
    'POST /api/webhooks/incoming/bitbucket HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n',
    `100001\r\n${'x'.repeat(0x100001)}`
  )
  assert.deepEqual(statuses(text), ['413'])
})

test('an announced body over the limit gets 413 before it comes', async () => {
  const text = await send(
    'POST /api/webhooks/incoming/bitbucket HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 99999999\r\n\r\n'
  )
  assert.deepEqual(statuses(text), ['413'])
})

test('a sender that hangs up half way leaves nothing behind', async () => {
  const before = arrived.length
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => {})
  socket.write((await head()) + push.slice(0, 10))
  await once(socket, 'connect')
  const seen = rejections.length
  setTimeout(() => socket.destroy(), 20)
  await once(socket, 'close')
  while (rejections.length === seen) await new Promise(setImmediate)
  assert.equal(rejections.at(-1)!.reason, 'body-aborted')
  assert.equal(arrived.length, before)
  assert.equal((await app.inject(await signedPush())).statusCode, 200)
})

test('requests in a pipeline are answered in their order', async () => {
  const before = arrived.length
  const good = (await head()) + push
  const forged = (await head({ secret: 'another secret, not the one' })) + push
  const last = (await head({ headers: { connection: 'close' } })) + push
  assert.deepEqual(statuses(await send(good + forged + last)), ['200', '401', '200'])
  assert.equal(arrived.length, before + 2)
})

test('what comes behind an announced body is not part of it', async () => {
  const before = arrived.length
  const answers = statuses(await send(`${await head()}${push}garbage\r\n\r\n`))
  // Node gives up the connection as soon as it reads the garbage, perhaps before our answer is out.
  assert.equal(answers.at(-1), '400')
  for (const { data } of arrived.slice(before)) assert.deepEqual(data, JSON.parse(push))
})

test('half-closing after the request still gets the answer', async () => {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
  const answer = untilClosed(socket)
  socket.end((await head({ headers: { connection: 'close' } })) + push)
  assert.deepEqual(statuses(await answer), ['200'])
})

test('a header that comes twice on the wire is refused', async () => {
  const text = await head({ headers: { connection: 'close' } })
  const signature = /x-hub-signature-256: [^\r]+\r\n/.exec(text)![0]
  assert.deepEqual(statuses(await send(text.replace(signature, signature + signature) + push)), ['401'])
})

test('an expectation of 100 Continue is met', async () => {
  const text = await send((await head({ headers: { expect: '100-continue', connection: 'close' } })) + push)
  assert.deepEqual(statuses(text), ['100', '200'])
})
