import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { github } from '../../../receivers/github.ts'
import { mailchimp } from '../../../receivers/mailchimp.ts'
import { salesforce } from '../../../receivers/salesforce.ts'
import { twilio } from '../../../receivers/twilio.ts'
import { StoreUnavailable } from '../../../src/errors.ts'
import { monitored } from '../../../src/inbox/health.ts'
import { Bucket } from '../../../src/inbox/rejected/bucket.ts'
import { anyOf, basic, bySettings, field, header, hmac, token } from '../../../src/kit.ts'
import type { AnyReceiver, Credentials, WebhookRequest } from '../../../src/receiver.ts'
import { memoryStore } from '../../store/memory.ts'
import { CODE, credentials, inboxOf, NOW, pushBody, pushRequest, receivers, recordingLog, SECRET } from '../stored.ts'

const CANARY = 'canary-0123456789-0123456789-0123456789'

/** What is kept of a refused request. */
async function kept(
  receiver: AnyReceiver,
  request: WebhookRequest,
  { reason = 'signature-mismatch', known = credentials(SECRET), others = receivers } = {} as {
    reason?: 'signature-mismatch' | 'signature-missing' | 'token-mismatch' | 'token-missing'
    known?: Credentials
    others?: ReadonlyMap<string, AnyReceiver>
  }
) {
  const { inbox, store } = inboxOf({ receivers: new Map([...others, [receiver.name, receiver]]) })
  inbox.rejected.keep(receiver, '', 'proof', reason, request, known)
  await inbox.rejected.close()
  const [seq] = (await inbox.rejected.list()).rejected.map(one => one.seq)
  const raw = await store.getRejected(seq!)
  return { ...(await inbox.rejected.get(seq!))!, secretHash: raw!.secretHash, everything: written(raw) }
}

/** All that is stored, as one text in which a secret would be seen, in its plain spelling or another. */
function written(value: unknown): string {
  return JSON.stringify(value, (_, part) => (part instanceof Uint8Array ? Buffer.from(part).toString('latin1') : part))
}

function hides(everything: string): void {
  for (const spelled of [CANARY, encodeURIComponent(CANARY), Buffer.from(CANARY).toString('base64')]) {
    assert.ok(!everything.includes(spelled))
  }
}

describe('what is kept of a refused request', () => {
  test('its request, reason and hint, and when it came', async () => {
    const before = Date.now()
    const one = await kept(github, pushRequest(), { reason: 'signature-missing' })
    assert.deepEqual([one.receiver, one.instance, one.stage, one.reason], ['github', '', 'proof', 'signature-missing'])
    assert.match(one.hint!, /x-hub-signature-256/)
    assert.equal(Buffer.from(one.request.body).toString(), pushBody)
    assert.equal(one.size, pushBody.length)
    assert.ok(one.at.getTime() >= before && one.at.getTime() <= Date.now())
  })

  test('no hash of a secret is shown', async () => {
    const { inbox } = inboxOf()
    inbox.rejected.keep(
      mailchimp,
      '',
      'proof',
      'token-mismatch',
      pushRequest({ url: `https://x/?code=${CANARY}` }),
      credentials(CODE)
    )
    await inbox.rejected.close()
    const [one] = (await inbox.rejected.list()).rejected
    assert.ok(!('secretHash' in one!))
    assert.ok(!('secretHash' in (await inbox.rejected.get(one!.seq))!))
  })

  test('of a large body the first 64 KiB, and no hint', async () => {
    const body = Buffer.alloc(70_000, 'a')
    const one = await kept(github, pushRequest({ body }))
    assert.deepEqual([one.request.body.length, one.size, one.hint], [65_536, 70_000, undefined])
  })

  test('only what failed its proof', async () => {
    const { inbox, store } = inboxOf()
    inbox.rejected.keep(github, '', 'proof', 'method', pushRequest(), credentials(SECRET))
    inbox.rejected.keep(github, '', 'proof', 'challenge-mismatch', pushRequest(), credentials(SECRET))
    inbox.rejected.keep(github, '', 'body', 'body-malformed', pushRequest(), credentials(SECRET))
    await inbox.rejected.close()
    assert.deepEqual((await inbox.rejected.list()).rejected, [])
    assert.equal((await store.stats()).rejected.length, 3)
  })

  test('nothing with `keepRejected: false`, but it is counted', async () => {
    const { inbox, store } = inboxOf({ keepRejected: false })
    inbox.rejected.keep(github, '', 'proof', 'signature-missing', pushRequest(), credentials(SECRET))
    await inbox.rejected.close()
    assert.deepEqual((await inbox.rejected.list()).rejected, [])
    assert.deepEqual((await store.stats()).rejected, [{ receiver: 'github', reason: 'signature-missing', count: 1 }])
  })
})

