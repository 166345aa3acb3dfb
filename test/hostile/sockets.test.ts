/** A small share of what test/e2e/torture.ts does, without a clock. */
import assert from 'node:assert/strict'
import type { AddressInfo } from 'node:net'
import { after, before, test } from 'node:test'
import type { FastifyInstance } from 'fastify'
import { exchange, garbageFlood, head, shapes, statusesOf, Tricklers } from '../e2e/torture/attacks.ts'
import { appWith, push } from '../plugin/app.ts'

let app: FastifyInstance
let port: number

before(async () => {
  const started = await appWith({ bodyTimeout: 60_000 }, { forceCloseConnections: true })
  app = started.app
  await app.listen({ port: 0, host: '127.0.0.1' })
  port = (app.server.address() as AddressInfo).port
})
after(() => app.close())

async function honest(): Promise<string> {
  const { text } = await exchange(port, (await head(`content-length: ${Buffer.byteLength(push)}\r\n`)) + push)
  return statusesOf(text)
}

test('a hundred connections trickle, and the honest ones get their answers', async () => {
  const tricklers = new Tricklers(port)
  tricklers.open(100)
  for (let round = 0; round < 20; round++) {
    tricklers.trickle()
    assert.equal(await honest(), '200')
  }
  assert.equal(tricklers.underWay, 100)
  tricklers.stop()
})

test('five hundred requests of garbage are answered or closed, and the process lives', async () => {
  const { answered, closed, hung } = await garbageFlood(port, 500, 20, 20260101)
  assert.equal(hung, 0)
  assert.equal(answered + closed, 500)
  assert.ok(answered > 250)
  assert.equal(await honest(), '200')
})

test('requests of a wrong or a rare shape get their one answer', async () => {
  for (const [what, sent, expected] of await shapes()) {
    const { text, ended } = await exchange(port, sent)
    assert.ok(ended, what)
    assert.match(statusesOf(text), expected, what)
  }
  assert.equal(await honest(), '200')
})
