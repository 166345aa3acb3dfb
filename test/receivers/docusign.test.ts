import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import { docusign } from '../../receivers/docusign.ts'
import { receive } from '../../src/receive.ts'

const OURS = 'zI1MkGYXhWlVJUX5VdM0kZ6v7n2cbn7LKd8kq0Vd2Jc='
const OLDER = 'cT4yJx0nZ8rQmV7dK2bLwE6sA9uP3hG1fN5oX0iY7tM='
const FOREIGN = 'uR8eW2qT6yI0oP4aS7dF1gH5jK9lZ3xC6vB0nM2qW4e='
const BODY = '{"event":"envelope-sent","data":{"envelopeId":"e-1"}}'

const by = (key: string) => createHmac('sha256', key).update(BODY).digest('base64')

async function reasonFor(headers: Record<string, string | string[]>, secrets = [OURS, OLDER]): Promise<string> {
  const request = { method: 'POST', url: '/', headers, body: Buffer.from(BODY) }
  const outcome = await receive(docusign, '', request, { secrets, settings: {}, fetch }, new Date())
  if (outcome.kind === 'accepted') return `by secret ${outcome.secret}`
  return outcome.kind === 'rejected' ? outcome.reason : outcome.kind
}

test('any signature by any of our keys is enough, wherever it stands', async () => {
  const foreign = { 'x-docusign-signature-1': by(FOREIGN), 'x-docusign-signature-3': by(FOREIGN) }
  assert.equal(await reasonFor({ ...foreign, 'x-docusign-signature-2': by(OURS) }), 'by secret 0')
  assert.equal(await reasonFor({ ...foreign, 'x-docusign-signature-100': by(OLDER) }), 'by secret 1')
  assert.equal(await reasonFor({ 'x-docusign-signature-2': by(OURS), ...foreign }), 'by secret 0')
  assert.equal(
    await reasonFor({ ...foreign, 'x-docusign-signature-2': 'junk', 'x-docusign-signature-4': by(OURS) }),
    'by secret 0'
  )
})

test('keys of others prove nothing, however many', async () => {
  const names = Array.from({ length: 100 }, (_, index) => `x-docusign-signature-${index + 1}`)
  assert.equal(await reasonFor(Object.fromEntries(names.map(name => [name, by(FOREIGN)]))), 'signature-mismatch')
})

test('what is named otherwise is no signature', async () => {
  for (const name of ['', '-0', '-01', '-101', '-1-1', '-1x']) {
    assert.equal(await reasonFor({ [`x-docusign-signature${name}`]: by(OURS) }), 'signature-missing', name)
  }
})

test('one header has one signature', async () => {
  for (const value of [[by(OURS), by(OURS)], [], `${by(FOREIGN)},${by(OURS)}`]) {
    const reason = await reasonFor({ 'x-docusign-signature-1': value })
    assert.equal(reason, 'signature-malformed', String(value))
  }
  const twice = { 'x-docusign-signature-1': [by(FOREIGN), by(FOREIGN)], 'x-docusign-signature-2': by(OURS) }
  assert.equal(await reasonFor(twice), 'signature-malformed')
})
