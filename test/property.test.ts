import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseForm } from '../src/body/form.ts'
import { parseJson } from '../src/body/json.ts'
import { parseMultipart } from '../src/body/multipart.ts'
import { redactBody } from '../src/body/redact.ts'
import { parseXml } from '../src/body/xml.ts'
import { MalformedBody } from '../src/errors.ts'
import { methodsOf, receive } from '../src/receive.ts'
import type { AnyReceiver, BodyKind, Headers, WebhookRequest } from '../src/receiver.ts'
import { type HmacOptions, hmac } from '../src/schemes/hmac.ts'
import { fields, list, plain } from '../src/schemes/layout.ts'
import { toRequest, type Vector } from '../src/testing/vector.ts'

const SEED = 20260101
const NOW = new Date('2026-01-01T00:00:00Z')
const directory = new URL('../receivers/', import.meta.url)

/** The property holds for as many examples, the same in every run. */
function always<T extends [unknown, ...unknown[]]>(property: fc.IAsyncProperty<T> | fc.IProperty<T>, numRuns: number) {
  return fc.assert(property as fc.IAsyncProperty<T>, { seed: SEED, numRuns })
}

const bytes = fc.uint8Array({ maxLength: 300 })
/** Every character that a header can hold, and some that it cannot. */
const value = fc.oneof(
  fc.string({ unit: fc.integer({ max: 255 }).map(code => String.fromCharCode(code)), maxLength: 100 }),
  fc.constantFrom('', 't=1,v1=', 'v1,', 'sha256=', 'Bearer ', 'Basic Og==', '1767225600', '2026-01-01T00:00:00Z')
)
const headerValue = fc.oneof(value, fc.array(value, { maxLength: 3 }), fc.constant(undefined))
const contentType = fc.constantFrom(
  'application/json',
  'application/x-www-form-urlencoded',
  'text/xml',
  'multipart/form-data; boundary=b',
  'text/plain',
  ''
)

function jsonLike(): fc.Arbitrary<Uint8Array> {
  return fc.json().map(text => Buffer.from(text))
}

function formLike(): fc.Arbitrary<Uint8Array> {
  const name = fc.stringMatching(/^[ab[\]_%&=]{0,12}$/)
  return fc.array(fc.tuple(name, fc.string())).map(pairs => Buffer.from(pairs.map(pair => pair.join('=')).join('&')))
}

function xmlLike(): fc.Arbitrary<Uint8Array> {
  const piece = fc.constantFrom('<a>', '</a>', '<b x="1">', '</b>', '<![CDATA[', ']]>', '<!--', '-->', '&x;', 'x')
  const { element } = fc.letrec<{ element: string }>(tie => ({
    element: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom(
        '<a/>',
        '<b a="1"/>',
        '<p:a xmlns:p="u">ü😀</p:a>',
        '<!-- <a> -->',
        '<![CDATA[</a>]]>',
        '\r\n&lt;'
      ),
      fc
        .tuple(fc.constantFrom('a', 'b', 'é'), fc.array(tie('element'), { maxLength: 4 }))
        .map(([name, children]) => `<${name} a = 'x>"'>${children.join('')}</${name}>`)
    )
  }))
  const document = element.map(content => `<?xml version="1.0"?><r>${content}</r>`)
  return fc
    .oneof(
      document,
      fc.array(piece).map(pieces => pieces.join(''))
    )
    .map(text => Buffer.from(text))
}

function multipartLike(): fc.Arbitrary<Uint8Array> {
  const head = 'Content-Disposition: form-data; name='
  const heads = fc.constantFrom(`${head}"a"`, `${head}"a[b]"; filename="f"`, `${head}b\r\nContent-Type: text/plain`)
  const content = fc.string().map(text => text.replaceAll('--b', ''))
  const whole = fc
    .array(fc.tuple(heads, content))
    .map(parts => `${parts.map(([start, text]) => `--b\r\n${start}\r\n\r\n${text}\r\n`).join('')}--b--`)
  const piece = fc.constantFrom('--b', '--b--', '\r\n', '\r\n\r\n', `${head}"a"`, 'x', '\xff')
  return fc
    .oneof(
      whole,
      fc.array(piece).map(pieces => pieces.join(''))
    )
    .map(text => Buffer.from(text, 'latin1'))
}

const bodies = fc.oneof(bytes, jsonLike(), formLike(), xmlLike(), multipartLike())

