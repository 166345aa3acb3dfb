import assert from 'node:assert/strict'
import { test } from 'node:test'
import { meta } from '../../receivers/meta.ts'
import { receive } from '../../src/receive.ts'

const SECRET = '0123456789abcdef0123456789abcdef'
const now = new Date('2026-07-03T10:00:00Z')

async function described(body: object) {
  const request = {
    method: 'POST',
    url: 'https://example.com/meta',
    headers: {},
    body: Buffer.from(JSON.stringify(body))
  }
  const signed = await meta.scheme.sign!(request, SECRET, now)
  const outcome = await receive(meta, '', signed, { secrets: [SECRET], settings: {}, fetch }, now)
  return outcome.kind === 'accepted' ? outcome.deliveries : outcome.kind === 'rejected' ? outcome.stage : outcome.kind
}

const whatsApp = (value: object) => ({
  object: 'whatsapp_business_account',
  entry: [{ id: '1', changes: [{ field: 'messages', value }] }]
})

test('the statuses of one message, and of one message in a group, have ids of their own', async () => {
  const ids: unknown[] = []
  for (const status of [
    { id: 'wamid.A', status: 'sent' },
    { id: 'wamid.A', status: 'read' },
    { id: 'wamid.A', status: 'read', recipient_participant_id: '49151' },
    { id: 'wamid.A', status: 'read', recipient_participant_id: '49152' }
  ]) {
    const deliveries = await described(whatsApp({ statuses: [status] }))
    assert.ok(Array.isArray(deliveries))
    ids.push(deliveries[0].id)
  }
  assert.deepEqual(ids, ['wamid.A:sent', 'wamid.A:read', 'wamid.A:read:49151', 'wamid.A:read:49152'])
})

test('a status without an id of its message has none', async () => {
  const deliveries = await described(whatsApp({ statuses: [{ status: 'sent' }] }))
  assert.ok(Array.isArray(deliveries))
  assert.equal(deliveries[0].id, undefined)
})

test('what a message of a kind unknown here holds, names it', async () => {
  const item = { sender: { id: '1' }, recipient: { id: '2' }, timestamp: 1783072800000, novelty: {} }
  const deliveries = await described({ object: 'page', entry: [{ id: '2', messaging: [item] }] })
  assert.ok(Array.isArray(deliveries))
  assert.equal(deliveries[0].event, 'page.novelty')
  assert.deepEqual(deliveries[0].data, item)
})

test('an entry that says nothing is no delivery and not passed over', async () => {
  for (const entry of [{}, null, 7, { messaging: [{}] }, { changes: [{ value: {} }] }]) {
    assert.equal(await described({ object: 'page', entry: [entry] }), 'body')
  }
})

const VERIFY_TOKEN = 'a verify token of our own'

async function asked(hub: string, settings: Record<string, string> = { 'verify-token': VERIFY_TOKEN }) {
  const request = { method: 'GET', url: `https://example.com/meta${hub}`, headers: {}, body: Buffer.of() }
  const outcome = await receive(meta, '', request, { secrets: [SECRET], settings, fetch }, now)
  return outcome.kind === 'rejected' ? `${outcome.reason} ${outcome.reply.status}` : outcome.reply.body
}

const token = `hub.verify_token=${encodeURIComponent(VERIFY_TOKEN)}`

test('the set-up gets its challenge back, under the verify token alone', async () => {
  assert.equal(await asked(`?hub.mode=subscribe&hub.challenge=1158201444&${token}`), '1158201444')
  for (const hub of [
    '',
    '?hub.mode=subscribe&hub.challenge=1',
    '?hub.mode=subscribe&hub.challenge=1&hub.verify_token=',
    `?hub.mode=subscribe&hub.challenge=1&${token}x`,
    `?hub.mode=subscribe&hub.challenge=1&${token}&${token}`,
    `?hub.mode=subscribe&hub.challenge=1&verify_token=${encodeURIComponent(VERIFY_TOKEN)}`
  ]) {
    assert.equal(await asked(hub), 'challenge-mismatch 403', hub)
  }
})

test('without a verify token, or with an empty one, nobody sets anything up', async () => {
  for (const settings of [{}, { 'verify-token': '' }] as Record<string, string>[]) {
    for (const given of ['', '&hub.verify_token=', '&hub.verify_token=undefined']) {
      assert.equal(await asked(`?hub.mode=subscribe&hub.challenge=1${given}`, settings), 'challenge-mismatch 403')
    }
  }
})

test('a set-up that asks something else, or nothing, or two things', async () => {
  for (const hub of [
    `?hub.challenge=1&${token}`,
    `?hub.mode=unsubscribe&hub.challenge=1&${token}`,
    `?hub.mode=subscribe&hub.mode=subscribe&hub.challenge=1&${token}`,
    `?hub.mode=subscribe&${token}`,
    `?hub.mode=subscribe&hub.challenge=&${token}`,
    `?hub.mode=subscribe&hub.challenge=1&hub.challenge=2&${token}`
  ]) {
    assert.equal(await asked(hub), 'challenge-malformed 400', hub)
  }
})
