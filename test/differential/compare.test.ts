/** The comparison itself can fail: it sees a verdict that differs, an entry that explains too little, and a stale one. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { header, type Receiver, token } from '../../src/kit.ts'
import { type Comparison, type Difference, run } from './compare.ts'
import { asNode, headerUndone, type Trial, withHeader } from './trial.ts'

const receiver: Receiver<'beacon'> = {
  name: 'beacon',
  docs: 'https://beacon.example',
  scheme: token(header('x-token')),
  describe: () => ({ event: 'seen' })
}

const valid: Trial = {
  done: [],
  headers: [['x-token', 'secret']],
  url: 'https://example.com/',
  body: Buffer.from('{}'),
  secret: 'secret',
  time: '',
  now: new Date('2026-01-01T00:00:00Z')
}

/** A package that takes a token in either case, and looks at the clock. */
const forgiving: Comparison = {
  sdk: 'forgiving',
  verifier: 'verify',
  receiver,
  trials: 200,
  valid: [valid],
  signers: [trial => trial],
  before: { 'left as it is': trial => trial },
  after: {
    'in upper case': trial => withHeader(trial, 'x-token', 'SECRET'),
    wrong: trial => withHeader(trial, 'x-token', 'wrong'),
    'too late': trial => ({ ...trial, now: new Date('2027-01-01T00:00:00Z') })
  },
  official(trial) {
    if (new Date().getFullYear() > 2026) throw new Error('too late')
    return asNode(trial)['x-token']?.toLowerCase() === trial.secret
  },
  differences: []
}

const upperCase: Difference = {
  name: 'in upper case',
  accepts: 'sdk',
  reason: 'It forgives case.',
  undo: trial => headerUndone(trial, 'x-token', value => value.toLowerCase())
}
const late: Difference = {
  name: 'too late',
  accepts: 'posthorn',
  reason: 'There is no time in it.',
  when: ({ now }, outcome) => now.getUTCFullYear() === 2027 && outcome.kind === 'accepted'
}
const stale: Difference = { ...late, name: 'never met', when: ({ secret }) => secret === 'another' }

test('a difference that no entry names is found, in either direction, and shown', async () => {
  const { findings, accepted, refused } = await run(forgiving)
  assert.ok(findings.some(text => /^forgiving accepted, Posthorn refused \(proof, token-mismatch\)/.test(text)))
  assert.ok(findings.some(text => /^forgiving refused, Posthorn accepted/.test(text)))
  assert.match(findings[0]!, /"done":[\s\S]*"headers":[\s\S]*"body": "\{\}"/)
  assert.equal(findings.length + accepted + refused, forgiving.trials)
})

test('an entry explains its own direction only', async () => {
  const { findings, used } = await run({ ...forgiving, differences: [upperCase, { ...late, accepts: 'sdk' }] })
  assert.deepEqual([...used.keys()], ['in upper case'])
  assert.ok(findings.length > 0 && findings.every(text => text.startsWith('forgiving refused')))
})

test('named differences are counted, stale entries are not', async () => {
  const { findings, used } = await run({ ...forgiving, differences: [upperCase, late, stale] })
  assert.deepEqual(findings, [])
  assert.deepEqual([...used.keys()].sort(), ['in upper case', 'too late'])
})

test('an entry that undoes too little explains nothing', async () => {
  const { findings } = await run({ ...forgiving, differences: [{ ...upperCase, undo: trial => trial }, late] })
  assert.ok(findings.length > 0)
})

test('every run is the same', async () => {
  assert.deepEqual(await run(forgiving), await run(forgiving))
})
