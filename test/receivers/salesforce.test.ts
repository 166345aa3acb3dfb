import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { salesforce } from '../../receivers/salesforce.ts'
import { receive } from '../../src/receive.ts'

const [vector] = JSON.parse(readFileSync(new URL('../vectors/salesforce.json', import.meta.url), 'utf8'))
const message = Buffer.from(vector.bodyBase64, 'base64').toString()
const [sessionElement, session] = /<SessionId>(.*)<\/SessionId>/.exec(message)!

function received(body: string) {
  const request = {
    method: 'POST',
    url: 'https://example.com/api/webhooks/incoming/salesforce',
    headers: { 'content-type': 'text/xml' },
    body: Buffer.from(body)
  }
  return receive(salesforce, '', request, { secrets: [vector.secret], settings: {}, fetch }, new Date())
}

const hostile = {
  'an external entity': '<!DOCTYPE e [<!ENTITY x SYSTEM "file:///etc/hostname">]>',
  'a billion laughs': `<!DOCTYPE e [<!ENTITY a0 "ha">${Array.from({ length: 30 }, (_, n) => `<!ENTITY a${n + 1} "&a${n};&a${n};">`).join('')}<!ENTITY x "&a30;">]>`,
  'a DTD elsewhere': '<!DOCTYPE e SYSTEM "https://example.net/e.dtd">'
}
for (const [name, dtd] of Object.entries(hostile)) {
  test(`${name} is refused, and answered like any wrong organisation`, async () => {
    const outcome = await received(dtd + message.replace('White', dtd.includes('<!ENTITY') ? '&x;' : 'White'))
    const wrong = await received(message.replace(vector.secret, '000000000000000'))
    assert.ok(outcome.kind === 'rejected' && wrong.kind === 'rejected')
    assert.equal(outcome.stage, 'proof')
    assert.deepEqual(outcome.reply, wrong.reply)
  })
}

test('an entity that nobody declared is refused', async () => {
  const outcome = await received(message.replace('White', '&x;'))
  assert.equal(outcome.kind === 'rejected' && outcome.stage, 'proof')
})

const spellings = {
  plain: sessionElement,
  'with a prefix': `<é:SessionId xmlns:é="urn:x">${session}</é:SessionId\n>`,
  'with attributes': `<SessionId a=">" b='${session}'>${session}</SessionId>`,
  'an attribute of another element': `<Session SessionId = '${session}'/>`,
  'in CDATA that closes it early': `<SessionId><![CDATA[</SessionId>${session}]]></SessionId>`,
  'within itself': `<SessionId><SessionId>x</SessionId>${session}</SessionId>`,
  'behind a comment that opens it': `<!-- <SessionId> --><SessionId>${session}</SessionId>`,
  'in each notification': `<Notification><Id>04l1I000000fztZQAQ</Id><sObject><SessionId>${session}</SessionId></sObject></Notification>`
}
for (const [name, spelling] of Object.entries(spellings)) {
  test(`the session's id is hidden: ${name}`, async () => {
    const outcome = await received(message.replace(sessionElement, spelling))
    assert.ok(outcome.kind === 'accepted')
    for (const delivery of outcome.deliveries) {
      assert.ok(!JSON.stringify(delivery.data).includes(session!))
      assert.ok(!Buffer.from(delivery.raw().body).includes(session!))
    }
    assert.ok(
      outcome.deliveries.some(({ id }) => id === '04l1I000000fztEQAQ'),
      'what stands around it is still there'
    )
  })
}

test('a failed proof is a 401, a message of another shape a 400, both as a SOAP fault that tells nothing', async () => {
  const failed = await received(message.replace(vector.secret, '000000000000000'))
  const shapeless = await received(message.replaceAll('Notification>', 'Note>'))
  assert.ok(failed.kind === 'rejected' && shapeless.kind === 'rejected')
  assert.equal(failed.reply.status, 401)
  assert.equal(shapeless.reply.status, 400)
  assert.equal(failed.reply.body, shapeless.reply.body)
  assert.match(String(failed.reply.body), /<faultstring>The message was not accepted\.<\/faultstring>/)
})

