import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import type { Credentials, Headers, Scheme, WebhookRequest } from '../../src/receiver.ts'
import { type HmacOptions, hmac } from '../../src/schemes/hmac.ts'
import { fields, list, plain } from '../../src/schemes/layout.ts'
import { field, query } from '../../src/schemes/place.ts'

const SECRET = 'a secret of many characters'
const NOW = new Date('2026-01-01T00:00:00Z')
const SECONDS = String(NOW.getTime() / 1000)
const BODY = '{"a":"grün"}'

const hex = (text: string, secret = SECRET) => createHmac('sha256', secret).update(text).digest('hex')

function requestOf(
  headers: Headers,
  body: string | Uint8Array = BODY,
  url = 'https://example.com/hooks'
): WebhookRequest {
  return { method: 'POST', url, headers, body: Buffer.from(body as string) }
}

function credentialsOf(...secrets: string[]): Credentials {
  return { secrets, settings: {}, fetch: () => Promise.reject() }
}

/** The secret that matched, or the reason. */
async function judge(
  options: Partial<HmacOptions>,
  request: WebhookRequest,
  { secrets = [SECRET], now = NOW }: { secrets?: string[]; now?: Date } = {}
): Promise<number | string> {
  const scheme = schemeOf(options)
  const verdict = await scheme.verify(request, credentialsOf(...secrets), now)
  return verdict.ok ? verdict.secret : verdict.reason
}

function schemeOf(options: Partial<HmacOptions> = {}): Scheme {
  return hmac({ ...(options.place ? {} : { header: 'x-sig' }), hash: 'sha256', encoding: 'hex', ...options })
}

test('the body is proven in each hash and encoding, against the hash that node makes', async () => {
  for (const hash of ['sha1', 'sha256', 'sha512'] as const) {
    for (const encoding of ['hex', 'base64', 'base64url'] as const) {
      const signature = createHmac(hash, SECRET).update(BODY).digest(encoding)
      assert.equal(await judge({ hash, encoding }, requestOf({ 'x-sig': signature })), 0, `${hash} ${encoding}`)
      const other = createHmac(hash, SECRET).update(`${BODY} `).digest(encoding)
      assert.equal(await judge({ hash, encoding }, requestOf({ 'x-sig': other })), 'signature-mismatch')
    }
  }
})

test('bytes that are no text are proven as bytes', async () => {
  const body = Buffer.of(0xff, 0, 0xfe)
  const signature = createHmac('sha256', SECRET).update(body).digest('hex')
  assert.equal(await judge({}, requestOf({ 'x-sig': signature }, body)), 0)
  assert.equal(await judge({}, requestOf({ 'x-sig': signature }, Buffer.of(0xfd, 0, 0xfe))), 'signature-mismatch')
})

test('hex may come in either case, base64 only as it is', async () => {
  assert.equal(await judge({}, requestOf({ 'x-sig': hex(BODY).toUpperCase() })), 0)
  const base64 = createHmac('sha256', SECRET).update(BODY).digest('base64')
  const swapped = base64.replace(/[a-z]/, letter => letter.toUpperCase())
  assert.equal(await judge({ encoding: 'base64' }, requestOf({ 'x-sig': swapped })), 'signature-mismatch')
})

test('a signature that is missing, doubled, or in another alphabet or length', async () => {
  const right = hex(BODY)
  const reasons: [Headers[string], string][] = [
    [undefined, 'signature-missing'],
    ['', 'signature-missing'],
    [[right, right], 'signature-malformed'],
    [[right], 'signature-malformed'],
    [[], 'signature-malformed'],
    [`${right}, ${right}`, 'signature-malformed'],
    [`${right}0`, 'signature-malformed'],
    [right.slice(1), 'signature-malformed'],
    [` ${right}`, 'signature-malformed'],
    [`${right.slice(0, 62)}zz`, 'signature-malformed'],
    ['é'.repeat(64), 'signature-malformed'],
    ['0'.repeat(64), 'signature-mismatch']
  ]
  for (const [given, reason] of reasons)
    assert.equal(await judge({}, requestOf({ 'x-sig': given })), reason, String(given))
})