describe('secrets are never in it', () => {
  test('headers with credentials, whoever reads them', async () => {
    const headers = {
      authorization: `Bearer ${CANARY}`,
      cookie: `s=${CANARY}`,
      'proxy-authorization': CANARY,
      'x-a': '1'
    }
    const one = await kept(github, pushRequest({ headers }))
    hides(one.everything)
    assert.deepEqual(one.request.headers, { 'x-a': '1' })
  })

  test('a wrong token in the URL, which may be another instance’s', async () => {
    const one = await kept(mailchimp, pushRequest({ url: `https://x/?a=1&code=${CANARY}` }), {
      reason: 'token-mismatch'
    })
    hides(one.everything)
    assert.equal(one.request.url, 'https://x/?a=1&code=***')
  })

  test('a token for another receiver, sent to this one', async () => {
    const one = await kept(github, pushRequest({ url: `https://x/?code=${CANARY}` }), { reason: 'signature-missing' })
    hides(one.everything)
  })

  test('a token in a field of the body, also one for another receiver where this one’s proof is missing', async () => {
    const inBody = { ...github, name: 'in-body', scheme: token(field(['json'], 'token')) }
    const body = Buffer.from(JSON.stringify({ token: CANARY, ref: 'main' }))
    for (const receiver of [inBody, github]) {
      const one = await kept(receiver, pushRequest({ body }), {
        reason: 'token-missing',
        others: new Map([['in-body', inBody]])
      })
      hides(one.everything)
      assert.match(Buffer.from(one.request.body).toString(), /"token":"\*+","ref":"main"/)
    }
  })

  test('where fields are to be hidden and can’t be found for sure, no body', async () => {
    const inBody = { ...github, name: 'in-body', body: ['json'] as const, scheme: token(field(['json'], 'token')) }
    const bodies = [
      `{"token":"${CANARY}"`,
      `token=${CANARY}`,
      `{"token":"${CANARY}","a":"${'a'.repeat(70_000)}"}`,
      '"x"'
    ]
    for (const body of bodies) {
      const one = await kept(inBody, pushRequest({ body: Buffer.from(body) }), { reason: 'token-mismatch' })
      hides(one.everything)
      assert.equal(one.request.body.length, 0)
      assert.equal(one.size, body.length)
    }
    const xml = Buffer.from(`<a><SessionId>${CANARY}</a>`)
    const one = await kept(salesforce, pushRequest({ headers: { 'content-type': 'text/xml' }, body: xml }))
    hides(one.everything)
    assert.equal(one.request.body.length, 0)
  })

  test('what the receiver hides besides its proof', async () => {
    const xml = `<Envelope><Body><notifications><SessionId>${CANARY}</SessionId></notifications></Body></Envelope>`
    const headers = { 'content-type': 'text/xml' }
    const one = await kept(salesforce, pushRequest({ headers, body: Buffer.from(xml) }))
    hides(one.everything)
    assert.match(Buffer.from(one.request.body).toString(), /<SessionId>\*+<\/SessionId>/)
  })

  test('the token of the proof that settings choose, and of the one they do not', async () => {
    const generic: AnyReceiver = { ...bySettings, name: 'generic', docs: 'https://example.com', describe: () => [] }
    const known = { ...credentials(SECRET), settings: { 'token-header': 'x-token' } }
    const request = pushRequest({ url: `https://x/?code=${CANARY}`, headers: { 'x-token': CANARY } })
    const one = await kept(generic, request, { known, reason: 'token-mismatch' })
    hides(one.everything)
  })

  test('the secret itself, in a place where nobody looks for it, in any spelling', async () => {
    const secret = 'Canary+"&<ä>-0123456789'
    const spelled = [
      secret,
      Buffer.from(secret).toString('latin1'),
      encodeURIComponent(secret),
      JSON.stringify(secret),
      Buffer.from(secret).toString('base64'),
      new URLSearchParams({ a: secret }).toString()
    ]
    const request = pushRequest({
      url: `https://x/?token=${encodeURIComponent(secret)}`,
      headers: {
        'x-key': [`Bearer ${Buffer.from(secret).toString('base64')}`, 'b'],
        'x-one': Buffer.from(secret).toString('latin1')
      },
      body: Buffer.from(spelled.join(' '))
    })
    for (const configured of [secret, `key:${secret}`]) {
      const one = await kept(github, request, {
        reason: 'signature-missing',
        known: credentials(configured),
        others: new Map()
      })
      const stored = one.everything + Buffer.from(one.request.body).toString()
      for (const text of spelled) assert.ok(!stored.includes(text), text)
      assert.equal(one.request.url, 'https://x/?token=***')
      assert.deepEqual(one.request.headers['x-key'], ['Bearer ***', 'b'])
      assert.equal(one.request.body.length, request.body.length)
    }
  })

  test('a user in the URL', async () => {
    const one = await kept(twilio, pushRequest({ url: `https://user:${CANARY}@x/in` }), { known: credentials(CODE) })
    hides(one.everything)
  })
})

