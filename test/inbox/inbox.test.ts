import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { github } from '../../receivers/github.ts'
import { memoryStore } from '../store/memory.ts'
import { fill, inboxOf, knowing, NOW, SECRET, settleAll } from './stored.ts'

const code = { code: 'WEBHOOKS_INVALID_INBOX_CALL' }

describe('list', () => {
  test('lists the newest first, with dates', async () => {
    const { inbox, store } = inboxOf()
    const seqs = await fill(store, [{ id: 'a', occurredAt: NOW - 5 }, { id: 'b' }])
    const { deliveries, next } = await inbox.list()
    assert.deepEqual(
      deliveries.map(({ seq, id }) => [seq, id]),
      [
        [seqs[1], 'b'],
        [seqs[0], 'a']
      ]
    )
    assert.equal(next, undefined)
    assert.deepEqual(deliveries[1]!.occurredAt, new Date(NOW - 5))
    assert.deepEqual(deliveries[1]!.receivedAt, new Date(NOW))
    assert.deepEqual(deliveries[1]!.due, new Date(NOW))
    assert.equal(deliveries[1]!.leaseUntil, undefined)
  })

  test('filters by what it is given, all of which must hold', async () => {
    const { inbox, store } = inboxOf()
    const [, opened] = await fill(store, [
      { event: 'push', subject: 's' },
      { event: 'issues.opened', subject: 's', receivedAt: NOW - 1000 },
      { event: 'issues.opened', subject: 't' },
      { event: 'issues.opened', subject: 's', receiver: 'stripe' }
    ])
    const { deliveries } = await inbox.list({
      receiver: 'github',
      event: 'issues.*',
      subject: 's',
      until: new Date(NOW)
    })
    assert.deepEqual(
      deliveries.map(({ seq }) => seq),
      [opened]
    )
  })

  test('pages by the cursor that it gives, until there is none', async () => {
    const { inbox, store } = inboxOf()
    const seqs = await fill(store, [{}, {}, {}, {}, {}])
    const seen: number[] = []
    let before: number | undefined
    do {
      const page = await inbox.list({ limit: 2, before })
      seen.push(...page.deliveries.map(({ seq }) => seq))
      before = page.next
    } while (before !== undefined)
    assert.deepEqual(seen, seqs.toReversed())
  })

  test('refuses a limit, a cursor, a date or a filter that is none', async () => {
    const { inbox } = inboxOf()
    for (const limit of [0, 501, 1.5, Number.NaN]) await assert.rejects(inbox.list({ limit }), code)
    await assert.rejects(inbox.list({ before: 0.5 }), code)
    await assert.rejects(inbox.list({ since: new Date('never') }), code)
    await assert.rejects(inbox.list({ since: 5 as any }), code)
    await assert.rejects(inbox.list({ reciever: 'github' } as any), { ...code, message: /reciever is no filter/ })
  })
})

describe('get', () => {
  test('shows progress, tries and request', async () => {
    const { inbox, store } = inboxOf()
    const [seq] = await fill(store, [{ data: '{"part":1}' }])
    const handlers = [{ name: 'a', ms: 3, outcome: 'done' }]
    const history = [{ attempt: 1, worker: 'w', startedAt: NOW, endedAt: NOW + 3, outcome: 'retry', handlers }]
    await settleAll(store, {
      state: 'dead',
      error: 'broken',
      progress: '{"done":["a"]}',
      history: JSON.stringify(history)
    })
    const entry = (await inbox.get(seq!))!
    assert.equal(entry.state, 'dead')
    assert.equal(entry.error, 'broken')
    assert.deepEqual(entry.progress, { done: ['a'] })
    assert.deepEqual(entry.history, history)
    assert.equal(entry.data, '{"part":1}')
    assert.equal(entry.request.headers['x-github-event'], 'push')
    assert.deepEqual(entry.settledAt, new Date(NOW))
  })

  test('reads progress and history that are none as none', async () => {
    const { inbox, store } = inboxOf()
    const [seq] = await fill(store, [{}])
    await settleAll(store, { state: 'dead', progress: 'nonsense', history: '{"no":"list"}' })
    const { progress, history } = (await inbox.get(seq!))!
    assert.deepEqual([progress, history], [{ done: [] }, []])
  })

  test('knows nothing of a number that is none', async () => {
    assert.equal(await inboxOf().inbox.get(7), undefined)
  })
})

