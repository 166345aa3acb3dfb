import assert from 'node:assert/strict'
import { test } from 'node:test'
import { github } from '../receivers/github.ts'
import { slack } from '../receivers/slack.ts'
import { Handlers, runChain } from '../src/chain.ts'
import { type Accept, FunctionHandler, type HandlerContext, handles, on } from '../src/handler.ts'
import type { Delivery } from '../src/receiver.ts'

const receivers = new Map<string, any>([
  ['github', github],
  ['slack', slack]
])
const silent = { trace() {}, debug() {}, info() {}, warn() {}, error() {}, fatal() {} } as any
const open = new AbortController().signal

function delivery(receiver: string, event: string): Delivery {
  return {
    receiver,
    instance: '',
    event,
    id: '1',
    occurredAt: undefined,
    receivedAt: new Date(0),
    subject: undefined,
    account: undefined,
    data: {},
    headers: {},
    attempt: 1,
    raw: () => ({ method: 'POST', url: '', headers: {}, body: new Uint8Array() })
  }
}

function handler(
  name: string,
  accept: Accept,
  handle: (context: HandlerContext) => any = () => {},
  order = 50,
  timeout = 1000
) {
  return new FunctionHandler(accept, { name, order, timeout }, (_delivery, context) => handle(context))
}

async function run(handlers: FunctionHandler[], what = delivery('github', 'push'), closing = open) {
  const all = new Handlers(receivers)
  for (const each of handlers) all.add(each)
  return runChain(all.chainFor(what), what, silent, closing)
}

test('handlers run in ascending order, equal ones as they were added, one after the other', async () => {
  const ran: string[] = []
  const slow = (name: string) => async () => {
    await new Promise(setImmediate)
    ran.push(name)
  }
  await run([
    handler('late', on(github, 'push'), slow('late'), 60),
    handler('b', on(github, '**'), slow('b')),
    handler('a', on('**'), slow('a')),
    handler('first', on(github, 'pu*'), slow('first'), -1)
  ])
  assert.deepEqual(ran, ['first', 'b', 'a', 'late'])
})

test('only handlers that accept the receiver and the event are in the chain', () => {
  const all = new Handlers(receivers)
  all.add(handler('push', on(github, 'push')))
  all.add(handler('slack', on(slack, '**')))
  all.add(handler('everything', on('**')))
  const names = (receiver: string, event: string) => all.chainFor(delivery(receiver, event)).map(({ name }) => name)
  assert.deepEqual(names('github', 'push'), ['push', 'everything'])
  assert.deepEqual(names('github', 'issues.opened'), ['everything'])
  assert.deepEqual(names('slack', 'push'), ['slack', 'everything'])
})

test('one handler may accept several receivers', async () => {
  class Both extends handles(on(github, 'push'), on(slack, 'message')) {
    readonly name = 'both'
    handle() {}
  }
  const all = new Handlers(receivers)
  all.add(new Both())
  assert.equal(all.chainFor(delivery('github', 'push')).length, 1)
  assert.equal(all.chainFor(delivery('slack', 'message')).length, 1)
  assert.equal(all.chainFor(delivery('slack', 'push')).length, 0)
})

test('stop() ends the chain after the handler that called it', async () => {
  const ran: string[] = []
  await run([
    handler('a', on('**'), ({ stop }) => {
      stop('enough')
      ran.push('a')
    }),
    handler('b', on('**'), () => ran.push('b'))
  ])
  assert.deepEqual(ran, ['a'])
})

test('the first reply wins, and ends nothing', async () => {
  const ran: string[] = []
  const { reply } = await run([
    handler('a', on('**'), ({ reply }) => reply({ status: 201 })),
    handler('b', on('**'), ({ reply }) => {
      reply({ status: 202 })
      ran.push('b')
    })
  ])
  assert.deepEqual(reply, { status: 201 })
  assert.deepEqual(ran, ['b'])
})

for (const [how, throwing] of [
  ['throws', () => assert.fail('broken')],
  ['rejects', () => Promise.reject(new Error('broken'))],
  ['throws nothing at all', () => Promise.reject(undefined)]
] as const) {
  test(`a handler that ${how} ends the chain and is named`, async () => {
    const ran: string[] = []
    const { failed } = await run([
      handler('bad', on('**'), throwing),
      handler('next', on('**'), () => ran.push('next'))
    ])
    assert.equal(failed?.handler, 'bad')
    assert.deepEqual(ran, [])
  })
}

test('a handler that takes too long fails, and its signal aborts', async () => {
  let reason: any
  const { failed } = await run([
    handler(
      'slow',
      on('**'),
      ({ signal }) => new Promise(() => signal.addEventListener('abort', () => (reason = signal.reason))),
      50,
      5
    )
  ])
  assert.equal((failed!.error as any).code, 'WEBHOOKS_HANDLER_TIMEOUT')
  assert.match((failed!.error as Error).message, /slow.*5 ms/)
  assert.equal(reason, failed?.error)
})

