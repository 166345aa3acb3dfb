import assert from 'node:assert/strict'
import { matches } from '../../pattern.ts'
import type { Filter, Store } from '../../store/store.ts'
import type { StoreChecks } from './engine.ts'
import { assertSame, bring, claim, put, putEach, RECEIVED, seqs, stored, times } from './given.ts'

const EVENTS = [
  ...[
    'invoice.paid',
    'invoice.payment.failed',
    'invoice',
    'Invoice.paid',
    'invoice_paid',
    'invoiceXpaid',
    'xinvoice.paid'
  ],
  ...[
    'repo:push',
    'repo:',
    'a%b',
    'axxb',
    'a_b',
    'a\\b',
    'a[b]',
    'a?b',
    "a'b",
    'é.ü',
    '😀.😀',
    '.',
    '',
    'line\nbreak.x'
  ]
]
const PATTERNS = [
  ...['**', '*', 'invoice.*', 'invoice.**', '**.paid', '*.paid', 'invoice*', 'invoice**', '*.*', '**.*', '*.**', '***'],
  ...[
    'repo:*',
    'a%b',
    'a_b',
    'a\\b',
    'a\\*',
    'a[b]',
    'a[*',
    'a?b',
    'a?*',
    "a'*",
    'é.*',
    '*.😀',
    '😀*',
    '',
    'line*.x',
    'A*'
  ]
]

