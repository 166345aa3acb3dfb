import assert from 'node:assert/strict'
import { test } from 'node:test'
import { github } from '../../../receivers/github.ts'
import { mailchimp } from '../../../receivers/mailchimp.ts'
import { slack } from '../../../receivers/slack.ts'
import { stripe } from '../../../receivers/stripe.ts'
import { twilio } from '../../../receivers/twilio.ts'
import { Hints } from '../../../src/inbox/rejected/hints.ts'
import { bodySpellings } from '../../../src/inbox/rejected/spellings.ts'
import { ip } from '../../../src/kit.ts'
import type { AnyReceiver, Credentials, WebhookRequest } from '../../../src/receiver.ts'
import { CODE, credentials, knowing, NOW, pushBody, pushRequest, receivers, SECRET } from '../stored.ts'

const at = new Date(NOW)

/** What is said of a request that is refused with these secrets, for the reason that the scheme gives. */
async function hintFor(
  receiver: AnyReceiver,
  request: WebhookRequest,
  known: Credentials = credentials(SECRET),
  table: Parameters<typeof knowing>[0] = {}
): Promise<string | undefined> {
  const verdict = await receiver.scheme.verify(request, known, at)
  assert.equal(verdict.ok, false, 'the request is not refused')
  const instances = Object.keys(table).map(key => {
    const [name = '', instance = ''] = key.split('/')
    return { receiver: name, instance }
  })
  const hints = new Hints({ receivers, credentialsFor: knowing(table), instances })
  const hint = await hints.hint(receiver, '', { request, credentials: known, reason: (verdict as any).reason, at: NOW })
  for (const secret of [known.secrets, ...Object.values(table)].flat()) {
    assert.ok(!hint?.includes(secret), 'the hint holds a secret')
  }
  return hint
}

async function signed(body: string | Uint8Array = pushBody, secret = SECRET): Promise<WebhookRequest> {
  return github.scheme.sign!(pushRequest({ body: Buffer.from(body) }), secret, at)
}

test('says which header is missing', async () => {
  assert.match(
    (await hintFor(github, pushRequest()))!,
    /no proof in the header x-hub-signature-256\. A webhook that was/
  )
})

test('says which receiver’s header is there instead', async () => {
  const request = await stripe.scheme.sign!(pushRequest(), SECRET, at)
  assert.match((await hintFor(github, request))!, /Instead it has stripe-signature, as stripe sends it/)
})

test('says which query parameter is missing', async () => {
  assert.match((await hintFor(mailchimp, pushRequest(), credentials(CODE)))!, /in the query parameter code/)
})

test('says where the secret stands instead', async () => {
  const inQuery = pushRequest({ url: `https://x/?a=1&token=${CODE}` })
  assert.match(
    (await hintFor(mailchimp, inQuery, credentials(CODE)))!,
    /The secret stands in the query parameter token\.$/
  )
  const inHeader = pushRequest({ headers: { 'x-code': `Bearer ${CODE}` } })
  assert.match((await hintFor(mailchimp, inHeader, credentials(CODE)))!, /The secret stands in the header x-code\.$/)
})

test('says when a header came twice', async () => {
  const request = await signed()
  const value = request.headers['x-hub-signature-256'] as string
  const twice = { ...request, headers: { ...request.headers, 'x-hub-signature-256': [value, value] } }
  assert.match((await hintFor(github, twice))!, /x-hub-signature-256 came 2 times/)
})

test('says in what form a signature should be', async () => {
  const request = await signed()
  const value = request.headers['x-hub-signature-256'] as string
  const as = (text: string) => ({ ...request, headers: { ...request.headers, 'x-hub-signature-256': text } })
  assert.match((await hintFor(github, as(value.slice(7))))!, /should have 71 characters and begin with sha256=\./)
  assert.match((await hintFor(github, as(value.slice(0, -2))))!, /has 69 characters, where 71 are expected/)
})

