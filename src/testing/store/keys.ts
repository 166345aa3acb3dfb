import assert from 'node:assert/strict'
import type { StoreChecks } from './engine.ts'
import { arrival, delivery, type Given, put, seqs, times } from './given.ts'

export const keys: StoreChecks = {
  'receiver, instance and key are told apart wherever one ends and the next begins': async store => {
    await assertDistinct(
      store,
      [
        ['a', 'b', 'cd'],
        ['a', 'bc', 'd'],
        ['ab', 'c', 'd'],
        ['a', '', 'bcd'],
        ['ab', '', 'cd'],
        ['abc', '', 'd'],
        ['abcd', '', ''],
        ['a', 'bcd', ''],
        ['a/b', 'c', 'd'],
        ['a', 'b/c', 'd'],
        ['a', 'b', 'c/d'],
        ['a:b', 'c', ''],
        ['a', 'b:c', ''],
        ['a\u001f', 'b', 'c'],
        ['a', '\u001fb', 'c'],
        ['a"', 'b', 'c'],
        ['a', '"b', 'c']
      ].map(([receiver, instance, key]) => ({ receiver: receiver!, instance: instance!, key }))
    )
  },

  'keys that only look alike are different': async store => {
    const alike = [
      '',
      ' ',
      'a',
      'A',
      'a ',
      ' a',
      '1',
      '01',
      '1.0',
      '1e0',
      'é',
      'e\u0301',
      'ß',
      'ss',
      '\u017f',
      's',
      'K',
      '\u212a'
    ]
    const odd = ['%', '_', 'a%', 'a_', "'", "''", '"', '\\', '\\\\', '\n', '\r\n', '\t', '\u200b', '\ufeff', 'null']
    const wide = ['😀', '😁', '👩‍👩‍👧', '👩‍👩‍👦', '\u{10ffff}', '\uffff', '\ue000']
    await assertDistinct(
      store,
      [...alike, ...odd, ...wide].map(key => ({ key }))
    )
  },

  'keys of 256 characters are told apart by their last': async store => {
    const long = ['x', '€', 'é', '\\', "'", '%'].flatMap(character =>
      ['1', '2'].map(last => character.repeat(255) + last)
    )
    await assertDistinct(
      store,
      [...long, '😀'.repeat(128), `${'😀'.repeat(127)}😁`].map(key => ({ key }))
    )
  },

  'receivers and instances of unusual names are told apart too': async store => {
    const names = ['', 'a', 'A', 'é', 'e\u0301', '😀', "'", '%', '_', '\\', 'x'.repeat(200)]
    await assertDistinct(
      store,
      names.flatMap(name => [
        { receiver: name, key: 'k' },
        { receiver: 'r', instance: `.${name}`, key: 'k' }
      ])
    )
  },

  'a position tells deliveries apart that have the same key': async store => {
    const items = [0, 1, 2, 1_000].map(position => delivery({ key: 'k', position }))
    const added = await store.add(arrival({}, items))
    assert.deepEqual(
      added.map(({ duplicate }) => duplicate),
      [false, false, false, false]
    )
    const again = await store.add(arrival({}, items.toReversed()))
    assert.deepEqual(seqs(again), seqs(added).toReversed())
    assert.ok(again.every(({ duplicate }) => duplicate))
  },

  'without a key nothing is a duplicate, even of the same id': async store => {
    const added = await Promise.all(times(5).map(() => put(store, { id: 'e1', key: undefined })))
    const [first, second] = await store.add(arrival({}, [delivery({ id: 'e1' }), delivery({ id: 'e1' })]))
    assert.ok([...added, first!, second!].every(({ duplicate }) => !duplicate))
    assert.equal(await store.count({}), 7)
  },

  'the id makes no duplicate, the key does': async store => {
    const first = await put(store, { id: 'one', key: 'k' })
    const second = await put(store, { id: 'two', key: 'k' })
    const third = await put(store, { id: 'one', key: 'l' })
    assert.deepEqual([second.seq, second.duplicate, third.duplicate], [first.seq, true, false])
  }
}

/** Each is new, and a duplicate of itself alone when it comes again. */
async function assertDistinct(store: Parameters<StoreChecks[string]>[0], all: readonly Given[]): Promise<void> {
  const added = await Promise.all(all.map(given => put(store, given)))
  for (const [index, { duplicate }] of added.entries())
    assert.equal(duplicate, false, `${JSON.stringify(all[index])} must be new`)
  const again = await Promise.all(all.map(given => put(store, given)))
  for (const [index, { seq, duplicate }] of again.entries())
    assert.deepEqual([seq, duplicate], [added[index]!.seq, true], `${JSON.stringify(all[index])} must be known`)
}
