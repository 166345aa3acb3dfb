import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  errorText,
  parseHistory,
  parseProgress,
  progressBegun,
  restOf,
  type Try,
  writeHistory,
  writeProgress
} from '../../../src/inbox/worker/progress.ts'
import { handler } from './workshop.ts'

for (const text of ['', 'null', '[]', '{"done":1}', '{"half', '7']) {
  test(`${JSON.stringify(text)} is no progress: every handler runs`, () => {
    assert.deepEqual(parseProgress(text), { done: [] })
  })
}

for (const text of ['', 'null', '{}', '[{"half', '7']) {
  test(`${JSON.stringify(text)} is no history`, () => assert.deepEqual(parseHistory(text), []))
}

test('progress reads as it was written, whatever its names and keys are', () => {
  const progress = {
    done: ['a', '__proto__'],
    begun: ['ü'],
    stopped: true,
    steps: { a: { ['__proto__']: [null, 1] } }
  } as const
  const read = parseProgress(writeProgress(progress))
  assert.equal(JSON.stringify(read), JSON.stringify(progress))
})

test('of a history the newest 50 tries stay', () => {
  const tries = Array.from({ length: 51 }, (_, attempt): Try => ({ attempt, outcome: 'retry', handlers: [] }))
  const read = parseHistory(writeHistory(tries))
  assert.deepEqual([read.length, read[0]!.attempt, read.at(-1)!.attempt], [50, 1, 50])
  assert.equal(writeHistory([]), '')
})

test('what is left of a chain are the handlers that are neither done nor begun, in its order', () => {
  const chain = ['a', 'b', 'c', 'd'].map(name => handler(name))
  const names = (progress: Parameters<typeof restOf>[1]) => restOf(chain, progress).map(({ name }) => name)
  assert.deepEqual(names({ done: [] }), ['a', 'b', 'c', 'd'])
  assert.deepEqual(names({ done: ['c', 'gone'], begun: ['a'] }), ['b', 'd'])
  assert.deepEqual(names(parseProgress(progressBegun(['d', 'a']))), ['b', 'c'])
  assert.deepEqual(names({ done: ['a'], stopped: true }), [])
})

test('the text of an error is its message alone, bounded, and can be kept by every store', () => {
  const error = Object.assign(new Error('bad \0 \udc00'), { response: { body: 'secret' } })
  assert.equal(errorText(error), 'bad \ufffd \ufffd')
  assert.equal(errorText(new Error('y'.repeat(9000))).length, 2048)
  assert.equal(errorText(Symbol('s')), 'Symbol(s)')
})
