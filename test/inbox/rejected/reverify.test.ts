import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { custom } from '../../../receivers/custom.ts'
import { github } from '../../../receivers/github.ts'
import { mailchimp } from '../../../receivers/mailchimp.ts'
import { salesforce } from '../../../receivers/salesforce.ts'
import { slack } from '../../../receivers/slack.ts'
import { twilio } from '../../../receivers/twilio.ts'
import { basic, field, header, ip, token } from '../../../src/kit.ts'
import type { AnyReceiver, Credentials, WebhookRequest } from '../../../src/receiver.ts'
import type { Store } from '../../../src/store/store.ts'
import { memoryStore } from '../../store/memory.ts'
import { CODE, credentials, inboxOf, NOW, pushRequest, SECRET } from '../stored.ts'

const WRONG = 'a-wrong-secret-of-32-letters-long'

/** An inbox whose credentials can be corrected later, as by a restart. */
function correctable(...all: readonly AnyReceiver[]) {
  const store: Store = memoryStore({ now: () => NOW })
  const receivers = new Map(all.map(receiver => [receiver.name, receiver]))
  let known: Credentials | undefined = credentials(WRONG)
  let woken = 0
  const { inbox } = inboxOf({
    store,
    receivers,
    credentialsFor: async () => known,
    worker: { wake: () => void woken++, drain: async () => {} }
  })
  return {
    inbox,
    store,
    woken: () => woken,
    correct: (now: Credentials | undefined) => {
      known = now
    },
    /** Refuses a request, as the plugin does. */
    async refuse(receiver: AnyReceiver, request: WebhookRequest, instance = ''): Promise<void> {
      const verdict = await receiver.scheme.verify(request, known!, new Date())
      assert.ok(!verdict.ok)
      inbox.rejected.keep(receiver, instance, 'proof', verdict.reason, request, known!)
      await inbox.rejected.close()
    }
  }
}

async function signedBy(receiver: AnyReceiver, secret: string, changes: Partial<WebhookRequest> = {}) {
  return receiver.scheme.sign!(pushRequest(changes), secret, new Date())
}

describe('a request whose secret was corrected', () => {
  test('is taken in as if it had just come when it came, and is refused no more', async () => {
    const { inbox, store, woken, correct, refuse } = correctable(github)
    await refuse(github, await signedBy(github, SECRET))
    const [kept] = (await inbox.rejected.list()).rejected
    assert.deepEqual(await inbox.reverify(kept!.seq), [{ seq: kept!.seq, still: 'signature-mismatch' }])

    correct(credentials('newer-secret-of-tests', SECRET))
    const [result] = await inbox.reverify({ receiver: 'github' })
    const [delivery] = (await inbox.list()).deliveries
    assert.deepEqual(result, { seq: kept!.seq, accepted: [delivery!.seq] })
    assert.deepEqual([delivery!.event, delivery!.id, delivery!.secret, delivery!.state], ['push', 'd-1', 1, 'waiting'])
    assert.deepEqual(delivery!.receivedAt, kept!.at)
    assert.deepEqual((await inbox.rejected.list()).rejected, [])
    assert.equal((await store.get(delivery!.seq))!.kind, 'json')
    assert.ok(woken() > 0)
  })

  test('is a duplicate where the provider has sent it again meanwhile', async () => {
    const { inbox, correct, refuse } = correctable(github)
    const request = await signedBy(github, SECRET)
    await refuse(github, request)
    await refuse(github, request)
    correct(credentials(SECRET))
    const results = await inbox.reverify({})
    assert.equal(results.length, 2)
    assert.deepEqual(new Set(results.map(result => 'accepted' in result && result.accepted[0])).size, 1)
    const { deliveries } = await inbox.list()
    assert.deepEqual(
      deliveries.map(({ duplicates }) => duplicates),
      [1]
    )
  })

  test('is judged at the time it came, not now', async () => {
    const { inbox, store, correct, refuse } = correctable(slack)
    const at = new Date(NOW - 7_200_000)
    const body = Buffer.from('{"type":"event_callback","event_id":"E1","event":{"type":"message"}}')
    const request = await slack.scheme.sign!(pushRequest({ body }), SECRET, at)
    await refuse(slack, request)
    const [seq] = (await store.findRejected({}, { limit: 1 })).map(one => one.seq)
    const kept = (await store.getRejected(seq!))!
    await store.removeRejected(seq!)
    await store.addRejected({ ...kept, at: at.getTime() + 1000 }, 10)
    correct(credentials(SECRET))
    const [result] = await inbox.reverify({})
    assert.ok('accepted' in result! && result.accepted.length === 1)
  })

  test('a batch becomes its deliveries, a handshake none', async () => {
    const batch = correctable(custom)
    const body = Buffer.from('{"Id":"1","Notifications":[{"Action":"a"},{"Action":"b"}]}')
    await batch.refuse(custom, await signedBy(custom, CODE, { body }))
    batch.correct(credentials(CODE))
    const [result] = await batch.inbox.reverify({})
    assert.equal('accepted' in result! && result.accepted.length, 2)

    const ping = correctable(github)
    await ping.refuse(github, await signedBy(github, SECRET, { headers: { 'x-github-event': 'ping' } }))
    ping.correct(credentials(SECRET))
    const [answered] = await ping.inbox.reverify({})
    assert.deepEqual('accepted' in answered! && answered.accepted, [])
    assert.deepEqual((await ping.inbox.list()).deliveries, [])
    assert.deepEqual((await ping.inbox.rejected.list()).rejected, [])
  })

  test('one that can’t be described is kept as dead, as the plugin does', async () => {
    const { inbox, correct, refuse } = correctable(github)
    await refuse(github, await signedBy(github, SECRET, { body: Buffer.from('{"no json') }))
    correct(credentials(SECRET))
    await inbox.reverify({})
    const [dead] = (await inbox.list()).deliveries
    assert.deepEqual([dead!.state, dead!.error], ['dead', 'body-malformed'])
  })
})