test('a time that is signed beside the signature is no part of its form', async () => {
  const request = { ...pushRequest(), headers: { 'stripe-signature': 'v1=abc' } }
  assert.match((await hintFor(stripe, request))!, /begin with t=\.$/)
})

test('tells a body that was written anew from its JSON', async () => {
  const value = { url: 'https://a/b', name: 'é', list: [1, { a: [] }], empty: {} }
  const short = JSON.stringify(value)
  const received = JSON.stringify(value, null, 3)
  const sent = [
    short,
    JSON.stringify(value, null, 2),
    '{"url": "https://a/b", "name": "\\u00e9", "list": [1, {"a": []}], "empty": {}}',
    '{"url":"https:\\/\\/a\\/b","name":"é","list":[1,{"a":[]}],"empty":{}}'
  ]
  for (const body of sent) {
    const request = { ...(await signed(body)), body: Buffer.from(received) }
    assert.match(
      (await hintFor(github, request))!,
      /the JSON of the body written in another way: something on its way/,
      body
    )
  }
})

test('a body of nothing but brackets is not written in other ways', async () => {
  const body = `${'['.repeat(30_000)}${']'.repeat(30_000)}`
  const request = { ...(await signed('{}')), body: Buffer.from(body) }
  assert.match((await hintFor(github, request))!, /compare it/)
  const spelled = bodySpellings(request.body)
  assert.ok(spelled.every(([other]) => other.length < 2 * body.length))
  assert.ok(bodySpellings(Buffer.from('['.repeat(20) + ']'.repeat(20))).length > 5)
})

test('tells what happened to line breaks and byte order marks', async () => {
  const cases: [sent: string, received: string, words: RegExp][] = [
    ['{"a":1}', '{"a":1}\n', /without the line break at its end/],
    ['{"a":1}\n', '{"a":1}', /a line break at the end/],
    ['a\nb', 'a\r\nb', /\\n for \\r\\n/],
    ['a\r\nb', 'a\nb', /\\r\\n for \\n/],
    ['a', '\uFEFFa', /byte order mark/]
  ]
  for (const [sent, received, words] of cases) {
    const request = { ...(await signed(sent)), body: Buffer.from(received) }
    assert.match((await hintFor(github, request))!, words, JSON.stringify(received))
  }
})

test('tells a secret that was configured in another spelling', async () => {
  const cases: [configured: string, words: RegExp][] = [
    [` ${SECRET}\n`, /without the white space around it/],
    [`"${SECRET}"`, /without the quotes around it/],
    [`key_${SECRET}`, /before its first _/],
    [Buffer.from(SECRET).toString('base64'), /decoded from base64/],
    [Buffer.from(SECRET).toString('hex'), /decoded from hex/]
  ]
  for (const [configured, words] of cases) {
    assert.match((await hintFor(github, await signed(), credentials('another-secret', configured)))!, words)
  }
  const encodings = ['base64', 'hex'] as const
  for (const encoding of encodings) {
    const request = await signed(pushBody, Buffer.from(SECRET).toString(encoding))
    assert.match((await hintFor(github, request))!, new RegExp(`encoded as ${encoding}`))
  }
  assert.match((await hintFor(github, await signed(pushBody, `${SECRET}\n`)))!, /a line break behind it/)
})

test('tells a token that was sent in another spelling', async () => {
  const request = mailchimp.scheme.sign!(pushRequest(), CODE, at) as WebhookRequest
  assert.match((await hintFor(mailchimp, request, credentials(`'${CODE}'`)))!, /without the quotes/)
})

