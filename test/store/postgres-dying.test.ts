import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { test } from 'node:test'
import { postgres } from '../../src/store/postgres.ts'

/** A message of PostgreSQL's protocol: its letter, the length of what follows with itself, the content. */
function message(letter: string, content: Buffer): Buffer {
  const head = Buffer.alloc(5)
  head.write(letter)
  head.writeInt32BE(content.length + 4, 1)
  return Buffer.concat([head, content])
}

const authenticated = message('R', Buffer.alloc(4))
const ready = message('Z', Buffer.from('I'))
const dying = message('E', Buffer.from('SFATAL\0C57P01\0Mterminating connection due to unexpected postmaster exit\0\0'))

test('a server that dies in the moment in which it lets us in is unavailable, and takes nobody with it', async t => {
  const server = createServer(socket => {
    socket.on('error', () => {})
    // All in one packet: whoever is let in hears of the end before it can do anything.
    socket.once('data', () => socket.end(Buffer.concat([authenticated, ready, dying])))
  })
  t.after(() => server.close())
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  await assert.rejects(postgres(`postgres://posthorn@127.0.0.1:${port}/db`).open(), {
    code: 'WEBHOOKS_STORE_UNAVAILABLE'
  })
})