for (const file of readdirSync(directory)) {
  const name = file.replace(/\.ts$/, '')
  const [receiver] = Object.values<AnyReceiver>(await import(new URL(file, directory).href))
  const vectors: Vector[] = JSON.parse(readFileSync(new URL(`vectors/${name}.json`, import.meta.url), 'utf8'))
  const known = vectors.map(toRequest)

  test(`${name}: any request comes to an outcome, and none that is not signed is accepted`, async () => {
    const headers = fc.record(
      Object.fromEntries(
        [...new Set(known.flatMap(({ headers }) => Object.keys(headers)))].map(key => [key, headerValue])
      ),
      { requiredKeys: [] }
    )
    const url = fc.oneof(
      fc.webUrl({ withQueryParameters: true }),
      fc.string(),
      fc.constantFrom(...known.map(({ url }) => url))
    )
    const request: fc.Arbitrary<WebhookRequest> = fc
      .tuple(fc.constantFrom(...methodsOf(receiver!), 'GET'), url, headers, contentType, bodies)
      .map(([method, url, headers, type, body]) => ({
        method,
        url,
        headers: { 'content-type': type, ...headers } as Headers,
        body
      }))
    const credentials = { secrets: ['nobody:has-this-secret-0123456789'], settings: {}, fetch: () => Promise.reject() }
    await always(
      fc.asyncProperty(request, async sent => {
        const outcome = await receive(receiver!, '', sent, credentials, NOW)
        assert.notEqual(outcome.kind, 'accepted')
        if (outcome.kind === 'rejected') assert.equal(outcome.stage, 'proof')
      }),
      300
    )
  })
}

const parsers: Record<
  Exclude<BodyKind, 'text'>,
  [parse: (body: Uint8Array) => unknown, like: fc.Arbitrary<Uint8Array>]
> = {
  json: [parseJson, jsonLike()],
  form: [parseForm, formLike()],
  xml: [parseXml, xmlLike()],
  multipart: [body => parseMultipart(body, 'multipart/form-data; boundary=b'), multipartLike()]
}

for (const [kind, [parse, like]] of Object.entries(parsers)) {
  test(`${kind}: a body is parsed, or it is malformed`, () =>
    always(
      fc.property(fc.oneof(bytes, like), body => {
        try {
          assert.equal(typeof parse(body), 'object')
        } catch (error) {
          assert.ok(error instanceof MalformedBody, String(error))
        }
        assert.equal(({} as any).polluted, undefined)
      }),
      1000
    ))

  test(`${kind}: whatever is hidden, the body stays as long, and parses if it did`, () =>
    always(
      fc.property(like, body => {
        const redacted = redactBody(body, kind as BodyKind, 'multipart/form-data; boundary=b', ['a'])
        assert.equal(redacted.length, body.length)
        if (parses(parse, body)) assert.ok(parses(parse, redacted), Buffer.from(redacted).toString())
      }),
      1000
    ))
}

function parses(parse: (body: Uint8Array) => unknown, body: Uint8Array): boolean {
  try {
    parse(body)
    return true
  } catch {
    return false
  }
}

test('JSON: a text under a hidden name is gone, at any depth and however it is escaped', () =>
  always(
    fc.property(fc.string({ unit: 'grapheme' }), fc.jsonValue(), (secret, other) => {
      const hidden = `${secret}-s3cret`
      const body = Buffer.from(JSON.stringify([other, { other, nested: { token: hidden }, token: [other, hidden] }]))
      const redacted = Buffer.from(redactBody(body, 'json', undefined, ['token'])).toString()
      assert.ok(!redacted.includes('-s3cret'))
      const [first, second] = JSON.parse(redacted)
      assert.deepEqual([first, second.other], JSON.parse(JSON.stringify([other, other])))
    }),
    500
  ))

const schemes: HmacOptions[] = (['sha1', 'sha256', 'sha512'] as const).flatMap(hash =>
  (['hex', 'base64'] as const).flatMap(encoding => [
    { header: 's', hash, encoding },
    { header: 's', hash, encoding, layout: plain('v0=') },
    { header: 's', hash, encoding, layout: list({ separator: ' ', prefix: 'v1,' }) },
    { header: 's', hash, encoding, layout: fields({ signature: 'h', separator: ';' }) },
    ...(['seconds', 'milliseconds', 'iso'] as const).flatMap(as => [
      { header: 's', hash, encoding, timestamp: { header: 't', as }, content: timed },
      {
        header: 's',
        hash,
        encoding,
        timestamp: { as },
        content: timed,
        layout: fields({ signature: 'v1', timestamp: 't' })
      }
    ])
  ])
)

function timed({ body }: WebhookRequest, time: string): readonly (string | Uint8Array)[] {
  return [time, '.', body]
}

test('HMAC: what it signs it verifies, and nothing else, in every layout, encoding and time', () =>
  always(
    fc.asyncProperty(
      fc.constantFrom(...schemes),
      bytes,
      fc.string({ minLength: 1 }),
      fc.date({ min: new Date(0), max: new Date('9999-01-01'), noInvalidDate: true }),
      fc.nat(),
      async (options, body, secret, now, at) => {
        const scheme = hmac(options)
        const credentials = { secrets: ['another', secret], settings: {}, fetch: () => Promise.reject() }
        const request = { method: 'POST', url: '/', headers: {}, body }
        const signed = await scheme.sign!(request, secret, now)
        const verdict = await scheme.verify(signed, credentials, now)
        assert.deepEqual(verdict, { ok: true, secret: secret === 'another' ? 0 : 1 })

        const changed = Uint8Array.from([...body, 0])
        changed[at % changed.length]! ^= 1
        assert.equal((await scheme.verify({ ...signed, body: changed }, credentials, now)).ok, false)
        const others = { ...credentials, secrets: [`${secret}.`] }
        assert.equal((await scheme.verify(signed, others, now)).ok, false)
      }
    ),
    1500
  ))