test('base64 with other padding, in the URL alphabet, or with another last letter for the same bytes', async () => {
  const right = createHmac('sha256', SECRET).update(BODY).digest('base64')
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
  const last = letters[letters.indexOf(right[42]!) ^ 1]!
  const alike = `${right.slice(0, 42)}${last}=`
  assert.deepEqual(Buffer.from(alike, 'base64'), Buffer.from(right, 'base64'))
  for (const given of [right.replace('=', ''), `${right}=`, alike, right.replace('=', '-')]) {
    assert.notEqual(await judge({ encoding: 'base64' }, requestOf({ 'x-sig': given })), 0, given)
  }
})

test('base64url in another alphabet or length is malformed, not just another signature', async () => {
  const right = createHmac('sha256', SECRET).update(BODY).digest('base64url')
  for (const junk of ['+', '/', '=', '.', ' ']) {
    for (const given of [junk + right.slice(1), right.slice(1) + junk]) {
      assert.equal(await judge({ encoding: 'base64url' }, requestOf({ 'x-sig': given })), 'signature-malformed', given)
    }
  }
  for (const given of [`${right}=`, right.slice(1)]) {
    assert.equal(await judge({ encoding: 'base64url' }, requestOf({ 'x-sig': given })), 'signature-malformed', given)
  }
})

test('no secret is no proof, and an empty one proves nothing, not even what it signed', async () => {
  assert.equal(await judge({}, requestOf({ 'x-sig': hex(BODY) }), { secrets: [] }), 'secret-missing')
  assert.equal(await judge({}, requestOf({ 'x-sig': hex(BODY, '') }), { secrets: [''] }), 'signature-mismatch')
  assert.throws(() => schemeOf().sign?.(requestOf({}), '', NOW), TypeError)
})

test('of several secrets, the one that matched is told', async () => {
  const request = requestOf({ 'x-sig': hex(BODY, 'older') })
  assert.equal(await judge({}, request, { secrets: [SECRET, 'older', 'oldest'] }), 1)
  assert.equal(await judge({}, request, { secrets: [SECRET, 'oldest'] }), 'signature-mismatch')
})

test('a prefix must stand there, and only once', async () => {
  const layout = plain('sha256=')
  assert.equal(await judge({ layout }, requestOf({ 'x-sig': `sha256=${hex(BODY)}` })), 0)
  for (const given of [hex(BODY), `SHA256=${hex(BODY)}`, `sha256=sha256=${hex(BODY)}`, 'sha256=']) {
    assert.equal(await judge({ layout }, requestOf({ 'x-sig': given })), 'signature-malformed', given)
  }
})

const timed: Partial<HmacOptions> = {
  timestamp: { header: 'x-time', as: 'seconds' },
  content: ({ body }, time) => [time, '.', body]
}

const timedRequest = (time: string) => requestOf({ 'x-time': time, 'x-sig': hex(`${time}.${BODY}`) })

test('a signed time counts 300 seconds in either direction, or as long as is said', async () => {
  const request = timedRequest(SECONDS)
  const at = (seconds: number) => ({ now: new Date(NOW.getTime() + seconds * 1000) })
  for (const seconds of [0, 300, -300]) assert.equal(await judge(timed, request, at(seconds)), 0)
  for (const seconds of [301, -301, 3600]) {
    assert.equal(await judge(timed, request, at(seconds)), 'timestamp-outside-tolerance')
  }
  const strict = { ...timed, timestamp: { header: 'x-time', as: 'seconds' as const, tolerance: 30 } }
  assert.equal(await judge(strict, request, at(30)), 0)
  assert.equal(await judge(strict, request, at(31)), 'timestamp-outside-tolerance')
})

test('a time in milliseconds or ISO 8601', async () => {
  for (const [as, time] of [
    ['milliseconds', String(NOW.getTime())],
    ['iso', '2026-01-01T00:00:00Z'],
    ['iso', '2026-01-01T01:00:00.123456789+01:00']
  ] as const) {
    assert.equal(await judge({ ...timed, timestamp: { header: 'x-time', as } }, timedRequest(time)), 0, time)
  }
})

test('a time that is signed, but no time', async () => {
  const none = [
    '',
    'now',
    `${SECONDS}.0`,
    ` ${SECONDS}`,
    `+${SECONDS}`,
    `0${SECONDS}`,
    '1e9',
    '-1',
    '0x10',
    '9'.repeat(20)
  ]
  for (const time of none) {
    assert.equal(await judge(timed, timedRequest(time)), 'timestamp-malformed', time)
  }
})