describe('replay', () => {
  test('puts one delivery back to work, its progress kept', async () => {
    let woken = 0
    const { inbox, store } = inboxOf({ worker: { wake: () => void woken++, drain: async () => {} } })
    const [seq, other] = await fill(store, [{}, {}])
    await settleAll(store, { state: 'dead', error: 'e', progress: '{"done":["a"]}' })
    const { id, count } = await inbox.replay(seq!)
    assert.equal(count, 1)
    assert.match(id, /^r-20260301T120000-[0-9a-f]{8}$/)
    const { state, progress, replay } = (await inbox.get(seq!))!
    assert.deepEqual({ state, progress, replay }, { state: 'waiting', progress: { done: ['a'] }, replay: id })
    assert.equal((await inbox.get(other!))!.state, 'dead')
    assert.equal(woken, 1)
  })

  test('from the start forgets the progress', async () => {
    const { inbox, store } = inboxOf()
    const [seq] = await fill(store, [{}])
    await settleAll(store, { state: 'done', progress: '{"done":["a"]}' })
    await inbox.replay({ state: 'done' }, { from: 'start' })
    assert.deepEqual((await inbox.get(seq!))!.progress, { done: [] })
  })

  test('a dry run counts what would be put back, and changes nothing', async () => {
    const { inbox, store } = inboxOf()
    await fill(store, [{}, {}])
    await settleAll(store, { state: 'dead' })
    await fill(store, [
      { receiver: 'stripe' },
      { start: { state: 'running', worker: 'w', until: NOW + 1, progress: '' } }
    ])
    assert.equal((await inbox.replay({ state: 'dead' }, { dryRun: true })).count, 2)
    assert.equal((await inbox.replay({}, { dryRun: true })).count, 3)
    assert.equal((await inbox.replay({ state: 'running' }, { dryRun: true })).count, 0)
    assert.equal((await store.stats()).states.find(({ state }) => state === 'dead')!.count, 2)
  })

  test('one that was killed half way goes on under its id, and repeats nothing', async () => {
    const memory = memoryStore({ now: () => NOW })
    const { store } = inboxOf({ store: memory })
    await fill(
      store,
      Array.from({ length: 1200 }, () => ({}))
    )
    await settleAll(store, { state: 'dead' })
    await settleAll(store, { state: 'dead' })
    let steps = 0
    const failing = new Proxy(memory, {
      get(target, name) {
        if (name === 'requeue' && ++steps === 2) return () => Promise.reject(new Error('killed'))
        const member = Reflect.get(target, name, target)
        return typeof member === 'function' ? member.bind(target) : member
      }
    })
    await assert.rejects(inboxOf({ store: failing }).inbox.replay({ state: 'dead' }, { id: 'mine' }), /killed/)
    // What has failed again meanwhile is not put back a second time.
    await settleAll(store, { state: 'dead' })
    const { count } = await inboxOf({ store: memory }).inbox.replay({ state: 'dead' }, { id: 'mine' })
    assert.equal(count, 700)
  })

  test('leaves alone what arrives after it began', async () => {
    const { inbox, store } = inboxOf()
    await fill(store, [{ receivedAt: NOW }, { receivedAt: NOW + 1 }])
    assert.equal((await inbox.replay({ receiver: 'github' })).count, 1)
  })
})

describe('describe', () => {
  test('puts the receiver’s description of today in the place of the old one', async () => {
    const { inbox, store } = inboxOf()
    const [seq] = await fill(store, [{ event: 'old', id: 'd-1', key: 'd-1' }])
    await settleAll(store, { state: 'dead' })
    await inbox.describe(seq!)
    const { event, subject, account, state } = (await inbox.get(seq!))!
    assert.deepEqual([event, subject, account, state], ['push', 'octo/hello', 'octo', 'waiting'])
  })

  test('says why it can’t', async () => {
    const { inbox, store } = inboxOf()
    const [unregistered, gone] = await fill(store, [{ receiver: 'nobody' }, { instance: 'acme' }])
    await assert.rejects(inbox.describe(unregistered!), { ...code, message: /nobody.*there are github, / })
    await assert.rejects(inbox.describe(gone!), { ...code, message: /"acme"/ })
    await assert.rejects(inbox.describe(999), { ...code, message: /no delivery 999/ })
    const broken = new Map([['github', { ...github, describe: () => ({ event: undefined }) }]])
    const today = inboxOf({ store, receivers: broken, credentialsFor: knowing({ 'github/acme': [SECRET] }) }).inbox
    await assert.rejects(today.describe(gone!), { ...code, message: /event-missing/ })
  })
})

describe('stats', () => {
  test('counts by receiver and state, and says how far behind the work is', async () => {
    let now = NOW
    const store = memoryStore({ now: () => now })
    const { inbox } = inboxOf({ store })
    assert.deepEqual(await inbox.stats(), {
      total: 0,
      states: { waiting: 0, running: 0, done: 0, dead: 0, ignored: 0 },
      receivers: {},
      oldestDue: undefined,
      lag: 0,
      duplicates: 0,
      rejected: []
    })
    await fill(store, [{}])
    await settleAll(store, { state: 'dead' })
    await fill(store, [{ key: 'k' }, { receiver: 'stripe' }, { key: 'k' }])
    await store.countRejected([{ receiver: 'github', reason: 'signature-missing', count: 3 }])
    now = NOW + 700
    const stats = await inbox.stats()
    assert.equal(stats.total, 3)
    assert.deepEqual(stats.states, { waiting: 2, running: 0, done: 0, dead: 1, ignored: 0 })
    assert.deepEqual(stats.receivers.stripe, { waiting: 1, running: 0, done: 0, dead: 0, ignored: 0 })
    assert.deepEqual([stats.oldestDue, stats.lag, stats.duplicates], [new Date(NOW), 700, 1])
    assert.deepEqual(stats.rejected, [{ receiver: 'github', reason: 'signature-missing', count: 3 }])
  })
})

describe('pause, resume and drain', () => {
  test('pause and resume hold for a receiver', async () => {
    let woken = 0
    const { inbox } = inboxOf({ worker: { wake: () => void woken++, drain: async () => {} } })
    await inbox.pause('github')
    assert.deepEqual(await inbox.paused(), ['github'])
    assert.equal(woken, 0)
    await inbox.resume('github')
    assert.deepEqual(await inbox.paused(), [])
    assert.equal(woken, 1)
  })

  test('a receiver that is not registered is refused by an error that names those that are', async () => {
    const { inbox } = inboxOf()
    for (const call of [inbox.pause('gihub'), inbox.resume('gihub')]) {
      await assert.rejects(call, { ...code, message: /"gihub".*github, mailchimp, slack, stripe, twilio/ })
    }
    assert.deepEqual(await inbox.paused(), [])
  })

  test('drain is the worker’s, and an error without one', async () => {
    let drained = 0
    await inboxOf({ worker: { wake() {}, drain: async () => void drained++ } }).inbox.drain()
    assert.equal(drained, 1)
    await assert.rejects(inboxOf().inbox.drain(), { ...code, message: /no worker/ })
  })
})