describe('a request whose secret travelled in it', () => {
  const cases: [what: string, receiver: AnyReceiver, changes?: Partial<WebhookRequest>][] = [
    ['in the query', mailchimp, { url: 'https://x/?a=1', body: Buffer.from('type=subscribe'), headers: {} }],
    ['in a header', { ...github, scheme: token(header('x-token'), { prefix: 'Bearer ' }) }],
    ['in HTTP Basic', { ...github, scheme: basic() }],
    ['in the body', { ...github, scheme: token(field(['json'], 'a', 'token')) }]
  ]
  for (const [what, receiver, changes] of cases) {
    test(`${what} is recognised by its hash, and only then`, async () => {
      const { inbox, correct, refuse } = correctable(receiver)
      await refuse(receiver, await signedBy(receiver, CODE, changes))
      const [still] = await inbox.reverify({})
      assert.ok('still' in still! && still.still === 'token-mismatch')
      correct(credentials('still-another-of-32-letters-long-', CODE))
      const [result] = await inbox.reverify({})
      assert.ok('accepted' in result! && result.accepted.length === 1, JSON.stringify(result))
      const entry = (await inbox.get(result.accepted[0]!))!
      assert.equal(entry.secret, 1)
      assert.ok(!JSON.stringify(entry.request).includes(CODE))
    })
  }

  test('another instance’s hash does not do', async () => {
    const { inbox, correct, refuse } = correctable(mailchimp)
    await refuse(mailchimp, pushRequest({ url: `https://x/?code=${CODE}&code=another` }))
    correct(credentials(CODE))
    const [result] = await inbox.reverify({})
    assert.ok('still' in result!)
  })

  test('one that came without any is still refused', async () => {
    const { inbox, correct, refuse } = correctable(mailchimp)
    await refuse(mailchimp, pushRequest({ url: 'https://x/' }))
    correct(credentials(CODE))
    const [result] = await inbox.reverify({})
    assert.ok('still' in result! && result.still === 'token-missing')
  })

  test('where a proof can’t be made again, nobody can tell', async () => {
    const { sign: _, ...scheme } = token(header('x-token'))
    const receiver: AnyReceiver = { ...github, scheme }
    const { inbox, correct, refuse } = correctable(receiver)
    await refuse(receiver, pushRequest({ headers: { 'x-token': CODE } }))
    correct(credentials(CODE))
    const [result] = await inbox.reverify({})
    assert.ok('cannot' in result!)
  })
})