test('a time that is missing, or came twice', async () => {
  const signature = hex(`${SECONDS}.${BODY}`)
  assert.equal(await judge(timed, requestOf({ 'x-sig': signature })), 'timestamp-missing')
  const twice = requestOf({ 'x-sig': signature, 'x-time': [SECONDS, SECONDS] })
  assert.equal(await judge(timed, twice), 'timestamp-malformed')
})

test('a wrong signature is said before a wrong time', async () => {
  const request = requestOf({ 'x-time': '1', 'x-sig': hex('else') })
  assert.equal(await judge(timed, request), 'signature-mismatch')
})

test('time and signatures in one header: several signatures may stand there, one time', async () => {
  const options: Partial<HmacOptions> = {
    ...timed,
    layout: fields({ signature: 'v1', timestamp: 't' }),
    timestamp: { as: 'seconds' }
  }
  const right = hex(`${SECONDS}.${BODY}`)
  const cases: [string, number | string][] = [
    [`t=${SECONDS},v1=${right}`, 0],
    [`v1=${right}, t=${SECONDS}`, 0],
    [`t=${SECONDS},v1=${'0'.repeat(64)},v1=${right},v0=x`, 0],
    [`t=${SECONDS},v0=${right}`, 'signature-malformed'],
    [`t=${SECONDS},t=${SECONDS},v1=${right}`, 'signature-malformed'],
    [`t=1,v1=${right}`, 'signature-mismatch'],
    [`v1=${right}`, 'timestamp-missing'],
    [`t=${SECONDS},v1=${right},junk`, 'signature-malformed'],
    ['t,v1=,v0=', 'signature-malformed'],
    [',,', 'signature-malformed'],
    ['t=,v1=', 'signature-malformed']
  ]
  for (const [given, outcome] of cases)
    assert.equal(await judge(options, requestOf({ 'x-sig': given })), outcome, given)
})

test('a list of versions: any of the right version may match, the others are passed over', async () => {
  const layout = list({ separator: ' ', prefix: 'v1,' })
  const cases: [string, number | string][] = [
    [`v1,${hex(BODY)}`, 0],
    [`v2,x v1,${'0'.repeat(64)} v1,${hex(BODY)}`, 0],
    [`v2,${hex(BODY)}`, 'signature-malformed'],
    ['', 'signature-missing'],
    ['v1,', 'signature-malformed']
  ]
  for (const [given, outcome] of cases)
    assert.equal(await judge({ layout }, requestOf({ 'x-sig': given })), outcome, given)
})

test('content that is undefined cannot have been signed', async () => {
  const options: Partial<HmacOptions> = { content: ({ headers }) => (headers['x-id'] ? ['id'] : undefined) }
  assert.equal(await judge(options, requestOf({ 'x-sig': hex('id') })), 'signature-mismatch')
  assert.equal(await judge(options, requestOf({ 'x-id': '1', 'x-sig': hex('id') })), 0)
  assert.throws(() => schemeOf(options).sign?.(requestOf({}), SECRET, NOW), TypeError)
})

test('a key may be made from the secret, and a secret that gives none is passed over', async () => {
  const options: Partial<HmacOptions> = {
    key: secret => (secret.startsWith('whsec_') ? Buffer.from(secret.slice(6), 'base64') : undefined)
  }
  const request = requestOf({ 'x-sig': createHmac('sha256', 'key!').update(BODY).digest('hex') })
  assert.equal(await judge(options, request, { secrets: ['a2V5IQ==', 'whsec_a2V5IQ=='] }), 1)
  assert.equal(await judge(options, request, { secrets: ['whsec_'] }), 'signature-mismatch')
})

test('other spellings of the request may have been signed', async () => {
  const options: Partial<HmacOptions> = {
    content: ({ url }) => [url],
    variants: request => [request, { ...request, url: request.url.replace(':443', '') }]
  }
  const signed = requestOf({ 'x-sig': hex('https://example.com/') }, BODY, 'https://example.com:443/')
  assert.equal(await judge(options, signed), 0)
  const elsewhere = requestOf({ 'x-sig': hex('https://example.com/') }, BODY, 'https://example.org/')
  assert.equal(await judge(options, elsewhere), 'signature-mismatch')
})