describe('the hash of a secret that travelled', () => {
  const at = (url: string) => pushRequest({ url })

  test('is the same for the same secret, and tells nothing without the store’s key', async () => {
    const hash = async (secret: string) =>
      (await kept(mailchimp, at(`https://x/?code=${secret}`), { reason: 'token-mismatch' })).secretHash
    assert.equal(await hash(CANARY), await hash(CANARY))
    assert.notEqual(await hash(CANARY), await hash(`${CANARY}x`))
    assert.match((await hash(CANARY))!, /^[\w-]{43}$/)
  })

  test('there is none where no secret travels or none came', async () => {
    assert.equal((await kept(github, at(`https://x/?code=${CANARY}`))).secretHash, undefined)
    assert.equal((await kept(mailchimp, at('https://x/'), { reason: 'token-missing' })).secretHash, undefined)
  })

  test('counts for headers and fields of the body, too', async () => {
    const schemes = [
      token(header('x-token')),
      basic(),
      token(field(['json'], 'a', 'token')),
      anyOf(token(header('x-b')), basic())
    ]
    for (const scheme of schemes) {
      const receiver: AnyReceiver = { ...github, name: 'other', scheme }
      const request = (await scheme.sign!(pushRequest(), CANARY, new Date(NOW))) as WebhookRequest
      const one = await kept(receiver, request, { reason: 'token-mismatch' })
      hides(one.everything)
      assert.match(one.secretHash!, /^[\w-]{43}$/)
    }
  })
})

describe('a flood of refused requests', () => {
  test('is counted whole, and only its first are kept', async () => {
    const { inbox, store } = inboxOf()
    for (let count = 0; count < 500; count++) {
      inbox.rejected.keep(github, '', 'proof', 'signature-missing', pushRequest(), credentials(SECRET))
    }
    await inbox.rejected.close()
    assert.equal((await store.findRejected({}, { limit: 500 })).length, 50)
    assert.deepEqual((await store.stats()).rejected, [{ receiver: 'github', reason: 'signature-missing', count: 500 }])
  })

  test('is taken out of a bucket that fills again', () => {
    let now = 0
    const bucket = new Bucket({ burst: 3, perSecond: 2 }, () => now)
    const taken = () => [1, 2, 3, 4].filter(() => bucket.take()).length
    assert.equal(taken(), 3)
    now = 499
    assert.equal(taken(), 0)
    now = 1000
    assert.equal(taken(), 2)
    now = 1_000_000
    assert.equal(taken(), 3)
  })
})

describe('a store that is down', () => {
  test('is logged once, throws nothing, and loses no counts', async () => {
    const memory = memoryStore({ now: () => NOW })
    let isDown = true
    const store = new Proxy(memory, {
      get(target, name) {
        const member = Reflect.get(target, name, target)
        if (typeof member !== 'function') return member
        const isOut = () => isDown && (name === 'addRejected' || name === 'countRejected')
        return (...args: unknown[]) =>
          isOut() ? Promise.reject(new StoreUnavailable('memory', 'it is down')) : member.apply(target, args)
      }
    })
    const { log, lines } = recordingLog()
    const { inbox } = inboxOf({ store: monitored(store, log), log })
    for (let count = 0; count < 3; count++) {
      inbox.rejected.keep(github, '', 'proof', 'signature-missing', pushRequest(), credentials(SECRET))
    }
    await inbox.rejected.close()
    assert.equal(lines.filter(({ level }) => level === 'warn' || level === 'error').length, 1)
    isDown = false
    await inbox.rejected.close()
    assert.deepEqual((await memory.stats()).rejected, [{ receiver: 'github', reason: 'signature-missing', count: 3 }])
  })

  test('a scheme that throws at a hint costs the hint, not the record', async () => {
    const scheme = {
      ...hmac({ header: 'x-s', hash: 'sha256' as const, encoding: 'hex' as const }),
      sign: () => {
        throw new Error('no')
      }
    }
    const one = await kept({ ...github, name: 'odd', scheme }, pushRequest(), { reason: 'signature-missing' })
    assert.equal(one.hint, undefined)
  })
})

test('lists the newest first, by receiver, instance and reason, without bodies', async () => {
  const { inbox } = inboxOf()
  inbox.rejected.keep(github, 'acme', 'proof', 'signature-missing', pushRequest(), credentials(SECRET))
  inbox.rejected.keep(github, '', 'proof', 'signature-mismatch', pushRequest(), credentials(SECRET))
  inbox.rejected.keep(mailchimp, '', 'proof', 'token-missing', pushRequest(), credentials(CODE))
  await inbox.rejected.close()
  const names = async (query: Parameters<typeof inbox.rejected.list>[0]) =>
    (await inbox.rejected.list(query)).rejected.map(({ receiver, instance }) => `${receiver}/${instance}`)
  assert.deepEqual(await names({}), ['mailchimp/', 'github/', 'github/acme'])
  assert.deepEqual(await names({ receiver: 'github' }), ['github/', 'github/acme'])
  assert.deepEqual(await names({ receiver: 'github', instance: '' }), ['github/'])
  assert.deepEqual(await names({ reason: 'token-missing' }), ['mailchimp/'])
  const page = await inbox.rejected.list({ limit: 2 })
  assert.deepEqual(await names({ limit: 2, before: page.next }), ['github/acme'])
  assert.ok(page.rejected.every(({ request }) => request.body.length === 0))
  await assert.rejects(inbox.rejected.list({ limit: 0 }), { code: 'WEBHOOKS_INVALID_INBOX_CALL' })
})