test('tells the secret of another instance, and of another receiver', async () => {
  const table = { 'stripe/': ['of-stripe-itself'], 'github/acme': ['the-secret-of-acme'], 'github/': [SECRET] }
  assert.match(
    (await hintFor(github, await signed(pushBody, 'the-secret-of-acme'), undefined, table))!,
    /the secret of the instance acme of github/
  )
  const twin = { ...github, name: 'enterprise' }
  const hints = new Hints({
    receivers: new Map([
      ['github', github],
      ['enterprise', twin]
    ]),
    credentialsFor: knowing({ 'github/': [SECRET] }),
    instances: [{ receiver: 'github', instance: '' }]
  })
  const refusal = {
    request: await signed(),
    credentials: credentials('x'),
    reason: 'signature-mismatch',
    at: NOW
  } as const
  assert.match((await hints.hint(twin, '', refusal))!, /the unnamed instance of github/)
})

test('says by how many seconds a clock is wrong', async () => {
  const early = await slack.scheme.sign!(pushRequest(), SECRET, new Date(NOW - 412_000))
  assert.match((await hintFor(slack, early))!, /signed 412 seconds before it came/)
  const late = await stripe.scheme.sign!(pushRequest(), SECRET, new Date(NOW + 3_600_000))
  assert.match((await hintFor(stripe, late))!, /signed 3600 seconds after it came/)
})

test('says which URL would prove it, where the URL is part of the proof', async () => {
  const form = { 'content-type': 'application/x-www-form-urlencoded', host: 'hooks.example.com' }
  const request = pushRequest({
    headers: form,
    body: Buffer.from('MessageSid=SM1'),
    url: 'https://hooks.example.com/in?a=b'
  })
  const arrived = async (url: string) => ({ ...(await twilio.scheme.sign!(request, CODE, at)), url })
  const insecure = await hintFor(twilio, await arrived('http://hooks.example.com/in?a=b'), credentials(CODE))
  assert.match(insecure!, /as sent to https:\/\/hooks\.example\.com\/in, but was checked as sent to http:/)
  const inside = await hintFor(twilio, await arrived('http://10.0.0.7:3000/in?a=b'), credentials(CODE))
  assert.match(inside!, /as sent to https:\/\/hooks\.example\.com\/in, but .* http:\/\/10\.0\.0\.7:3000\/in:/)
  const other = await hintFor(twilio, await arrived('https://user:password@x.example/out?secret=s'), credentials(CODE))
  assert.match(other!, /It was checked as sent to https:\/\/x\.example\/out\.$/)
})

test('where nothing else explains it, compares: so it is the secret', async () => {
  const request = await signed(pushBody, 'nobody-knows-this-one')
  assert.match((await hintFor(github, request))!, /the right form, but the secret does not give it: compare/)
  assert.match((await hintFor(github, request, credentials(SECRET, 'older')))!, /none of the 2 secrets gives it/)
})

test('says where a request came from that may not come from there', async () => {
  const receiver = { ...github, name: 'by-address', scheme: ip('192.0.2.0/24') }
  const hint = await hintFor(receiver, pushRequest({ address: '203.0.113.9' }), credentials())
  assert.match(hint!, /^It came from 203\.0\.113\.9\. Where that is your own proxy, name it in .*trustProxy/)
  assert.equal(await hintFor(receiver, pushRequest({ address: '<b>' }), credentials()), undefined)
  assert.equal(await hintFor(receiver, pushRequest(), credentials()), undefined)
})

test('has nothing to say of other reasons, and never fetches', async () => {
  const hints = new Hints({ receivers, credentialsFor: knowing({}), instances: [] })
  let fetched = 0
  const fetch: typeof globalThis.fetch = async () => {
    fetched++
    throw new Error('no')
  }
  const fetching = {
    ...github,
    scheme: { ...github.scheme, verify: async (_: any, known: Credentials) => void (await known.fetch('x')) as any }
  }
  const request = await signed()
  const known = { ...credentials(SECRET), fetch }
  assert.equal(
    await hints.hint(github, '', { request, credentials: known, reason: 'proof-failed', at: NOW }),
    undefined
  )
  await hints.hint(fetching, '', { request, credentials: known, reason: 'signature-mismatch', at: NOW })
  assert.equal(fetched, 0)
})
