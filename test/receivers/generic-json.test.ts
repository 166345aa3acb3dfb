import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { genericJson } from '../../receivers/generic-json.ts'
import { type Outcome, receive } from '../../src/receive.ts'
import type { Delivery, WebhookRequest } from '../../src/receiver.ts'

const CODE = 'a-code-for-the-url-of-32-letters-'

interface Sent {
  body?: string
  search?: string
  headers?: WebhookRequest['headers']
}

/** What becomes of a request with the right code. */
async function outcomeOf(settings: Record<string, string>, sent: Sent): Promise<Outcome> {
  const { body = '{}', search = '', headers = {} } = sent
  const url = `https://example.com/api/webhooks/incoming/generic-json?code=${CODE}${search}`
  const request = { method: 'POST', url, headers, body: Buffer.from(body) }
  return receive(genericJson, 'crm', request, { secrets: [CODE], settings, fetch }, new Date())
}

async function delivered(settings: Record<string, string>, sent: Sent): Promise<Delivery> {
  const outcome = await outcomeOf(settings, sent)
  assert.equal(outcome.kind, 'accepted', JSON.stringify(outcome))
  return (outcome as Extract<Outcome, { kind: 'accepted' }>).deliveries[0]!
}

async function refused(settings: Record<string, string>, sent: Sent): Promise<string> {
  const outcome = await outcomeOf(settings, sent)
  return outcome.kind === 'rejected' ? `${outcome.stage}: ${outcome.reason}` : outcome.kind
}

const MISSING = 'body: event-missing'

describe('the event', () => {
  test('stands in ?action=, or is `change`', async () => {
    assert.equal((await delivered({}, { search: '&action=lead.created' })).event, 'lead.created')
    assert.equal((await delivered({}, {})).event, 'change')
    assert.equal((await delivered({ 'event-query': 'kind' }, { search: '&kind=call&action=lead' })).event, 'call')
    assert.equal((await delivered({ 'event-query': 'kind' }, { search: '&action=lead' })).event, 'change')
  })

  test('must be one, and no empty one', async () => {
    for (const search of ['&action=', '&action=a&action=b', '&action=a&%61ction=b']) {
      assert.equal(await refused({}, { search }), MISSING)
    }
  })

  test('stands in a header, whatever its case', async () => {
    const settings = { 'event-header': 'X-Event' }
    assert.equal((await delivered(settings, { headers: { 'x-event': 'call' } })).event, 'call')
    for (const headers of [{}, { 'x-event': '' }, { 'x-event': ['a', 'b'] }]) {
      assert.equal(await refused(settings, { headers, search: '&action=lead' }), MISSING)
    }
    for (const name of ['constructor', 'toString']) assert.equal(await refused({ 'event-header': name }, {}), MISSING)
  })

  test('stands in the body under a path, also in a list, also as a number', async () => {
    const cases: [path: string, body: string, event: string][] = [
      ['type', '{"type":"lead"}', 'lead'],
      ['data.type', '{"data":{"type":"lead"}}', 'lead'],
      ['0.type', '[{"type":"lead"}]', 'lead'],
      ['events.1.code', '{"events":[{},{"code":42}]}', '42'],
      ['a.b.c.d.e.f.g.h', '{"a":{"b":{"c":{"d":{"e":{"f":{"g":{"h":"deep"}}}}}}}}', 'deep'],
      ['constructor', '{"constructor":"own"}', 'own']
    ]
    for (const [path, body, event] of cases)
      assert.equal((await delivered({ 'event-path': path }, { body })).event, event)
  })

  test('is nothing inherited, no length, no object, no boolean', async () => {
    const body = '{"type":{"a":1},"on":true,"list":["a"],"none":null,"text":"abc","empty":""}'
    const paths = ['type', 'on', 'list', 'none', 'empty', 'other', 'type.b', 'text.length', 'text.0', 'list.length']
    const inherited = ['constructor', 'constructor.name', 'toString', 'toString.length', '__proto__', '__proto__.a']
    for (const path of [...paths, ...inherited, 'list.constructor.name', 'list.at.length']) {
      assert.equal(await refused({ 'event-path': path }, { body, search: '&action=lead' }), MISSING, path)
    }
  })

  test('is not looked for in what is no JSON', async () => {
    for (const body of ['', '{', '"text"', '7', 'null', 'a=b', '{"__proto__":{"type":"a"}}']) {
      assert.equal(await refused({ 'event-path': 'type' }, { body }), 'body: body-malformed', body)
    }
  })
})

describe('the id', () => {
  test('is none, unless a setting says where it stands', async () => {
    const sent = { body: '{"id":"a-1","data":{"id":7}}', headers: { 'x-id': 'h-1' } }
    assert.equal((await delivered({}, sent)).id, undefined)
    assert.equal((await delivered({ 'id-path': 'id' }, sent)).id, 'a-1')
    assert.equal((await delivered({ 'id-path': 'data.id' }, sent)).id, '7')
    assert.equal((await delivered({ 'id-header': 'X-Id' }, sent)).id, 'h-1')
    assert.equal((await delivered({ 'id-header': 'X-Other' }, sent)).id, undefined)
    assert.equal((await delivered({ 'id-path': 'data' }, sent)).id, undefined)
  })

  test('is none where a number is too large to be told from its neighbours', async () => {
    const idOf = async (id: string) => (await delivered({ 'id-path': 'id' }, { body: `{"id":${id}}` })).id
    assert.equal(await idOf('9007199254740991'), '9007199254740991')
    for (const id of ['9007199254740993', '12345678901234567890', '1e400', '0.1'])
      assert.equal(await idOf(id), undefined)
    assert.equal(await idOf('"12345678901234567890"'), '12345678901234567890')
  })
})

test('settings that nobody checked describe nothing rather than half of it', async () => {
  const body = '{"a":"b","id":"1"}'
  for (const settings of [
    { 'event-path': 'a', 'event-header': 'x-event' },
    { 'event-query': 'action', 'event-path': 'a' },
    { 'id-path': 'id', 'id-header': 'x-id' },
    { 'id-path': 'data..id' },
    { 'event-path': '' },
    { 'id-header': 'X Id' },
    { 'event-path': 'a.b.c.d.e.f.g.h.i' }
  ]) {
    assert.equal(await refused(settings, { body, headers: { 'x-event': 'a' }, search: '&action=a' }), MISSING)
  }
})

test('settings that choose no proof refuse every request', async () => {
  for (const settings of [{ 'hmac-hash': 'sha256' }, { 'hmac-header': 'x-s', basic: 'true' }, { basic: 'ture' }]) {
    assert.equal(await refused(settings, {}), 'proof: settings-unusable')
  }
})

test('where an HMAC is chosen, the right secret in the URL is not enough', async () => {
  assert.equal(await refused({ 'hmac-header': 'X-Signature' }, {}), 'proof: signature-missing')
})

test('what carried the secret is not in the delivery', async () => {
  const sent = { headers: { 'x-key': CODE, 'x-other': '1' }, search: '&action=lead' }
  const byCode = await delivered({}, sent)
  assert.ok(byCode.raw().url.includes('?code=***&action=lead'))

  const byToken = await delivered({ 'token-header': 'X-Key' }, sent)
  assert.deepEqual(byToken.headers, { 'x-other': '1' })
  assert.deepEqual(byToken.raw().headers, { 'x-other': '1' })
})
