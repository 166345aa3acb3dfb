import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AnyReceiver, Carries, WebhookRequest } from '../src/receiver.ts'
import { redact } from '../src/redact.ts'

const request: WebhookRequest = {
  method: 'POST',
  url: 'https://example.com/hooks?a=1&code=s%33cret&b=2',
  headers: { authorization: 'Basic dTpw', 'x-other': ['1', '2'], 'content-type': 'application/json' },
  body: Buffer.from('{"token":"abc","session":"def"}')
}

function receiverOf(carries: Carries | undefined, secretFields?: readonly string[]): AnyReceiver {
  return { scheme: { ...(carries && { carries }) }, ...(secretFields && { secretFields }) } as unknown as AnyReceiver
}

function urlOf(url: string, ...query: string[]): string {
  return redact(receiverOf({ query }), { ...request, url }, 'json', {}).url
}

test('where nothing travels, the request stays itself', () => {
  for (const carries of [undefined, {}, { headers: [], query: [], fields: [] }]) {
    assert.equal(redact(receiverOf(carries), request, 'json', {}), request)
  }
})

test('a header that carried the secret is gone, the others and the request itself stay', () => {
  const { headers, body, url } = redact(receiverOf({ headers: ['authorization'] }), request, 'json', {})
  assert.deepEqual(headers, { 'x-other': ['1', '2'], 'content-type': 'application/json' })
  assert.equal(body, request.body)
  assert.equal(url, request.url)
  assert.equal(request.headers.authorization, 'Basic dTpw')
})

test('so is one that came as a list', () => {
  assert.equal('x-other' in redact(receiverOf({ headers: ['x-other'] }), request, 'json', {}).headers, false)
})

test('a query parameter is ***, and the rest of the URL stays as it was spelled', () => {
  assert.equal(urlOf(request.url, 'code'), 'https://example.com/hooks?a=1&code=***&b=2')
  assert.equal(urlOf('/hooks?code=a=b&x=%20+&y', 'code'), '/hooks?code=***&x=%20+&y')
  assert.equal(urlOf('/hooks?code=1&code=2', 'code'), '/hooks?code=***&code=***')
  assert.equal(urlOf('/code?recode=1', 'code'), '/code?recode=1')
  assert.equal(urlOf('/hooks', 'code'), '/hooks')
})

test('a parameter is known by its name, however it is spelled', () => {
  assert.equal(urlOf('/hooks?c%6fde=abc', 'code'), '/hooks?c%6fde=***')
  assert.equal(urlOf('/hooks??code=abc', 'code'), '/hooks??code=***')
})

test('no part of a secret survives behind a fragment or a broken escape', () => {
  for (const url of ['/hooks?code=abc#abc', '/hooks?code=abc%', '/hooks?code=%ffabc']) {
    assert.equal(urlOf(url, 'code').includes('abc'), false, url)
  }
})

test('fields that the scheme carries and secret fields are overwritten alike', () => {
  const { body } = redact(receiverOf({ fields: ['token'] }, ['session']), request, 'json', {})
  assert.equal(Buffer.from(body).toString(), '{"token":"***","session":"***"}')
  const { body: only } = redact(receiverOf(undefined, ['session']), request, 'json', {})
  assert.equal(Buffer.from(only).toString(), '{"token":"abc","session":"***"}')
})

test('a user in the URL is gone, whatever the protocol, its case and the rest of the URL', () => {
  for (const [url, redacted] of [
    ['https://user:pass@example.com/hooks?a=1', 'https://example.com/hooks?a=1'],
    ['http://user@example.com', 'http://example.com'],
    ['HTTPS://user:pass@example.com/', 'HTTPS://example.com/'],
    ['https://example.com/a@b', 'https://example.com/a@b'],
    ['/user@hooks', '/user@hooks']
  ] as const) {
    assert.equal(urlOf(url), redacted)
  }
})