describe('what can’t be told', () => {
  test('a body that was cut, or not kept', async () => {
    const large = correctable(github)
    await large.refuse(github, await signedBy(github, SECRET, { body: Buffer.from(`{"a":"${'a'.repeat(70_000)}"}`) }))
    large.correct(credentials(SECRET))
    const [cut] = await large.inbox.reverify({})
    assert.ok('cannot' in cut! && /only the first 65536 of its 70008 bytes/.test(cut.cannot))

    const hidden = correctable(salesforce)
    await hidden.refuse(salesforce, pushRequest({ body: Buffer.from('<a>') }))
    const [gone] = await hidden.inbox.reverify({})
    assert.ok('cannot' in gone! && /body was not kept/.test(gone.cannot))
  })

  test('a URL that is part of the proof and held a secret', async () => {
    const { inbox, correct, refuse } = correctable(twilio, mailchimp)
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    const form = { headers, body: Buffer.from('MessageSid=SM1'), url: 'https://x/in?code=abc' }
    await refuse(twilio, await signedBy(twilio, CODE, form))
    correct(credentials(CODE))
    const [result] = await inbox.reverify({})
    assert.ok('cannot' in result! && /URL/.test(result.cannot))
  })

  test('a proof in a header that is never kept', async () => {
    const receiver: AnyReceiver = { ...github, scheme: { ...custom.scheme } }
    const { inbox, store, correct, refuse } = correctable(receiver)
    await refuse(receiver, await signedBy(receiver, CODE))
    const [seq] = (await store.findRejected({}, { limit: 1 })).map(one => one.seq)
    const kept = (await store.getRejected(seq!))!
    await store.removeRejected(seq!)
    await store.addRejected({ ...kept, request: { ...kept.request, headers: {} } }, 10)
    correct(credentials(CODE))
    const [result] = await inbox.reverify({})
    assert.deepEqual('cannot' in result! && result.cannot, 'what should prove it was not kept')
  })

  test('a receiver or instance that is no more', async () => {
    const { inbox, store, correct, refuse } = correctable(github)
    await refuse(github, await signedBy(github, SECRET))
    const elsewhere = inboxOf({ store, receivers: new Map() }).inbox
    const [unregistered] = await elsewhere.reverify({})
    assert.ok('cannot' in unregistered!)
    correct(undefined)
    const [unknown] = await inbox.reverify({})
    assert.ok('still' in unknown! && unknown.still === 'unknown-instance')
    await assert.rejects(inbox.reverify(999), {
      code: 'WEBHOOKS_INVALID_INBOX_CALL',
      message: /no refused request 999/
    })
  })
})

test('where a request came from is not stored, so such a proof is not made up for', async () => {
  const receiver = { ...github, scheme: ip('192.0.2.0/24') }
  const { inbox, refuse } = correctable(receiver)
  await refuse(receiver, pushRequest({ address: '203.0.113.9' }))
  const [kept] = (await inbox.rejected.list()).rejected
  assert.equal(kept!.reason, 'address-not-allowed')
  assert.deepEqual(Object.keys(kept!.request).sort(), ['body', 'headers', 'method', 'url'])
  assert.deepEqual(await inbox.reverify({}), [{ seq: kept!.seq, cannot: 'what should prove it was not kept' }])
})

test('the oldest is taken in first', async () => {
  const { inbox, correct, refuse } = correctable(github)
  for (const id of ['a', 'b', 'c']) {
    await refuse(
      github,
      await signedBy(github, SECRET, { headers: { 'x-github-event': 'push', 'x-github-delivery': id } })
    )
  }
  correct(credentials(SECRET))
  await inbox.reverify({})
  assert.deepEqual(
    (await inbox.list()).deliveries.map(({ id }) => id),
    ['c', 'b', 'a']
  )
})
