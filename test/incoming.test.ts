import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { after, before, test } from 'node:test'
import { headersOf, withLists } from '../src/incoming.ts'
import type { Headers } from '../src/receiver.ts'

const server = createServer((_, response) => response.end())

before(() => once(server.listen(0, '127.0.0.1'), 'listening'))
after(() => server.close())

/** The request that Node makes of these lines, byte by byte. */
async function received(...lines: string[]): Promise<IncomingMessage> {
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
  const request = once(server, 'request')
  socket.end(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n${lines.map(line => `${line}\r\n`).join('')}\r\n`)
  const [message] = await request
  socket.destroy()
  return message
}

const FIXED = { host: 'a', 'content-length': '0' }
const cases: readonly [what: string, lines: readonly string[], expected: Headers][] = [
  [
    'names in any case',
    ['X-GitHub-Event: push', 'cOnTeNt-TyPe: a/b'],
    { 'x-github-event': 'push', 'content-type': 'a/b' }
  ],
  ['a proof that came twice', ['X-Sig: a', 'x-sig: b'], { 'x-sig': ['a', 'b'] }],
  ['one that came three times', ['x-sig: a', 'x-sig: b', 'x-sig: b'], { 'x-sig': ['a', 'b', 'b'] }],
  ['one that Node drops', ['authorization: a', 'Authorization: b'], { authorization: ['a', 'b'] }],
  ['one that Node joins with another sign', ['cookie: a', 'cookie: b'], { cookie: ['a', 'b'] }],
  ['one that Node has as a list', ['set-cookie: a'], { 'set-cookie': 'a' }],
  ['a name that every object has', ['constructor: a', 'toString: b'], { constructor: 'a', tostring: 'b' }],
  ['a value with a comma', ['x-sig: a, b'], { 'x-sig': 'a, b' }],
  ['no value', ['x-sig:'], { 'x-sig': '' }]
]

for (const [what, lines, expected] of cases) {
  test(`headers: ${what}`, async () => {
    const message = await received(...lines)
    assert.deepEqual({ ...headersOf(message) }, { ...FIXED, ...expected })
    assert.deepEqual({ ...headersOf(message) }, { ...withLists(message.rawHeaders) })
  })
}

test('headers: a name that sets prototypes changes none, and hides no other', async () => {
  const headers = headersOf(await received('__proto__: a', 'x-sig: b'))
  assert.equal(headers['x-sig'], 'b')
  assert.equal(headers['polluted' as string], undefined)
  assert.deepEqual(Object.keys(headers), ['host', 'content-length', 'x-sig'])
})

test('what others have added to Node’s headers was not sent', async () => {
  const message = await received('x-sig: a')
  message.headers['x-forwarded-for'] = '127.0.0.1'
  assert.deepEqual({ ...headersOf(message) }, { ...FIXED, 'x-sig': 'a' })
})