test('the data is the notification, with the type of its object', async () => {
  const outcome = await received(message)
  assert.ok(outcome.kind === 'accepted')
  const { data } = outcome.deliveries[0]!
  assert.deepEqual(
    [data.Id, data.sObject['@type'], data.sObject.LastName],
    ['04l1I000000fztEQAQ', 'sf:Contact', 'Black']
  )
})

const shortId = '00D1I000003qqqE'

const withId = (id: string) => message.replace(/(?<=<OrganizationId>)[^<]*/, id)

async function judged(body: string, ...secrets: string[]): Promise<string> {
  const request = { method: 'POST', url: '/', headers: { 'content-type': 'text/xml' }, body: Buffer.from(body) }
  const verdict = await salesforce.scheme.verify(request, { secrets, settings: {}, fetch }, new Date())
  return verdict.ok ? `secret ${verdict.secret}` : verdict.reason
}

test('the first fifteen letters of the organisation count, in their case', async () => {
  for (const configured of [shortId, `${shortId}AAA`]) {
    for (const given of [shortId, `${shortId}AAA`, `${shortId}EAQ`]) {
      assert.equal(await judged(withId(given), '00D000000000000', configured), 'secret 1', `${configured} ${given}`)
    }
  }
  assert.equal(await judged(withId(`${shortId.slice(0, 14)}!`), shortId), 'token-malformed')
  assert.equal(await judged(withId(`!${shortId.slice(1)}`), shortId), 'token-malformed')
  for (const given of [
    shortId.slice(1),
    `${shortId}A`,
    `${shortId}AA`,
    `${shortId}AAAA`,
    `${shortId}AA!`,
    `${shortId} `
  ]) {
    assert.equal(await judged(withId(given), shortId), 'token-malformed', given)
  }
  assert.equal(await judged(withId(shortId.toLowerCase()), shortId), 'token-mismatch')
})

test('an organisation that is missing, empty, twice or not where it should be', async () => {
  assert.equal(await judged(message), 'secret-missing')
  const [element] = /<OrganizationId>[^<]*<\/OrganizationId>/.exec(message)!
  assert.equal(await judged(message.replace(element, ''), shortId), 'token-missing')
  assert.equal(await judged(message.replace(element, '<OrganizationId/>'), shortId), 'token-missing')
  assert.equal(await judged(message.replace(element, element + element), shortId), 'token-malformed')
  const empty = ['', '<a/>', '<Envelope/>', '<Envelope><Body/></Envelope>']
  for (const body of [...empty, '<Envelope><Body><notifications/></Body></Envelope>', element]) {
    assert.equal(await judged(body, shortId), 'token-missing', body)
  }
})

test('a configured text that is no organisation matches nothing', async () => {
  for (const secret of ['', 'x', `${shortId}!`, shortId.slice(1)]) {
    assert.equal(await judged(withId(shortId), secret), 'token-mismatch', secret)
  }
})

test('it signs by putting the organisation into the message, and says where it can’t', async () => {
  const request = { method: 'POST', url: '/', headers: {}, body: Buffer.from(message) }
  const signed = await salesforce.scheme.sign!(request, '00D000000000000', new Date())
  assert.equal(Buffer.from(signed.body).toString(), message.replace(vector.secret, '00D000000000000'))
  const without = { ...request, body: Buffer.from('<Envelope/>') }
  assert.throws(() => salesforce.scheme.sign!(without, shortId, new Date()), /no element OrganizationId/)
})

test('what is configured is an id of fifteen letters at least, and no secret', () => {
  assert.deepEqual(salesforce.scheme.key, { min: 15, isPublic: true })
  assert.deepEqual(salesforce.scheme.covers, { body: false, time: false })
})
