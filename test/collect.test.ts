import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import { test } from 'node:test'
import { setTimeout as after } from 'node:timers/promises'
import { collect } from '../src/collect.ts'

const limits = { limit: 10, timeout: 1000 }

function streamOf(...chunks: string[]): PassThrough {
  const stream = new PassThrough()
  for (const chunk of chunks) stream.write(chunk)
  return stream
}

test('a body that is here with its headers is taken at once, all of its pieces, and the stream comes to its end', async () => {
  const stream = streamOf('ab', 'c')
  assert.equal(String(await collect(stream, { ...limits, length: '3' })), 'abc')
  assert.equal(stream.listenerCount('data'), 0)
  let isEnded = false
  stream.once('end', () => {
    isEnded = true
  })
  stream.end()
  await after(10)
  assert.ok(isEnded)
})

test('one that is still coming is waited for, and so is the end of one without a length', async () => {
  for (const length of ['5', undefined]) {
    const stream = streamOf('ab')
    const collected = collect(stream, { ...limits, length })
    await after(5)
    stream.write('cd')
    stream.end('e')
    assert.equal(String(await collected), 'abcde')
  }
})

test('one that is here and too large is refused', async () => {
  assert.equal(await collect(streamOf('x'.repeat(11)), { ...limits, length: '11' }), 'body-too-large')
})

test('one that somebody has made text of, or begun to read, is not taken for the bytes that were sent', async () => {
  const text = streamOf('abc')
  text.setEncoding('utf8')
  assert.equal(await collect(text, { ...limits, length: '3' }), 'body-aborted')

  const begun = streamOf('abcd')
  begun.on('data', () => {})
  await after(5)
  begun.end()
  assert.equal(await collect(begun, { ...limits, length: '4' }), 'body-aborted')
})

test('one that does not come in time is given up', async () => {
  assert.equal(await collect(streamOf('ab'), { limit: 10, timeout: 5, length: '3' }), 'body-timeout')
})
