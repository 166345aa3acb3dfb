/** The queue examples against real servers. Where one is not installed, its part is skipped, and says so. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { after, before, describe, test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { connect } from 'amqplib'
import type { FastifyInstance } from 'fastify'
import * as bullmq from '../../docs/examples/queue-bullmq.ts'
import * as rabbitmq from '../../docs/examples/queue-rabbitmq.ts'
import { consumer as rabbitmqConsumer } from '../../docs/examples/work-rabbitmq.ts'
import type { AnyHandler, CloudEvent } from '../../src/kit.ts'
import { appWith, signedPush } from '../plugin/app.ts'
import { type Broker, find, startRabbit, startRedis } from './brokers.ts'

/** Generous: on a busy machine RabbitMQ alone may take half a minute. */
const BOUND = { timeout: 180_000 }

function skipWithout(...programs: string[]): string | false {
  const missing = programs.filter(program => find(program) === undefined)
  if (missing.length === 0) return false
  const reason = `NOT TESTED: ${missing.join(' and ')} is not installed on this machine`
  console.error(reason)
  return reason
}

/** Delivers a push as GitHub would, and gives the status of the answer. */
async function deliver(app: FastifyInstance, id: string): Promise<number> {
  return (await app.inject(await signedPush({ headers: { 'x-github-delivery': id } }))).statusCode
}

async function appFor(handler: AnyHandler): Promise<FastifyInstance> {
  return (await appWith({ handlers: [handler] })).app
}

/** A worker for as many events as are awaited. */
function collector<Item>(count: number): {
  readonly items: Item[]
  add(item: Item): void
  readonly full: Promise<void>
} {
  const { promise, resolve } = Promise.withResolvers<void>()
  const items: Item[] = []
  const add = (item: Item): void => {
    if (items.push(item) === count) resolve()
  }
  return { items, add, full: promise }
}

describe('the BullMQ example', { skip: skipWithout('redis-server') }, () => {
  let redis: Broker | undefined
  let example: Awaited<ReturnType<typeof bullmq.producer>> | undefined
  let app: FastifyInstance
  const address = (): { host: string; port: number } => ({ host: '127.0.0.1', port: redis!.port })

  before(async () => {
    redis = await startRedis(find('redis-server')!)
    example = await bullmq.producer(address())
    app = await appFor(example.handler)
  }, BOUND)
  after(async () => {
    try {
      await example?.jobs.close()
    } finally {
      await redis?.stop()
    }
  })

  test('makes one job of a delivery and its redelivery, even after it was done', async () => {
    for (const id of ['a', 'b', 'a']) assert.equal(await deliver(app, id), 200)
    assert.equal(await example!.jobs.getWaitingCount(), 2)

    const worked = collector<CloudEvent>(2)
    const completed = collector<unknown>(2)
    const worker = bullmq.consumer(address(), async event => worked.add(event))
    worker.on('completed', completed.add)
    await completed.full
    assert.equal(await deliver(app, 'a'), 200)
    await worker.close()
    assert.deepEqual(
      worked.items.map(({ type, id }) => [type, id]),
      [
        ['github.push', 'a'],
        ['github.push', 'b']
      ]
    )
    assert.equal((worked.items[0]!.data as { ref: string }).ref, 'refs/heads/main')
    assert.deepEqual(await example!.jobs.getJobCounts('waiting', 'delayed', 'completed'), {
      waiting: 0,
      delayed: 0,
      completed: 2
    })
  })

  test('without Redis the provider is told to try again, and accepted once it is back', BOUND, async () => {
    const closed = once(example!.jobs, 'ioredis:close')
    await redis!.stop()
    await closed
    assert.equal(await deliver(app, 'c'), 500)
    redis = await startRedis(find('redis-server')!, redis!.port)
    // It connects by itself, in a while.
    while ((await deliver(app, 'c')) !== 200) await setImmediate()
    assert.equal(await example!.jobs.getWaitingCount(), 1)
  })
})

describe('the RabbitMQ example', { skip: skipWithout('rabbitmq-server', 'epmd') }, () => {
  let rabbit: Broker | undefined
  let example: Awaited<ReturnType<typeof rabbitmq.producer>> | undefined
  let app: FastifyInstance
  const url = (): string => `amqp://127.0.0.1:${rabbit!.port}`

  before(async () => {
    rabbit = await startRabbit(find('rabbitmq-server')!, find('epmd')!)
    example = await rabbitmq.producer(url())
    app = await appFor(example.handler)
  }, BOUND)
  after(async () => {
    try {
      await example?.connection.close()
    } finally {
      await rabbit?.stop()
    }
  })

  test('brings each delivery to the worker, a redelivery under the same key', async () => {
    for (const id of ['a', 'b', 'a']) assert.equal(await deliver(app, id), 200)
    const worked = collector<[string, string]>(3)
    const connection = await rabbitmqConsumer(url(), async ({ type }, key) => worked.add([key, type]))
    await worked.full
    await connection.close()
    assert.deepEqual(worked.items, [
      ['/github/a', 'github.push'],
      ['/github/b', 'github.push'],
      ['/github/a', 'github.push']
    ])
  })

  test('puts aside what the worker fails at', async () => {
    assert.equal(await deliver(app, 'broken'), 200)
    const worker = await rabbitmqConsumer(url(), async (_event, key) => {
      if (key === '/github/broken') throw new Error('it fails')
    })
    const connection = await connect(url())
    const channel = await connection.createChannel()
    const failed = collector<string>(1)
    await channel.consume('webhooks.failed', message => failed.add(message!.properties.messageId))
    await failed.full
    await Promise.all([connection.close(), worker.close()])
    assert.deepEqual(failed.items, ['/github/broken'])
  })

  test('without RabbitMQ the provider is told to try again', async () => {
    const disconnected = once(example!.connection, 'disconnect')
    await rabbit!.stop()
    await disconnected
    assert.equal(await deliver(app, 'c'), 500)
  })
})