test('a handler that fails after its time-out does not end the process', async () => {
  let fail: (error: Error) => void = () => {}
  const { failed } = await run([handler('slow', on('**'), () => new Promise((_, reject) => (fail = reject)), 50, 5)])
  assert.equal((failed!.error as any).code, 'WEBHOOKS_HANDLER_TIMEOUT')
  fail(new Error('late'))
  await new Promise(setImmediate)
})

test('the signal aborts when the server closes, also where it is asked for only then', async () => {
  const closing = new AbortController()
  const seen: boolean[] = []
  await run(
    [
      handler('a', on('**'), ({ signal }) => {
        closing.abort()
        seen.push(signal.aborted)
      }),
      handler('b', on('**'), ({ signal }) => seen.push(signal.aborted))
    ],
    delivery('github', 'push'),
    closing.signal
  )
  assert.deepEqual(seen, [true, true])
})

for (const [problem, bad] of [
  [/no method `handle`/, class Unmade {}],
  [/another handler has the same name/, handler('same', on('**'))],
  [/stable `name`/, handler('', on('**'))],
  [/receiver gitlab, which is not among/, handler('x', { receiver: 'gitlab', pattern: '**' })],
  [/`timeout` must be/, handler('x', on('**'), () => {}, 50, 0)],
  [/`order` must be/, handler('x', on('**'), () => {}, Number.NaN)],
  [/accepts nothing/, Object.assign(handler('x', on('**')), { accepts: [] })]
] as const) {
  test(`refused: ${problem.source}`, () => {
    const all = new Handlers(receivers)
    all.add(handler('same', on('**')))
    assert.throws(() => all.add(bad as any), { code: 'WEBHOOKS_INVALID_HANDLER', message: problem })
  })
}

for (const retry of [[-1], [Number.NaN], [Number.POSITIVE_INFINITY], ['1'], 3, Array(101).fill(1)]) {
  test(`a schedule of ${JSON.stringify(retry).slice(0, 20)} is refused`, () => {
    const bad = Object.assign(handler('bad', on('**')), { retry })
    assert.throws(() => new Handlers(receivers).add(bad), /The handler bad cannot be used: `retry` must be a list/)
  })
}

for (const retry of [[], [0], Array(100).fill(1)]) {
  test(`a schedule of ${retry.length} delays is taken`, () => {
    new Handlers(receivers).add(new FunctionHandler(on('**'), { name: 'good', retry }, () => {}))
  })
}

test('a handler has ten tries over three days if it does not say otherwise', () => {
  const { retry } = handler('plain', on('**'))
  assert.equal(retry.length + 1, 10)
  const days = retry.reduce((sum, delay) => sum + delay, 0) / 86_400_000
  assert.ok(days > 2.8 && days < 3.2, `${days} days`)
})

test('a journal is told of each handler that ended, and how, before the next begins', async () => {
  const told: unknown[] = []
  const all = new Handlers(receivers)
  all.add(handler('a', on('**'), () => told.push('a runs')))
  all.add(handler('b', on('**'), ({ stop }) => stop()))
  all.add(handler('c', on('**')))
  const journal = {
    once: async (_handler: unknown, _key: string, step: () => any) => step(),
    ended: ({ name }: { name: string }, outcome: string) => void told.push([name, outcome])
  }
  const what = delivery('github', 'push')
  await runChain(all.chainFor(what), what, silent, open, journal)
  assert.deepEqual(told, ['a runs', ['a', 'done'], ['b', 'stopped']])
})

test('with a journal an aborted chain waits for no handler and begins none', async () => {
  const told: unknown[] = []
  const closing = new AbortController()
  const all = new Handlers(receivers)
  all.add(
    handler('hangs', on('**'), ({ reply }) => {
      reply({ status: 299 })
      setImmediate(() => closing.abort(new Error('enough')))
      return new Promise(() => {})
    })
  )
  all.add(handler('next', on('**'), () => assert.fail('it must not run')))
  const journal = {
    once: async (_handler: unknown, _key: string, step: () => any) => step(),
    ended: ({ name }: { name: string }, outcome: string, error?: unknown) =>
      void told.push([name, outcome, (error as Error).message])
  }
  const what = delivery('github', 'push')
  const result = await runChain(all.chainFor(what), what, silent, closing.signal, journal)
  assert.deepEqual(told, [['hangs', 'failed', 'enough']])
  assert.deepEqual(result.reply, { status: 299 })
  const again = await runChain(all.chainFor(what), what, silent, closing.signal, journal)
  assert.equal(again.failed!.handler, 'hangs')
  assert.equal(told.length, 1)
})
