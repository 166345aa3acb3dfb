import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Queue, type QueueOptions } from '../../handlers/queue.ts'
import { type AnyReceiver, type CloudEvent, none } from '../../src/kit.ts'
import { receive } from '../../src/receive.ts'
import { appWith, signedPush } from '../plugin/app.ts'
import { contextWith, deliveryWith, everything } from './deliveries.ts'

function queueTo(enqueue: QueueOptions['enqueue']): Queue {
  return new Queue({ accepts: everything, enqueue })
}

async function enqueued(delivery = deliveryWith()): Promise<CloudEvent> {
  const events: CloudEvent[] = []
  await queueTo(async event => events.push(event)).handle(delivery, contextWith())
  assert.equal(events.length, 1)
  return events[0]!
}

test('a delivery is enqueued as a CloudEvent, before the answer', async () => {
  const events: CloudEvent[] = []
  const { app } = await appWith({ handlers: [queueTo(async event => events.push(event))] })
  assert.equal((await app.inject(await signedPush())).statusCode, 200)
  const [event] = events as [CloudEvent]
  assert.deepEqual([event.source, event.type, event.id], ['/github', 'github.push', 'd-1'])
  assert.deepEqual(JSON.parse(JSON.stringify(event)), event)
})

test('if the queue fails, the provider is told to try again', async () => {
  let tries = 0
  const enqueue = async (): Promise<void> => {
    if (++tries === 1) throw new Error('the queue is down')
  }
  const { app } = await appWith({ handlers: [queueTo(enqueue)] })
  assert.equal((await app.inject(await signedPush())).statusCode, 500)
  assert.equal((await app.inject(await signedPush())).statusCode, 200)
})

test('a body that cannot be read is no event: nothing is enqueued', async () => {
  const shop: AnyReceiver = { ...unsigned, describe: () => ({ event: 'order.paid' }) }
  const [delivery] = await deliveriesOf(shop, '{"half":', 'application/json')
  await assert.rejects(enqueued(delivery), { code: 'WEBHOOKS_MALFORMED_BODY' })
})

test('the context of the handler is passed on', async () => {
  const context = contextWith()
  let given: unknown
  await queueTo(async (_event, context) => {
    given = context
  }).handle(deliveryWith(), context)
  assert.equal(given, context)
})

test('a redelivery has the same source and id; without an id from the provider no two events are the same', async () => {
  const identity = ({ source, id }: CloudEvent): string => `${source} ${id}`
  assert.equal(identity(await enqueued()), identity(await enqueued()))
  const without = deliveryWith({ id: undefined })
  assert.notEqual(identity(await enqueued(without)), identity(await enqueued(without)))
})

test('a file’s bytes are Base64, so that the event survives JSON', async () => {
  const bytes = Buffer.from([0xff, 0x00, 0x0d, 0x0a])
  const head = 'content-disposition: form-data; name='
  const body = Buffer.concat([
    Buffer.from(`--b\r\n${head}"event"\r\n\r\ninbound\r\n--b\r\n${head}"mail[file]"; filename="a.bin"\r\n\r\n`),
    bytes,
    Buffer.from('\r\n--b--\r\n')
  ])
  const mails: AnyReceiver = { ...unsigned, body: ['multipart'], describe: ({ body }) => ({ event: body.event }) }
  const [delivery] = await deliveriesOf(mails, body, 'multipart/form-data; boundary=b')
  const event = await enqueued(delivery)
  assert.deepEqual(JSON.parse(JSON.stringify(event)).data, {
    event: 'inbound',
    mail: { file: { filename: 'a.bin', bytes: bytes.toString('base64') } }
  })
})

test('a delivery without data is an event without data', async () => {
  const event = await enqueued(deliveryWith({ data: undefined }))
  assert.ok(!('data' in JSON.parse(JSON.stringify(event))))
})

test('name, order and time-out are as given, or the defaults', () => {
  const options = { accepts: everything, enqueue: async () => {} }
  const { name, order, timeout, accepts } = new Queue(options)
  assert.deepEqual([name, order, timeout, accepts], ['queue', 50, 30_000, everything])
  const given = new Queue({ ...options, name: 'jobs', order: 7, timeout: 1000 })
  assert.deepEqual([given.name, given.order, given.timeout], ['jobs', 7, 1000])
})

const unsigned: AnyReceiver = {
  name: 'shop',
  docs: 'https://shop.example',
  scheme: none({ because: 'a test' }),
  describe: ({ body }) => ({ event: body.event })
}

async function deliveriesOf(receiver: AnyReceiver, body: string | Uint8Array, type: string) {
  const request = { method: 'POST', url: '/', headers: { 'content-type': type }, body: Buffer.from(body) }
  const outcome = await receive(receiver, '', request, { secrets: [], settings: {}, fetch }, new Date())
  assert.equal(outcome.kind, 'accepted')
  return outcome.deliveries
}