test('a signature may stand in the query or in the body', async () => {
  const place = query('sig')
  const content: HmacOptions['content'] = ({ body }) => [body]
  const url = `https://example.com/?sig=${hex(BODY)}`
  assert.equal(await judge({ place, content }, requestOf({}, BODY, url)), 0)
  assert.equal(await judge({ place, content }, requestOf({}, BODY, `${url}&sig=${hex(BODY)}`)), 'signature-malformed')

  const inBody: Partial<HmacOptions> = { place: field(['json'], 'proof', 'sig'), content: ({ url }) => [url] }
  const body = JSON.stringify({ proof: { sig: hex('https://example.com/hooks') } })
  assert.equal(await judge(inBody, requestOf({}, body)), 0)
  for (const other of ['{"proof":{"sig":7}}', '{"proof":null}', '[]', '{', '{"sig":"x"}']) {
    assert.equal(await judge(inBody, requestOf({}, other)), 'signature-missing', other)
  }
})

test('what it signs it verifies, with what it announces besides', async () => {
  const options: Partial<HmacOptions> = {
    ...timed,
    layout: plain('v0='),
    announce: (request, secret) => ({ ...request, headers: { ...request.headers, 'x-key': secret.slice(0, 8) } })
  }
  const signed = await schemeOf(options).sign!(requestOf({ other: '1' }), SECRET, NOW)
  const signature = `v0=${hex(`${SECONDS}.${BODY}`)}`
  assert.deepEqual(signed.headers, { other: '1', 'x-key': 'a secret', 'x-time': SECONDS, 'x-sig': signature })
  assert.equal(await judge(options, signed), 0)
})

test('it says what it covers, and what a secret must have', () => {
  assert.deepEqual(schemeOf().covers, { body: 'bytes', time: false })
  assert.deepEqual(schemeOf(timed).covers, { body: 'bytes', time: true })
  const covers = { body: 'values', url: true } as const
  assert.deepEqual(schemeOf({ covers }).covers, { body: 'values', time: false, url: true })
  assert.deepEqual(schemeOf().key, { min: 16 })
  assert.deepEqual(schemeOf({ min: 32 }).key, { min: 32 })
})

test('junk of the right length, before or behind, is malformed rather than wrong', async () => {
  const right = { hex: hex(BODY), base64: createHmac('sha256', SECRET).update(BODY).digest('base64') }
  for (const [encoding, signature] of Object.entries(right) as ['hex' | 'base64', string][]) {
    for (const given of [`!${signature.slice(1)}`, `${signature.slice(0, -1)}!`, `=${signature.slice(1)}`]) {
      assert.equal(await judge({ encoding }, requestOf({ 'x-sig': given })), 'signature-malformed', given)
    }
  }
  const padded = `${right.base64.slice(0, 41)}===`
  assert.equal(await judge({ encoding: 'base64' }, requestOf({ 'x-sig': padded })), 'signature-malformed')
})

test('without a time, the content is made with an empty one', async () => {
  const options: Partial<HmacOptions> = { content: ({ body }, time) => [`<${time}>`, body] }
  assert.equal(await judge(options, requestOf({ 'x-sig': hex(`<>${BODY}`) })), 0)
  const signed = await schemeOf(options).sign!(requestOf({}), SECRET, NOW)
  assert.equal(signed.headers['x-sig'], hex(`<>${BODY}`))
})

test('a time may stand in a place of its own, such as the query', async () => {
  const options: Partial<HmacOptions> = { ...timed, timestamp: { place: query('at'), as: 'seconds' } }
  const url = (at: string) => `https://example.com/?at=${at}`
  const headers = { 'x-sig': hex(`${SECONDS}.${BODY}`) }
  assert.equal(await judge(options, requestOf(headers, BODY, url(SECONDS))), 0)
  assert.equal(await judge(options, requestOf(headers, BODY, url('1'))), 'signature-mismatch')
  assert.equal(await judge(options, requestOf(headers)), 'timestamp-missing')
  const signed = await schemeOf(options).sign!(requestOf({}), SECRET, NOW)
  assert.equal(signed.url, `https://example.com/hooks?at=${SECONDS}`)
})