export const finding: StoreChecks = {
  'all are found without a filter, the newest first, as get tells them': async store => {
    const numbers = await putEach(
      store,
      times(5).map(index => ({ id: `e${index}`, subject: 's', order: 'o' }))
    )
    const [claimed] = await claim(store)
    const found = await store.find({}, { limit: 100 })
    assert.deepEqual(seqs(found), numbers.toReversed())
    for (const delivery of found) assertSame(await store.get(delivery.seq), delivery)
    assert.equal(found.at(-1)!.seq, claimed!.seq)
    assert.ok(
      found.every(delivery => !('request' in delivery)),
      'requests are asked for one by one'
    )
  },

  'pages go on below a number, however many arrive meanwhile': async store => {
    const numbers = await putEach(
      store,
      times(7).map(() => ({}))
    )
    const pages: number[][] = []
    let before: number | undefined
    for (const _ of times(4)) {
      const page = seqs(await store.find({}, { before, limit: 3 }))
      pages.push(page)
      before = page.at(-1) ?? before
      await putEach(store, [{}, {}])
    }
    assert.deepEqual(
      pages.map(({ length }) => length),
      [3, 3, 1, 0]
    )
    assert.deepEqual(pages.flat(), numbers.toReversed())
  },

  'pages hold what the filter finds, not what it passes over': async store => {
    const numbers = await putEach(
      store,
      times(30).map(index => ({ subject: index % 10 ? 'no' : 'yes' }))
    )
    const first = await store.find({ subject: 'yes' }, { limit: 2 })
    const second = await store.find({ subject: 'yes' }, { limit: 2, before: first[1]?.seq })
    assert.deepEqual(seqs([...first, ...second]), [numbers[20], numbers[10], numbers[0]])
  },

  'each condition is kept by itself': async store => {
    const given = {
      ...{ receiver: 'acme', instance: 'shop', event: 'a.b', subject: 'sub', account: 'acc', id: 'e1' },
      ...{ receivedAt: RECEIVED, key: 'other' }
    }
    const { seq } = await put(store, given)
    const far = await put(store, { receiver: 'globex', event: 'c', receivedAt: RECEIVED + 1_000, key: 'e1' })
    for (const name of ['receiver', 'instance', 'event', 'subject', 'account', 'id'] as const) {
      await assertFinds(store, { [name]: given[name] }, [seq])
      await assertFinds(store, { [name]: `${given[name]}x` }, [])
      await assertFinds(store, { [name]: given[name].toUpperCase() }, [])
      await assertFinds(store, { [name]: given[name].slice(0, -1) }, [])
    }
    await assertFinds(store, { seq }, [seq])
    await assertFinds(store, { seq: far.seq + 1_000 }, [])
    await assertFinds(store, { instance: '' }, [far.seq])
    await assertFinds(store, { subject: '' }, [])
    await assertFinds(store, { receiver: undefined, seq: undefined, text: undefined, state: undefined }, [seq, far.seq])
  },

  'a time is since when, inclusive, and until when, exclusive': async store => {
    const [a, b, c] = await putEach(
      store,
      [1_000, 2_000, 3_000].map(receivedAt => ({ receivedAt }))
    )
    await assertFinds(store, { since: 2_000 }, [b!, c!])
    await assertFinds(store, { since: 2_001 }, [c!])
    await assertFinds(store, { until: 2_000 }, [a!])
    await assertFinds(store, { until: 2_001 }, [a!, b!])
    await assertFinds(store, { since: 2_000, until: 3_000 }, [b!])
    await assertFinds(store, { since: 3_000, until: 2_000 }, [])
    await assertFinds(store, { since: 0, until: 0 }, [])
  },

  'states are one or several; of none nothing is': async store => {
    const all = ['waiting', 'running', 'done', 'dead', 'ignored'] as const
    const numbers: number[] = []
    for (const state of all) numbers.push((await bring(store, state)).seq)
    for (const [index, state] of all.entries()) await assertFinds(store, { state }, [numbers[index]!])
    await assertFinds(store, { state: ['running', 'dead'] }, [numbers[1]!, numbers[3]!])
    await assertFinds(store, { state: all }, numbers)
    await assertFinds(store, { state: [] }, [])
  },

  'one that is held by its order is found waiting': async store => {
    const [, ...held] = await putEach(
      store,
      times(3).map(() => ({ order: 'o' }))
    )
    for (const _ of times(2)) await claim(store)
    await assertFinds(store, { state: 'waiting' }, held)
    assert.deepEqual([(await stored(store, held[0]!)).state, (await store.stats()).states.length], ['waiting', 2])
  },

  'conditions must hold together': async store => {
    const [a, b, c] = await putEach(store, [
      { event: 'x.1', subject: 's', receivedAt: 1_000, body: 'needle' },
      { event: 'x.2', subject: 's', receivedAt: 2_000, body: 'hay' },
      { event: 'x.3', subject: 't', receivedAt: 3_000, body: 'needle', receiver: 'globex' }
    ])
    await assertFinds(store, { event: 'x.*', subject: 's' }, [a!, b!])
    await assertFinds(store, { event: 'x.*', text: 'needle' }, [a!, c!])
    await assertFinds(store, { text: 'needle', subject: 's', state: 'waiting', since: 500, until: 1_500 }, [a!])
    await assertFinds(store, { receiver: 'globex', subject: 's' }, [])
    await assertFinds(store, { seq: b!, text: 'needle' }, [])
  },

  'events are found by the patterns of handlers': async store => {
    const numbers = await putEach(
      store,
      EVENTS.map(event => ({ event }))
    )
    for (const pattern of PATTERNS) {
      const expected = numbers.filter((_, index) => matches(pattern, EVENTS[index]!))
      await assertFinds(store, { event: pattern }, expected)
    }
  },

  'pages of a pattern are full': async store => {
    const numbers = await putEach(
      store,
      times(40).map(index => ({ event: index % 8 ? 'a.b.c' : 'a.b' }))
    )
    const found = await store.find({ event: 'a.*' }, { limit: 3 })
    assert.deepEqual(seqs(found), [numbers[32], numbers[24], numbers[16]])
  },

  'a text is found in event, id, subject, account and error, in any case': async store => {
    const words = { event: 'EventWord', id: 'IdWord', subject: 'SubjectWord', account: 'AccountWord' }
    const { seq } = await bring(store, 'dead', words, { error: 'ErrorWord' })
    await put(store)
    for (const word of [...Object.values(words), 'ErrorWord']) {
      for (const text of [word, word.toLowerCase(), word.toUpperCase(), word.slice(1, -1)])
        await assertFinds(store, { text }, [seq])
    }
    await assertFinds(store, { text: 'EventWordx' }, [])
    await assertFinds(store, { text: 'WordIdWord' }, [])
  },

  'a text is found in the body, in this case': async store => {
    const large = Buffer.alloc(1024 * 1024, 'x')
    large.write('Hidden', large.length - 6)
    const [json, binary, tail] = await putEach(store, [
      { body: '{"name":"Müller 😀","note":"a\\"b"}' },
      { body: Buffer.concat([Buffer.from([0, 255, 254]), Buffer.from('Needle'), Buffer.from([0, 128])]) },
      { body: large }
    ])
    for (const text of ['Müller', 'ller 😀', '{"name"', 'a\\"b']) await assertFinds(store, { text }, [json!])
    await assertFinds(store, { text: 'Needle' }, [binary!])
    await assertFinds(store, { text: 'needle' }, [])
    await assertFinds(store, { text: 'Hidden' }, [tail!])
    await assertFinds(store, { text: 'nowhere' }, [])
  },

  'nothing in a text is a wildcard': async store => {
    const odd = ['50%off', '50xoff', 'a_b', 'axb', 'c\\d', "e'f", 'g*h', 'g[h]', 'g?h', 'i"j', '%', '_', '\\']
    const inSubject = await putEach(
      store,
      odd.map(subject => ({ subject, body: '' }))
    )
    const inBody = await putEach(
      store,
      odd.map(body => ({ body, event: 'none' }))
    )
    for (const text of ['50%off', 'a_b', 'c\\d', "e'f", 'g*h', 'g[h]', 'g?h', 'i"j', '%', '\\', '%%', '__', '.*']) {
      const fits = odd.map(one => one.includes(text))
      await assertFinds(
        store,
        { text },
        [...inSubject, ...inBody].filter((_, index) => fits[index % odd.length])
      )
    }
  },

  'the empty text is everywhere': async store => {
    const { seq } = await put(store, { body: '' })
    await assertFinds(store, { text: '' }, [seq])
  }
}

/** By find and by count. */
async function assertFinds(store: Store, filter: Filter, expected: readonly number[]): Promise<void> {
  const found = await store.find(filter, { limit: 1_000 })
  assert.deepEqual(seqs(found), expected.toReversed(), `found by ${JSON.stringify(filter)}`)
  assert.equal(await store.count(filter), expected.length, `counted by ${JSON.stringify(filter)}`)
}
