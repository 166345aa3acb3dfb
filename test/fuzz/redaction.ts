/** Secrets in bodies: overwritten where they stand, and nothing else changes. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { fieldPath, parseForm } from '../../src/body/form.ts'
import { parseJson } from '../../src/body/json.ts'
import { parseMultipart } from '../../src/body/multipart.ts'
import { redactBody } from '../../src/body/redact.ts'
import { parseXml } from '../../src/body/xml.ts'
import type { BodyKind } from '../../src/receiver.ts'
import { read } from './bodies.ts'
import { formText, jsonText, MARK, multipartText, SECRET_NAMES, xmlText } from './documents.ts'
import { editedBytes, edits } from './edits.ts'
import type { Target } from './target.ts'

const TYPE = 'multipart/form-data; boundary=b'

/** A field in brackets that went against another stays under its whole name. */
function isSecret(key: string): boolean {
  return fieldPath(key.replace(/^@/, '')).some(segment => SECRET_NAMES.includes(segment))
}

/** All of a parsed body but its secrets. */
function withoutSecrets(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64')
  if (Array.isArray(value)) return value.map(withoutSecrets)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, isSecret(key) || withoutSecrets(child)]))
}

/** The texts under secret names. */
function* secretTexts(value: unknown, under = false): Iterable<string> {
  if (value instanceof Uint8Array) {
    if (under) yield Buffer.from(value).toString('latin1')
  } else if (typeof value === 'string') {
    if (under) yield value
  } else if (typeof value === 'object' && value !== null) {
    // The head of a file is no part of what it says.
    const isFile = 'bytes' in value && value.bytes instanceof Uint8Array
    for (const [key, child] of Object.entries(value)) {
      if (!isFile || key === 'bytes') yield* secretTexts(child, under || isSecret(key))
    }
  }
}

function hides(
  kind: BodyKind,
  parse: (body: Uint8Array) => unknown,
  text: fc.Arbitrary<string>,
  tokens: readonly string[]
): Target {
  const property = fc.property(text, edits(tokens), (document, changes) => {
    const body = editedBytes(Buffer.from(document), changes)
    const redacted = redactBody(body, kind, TYPE, SECRET_NAMES)
    assert.equal(redacted.length, body.length)
    if (changes.length === 0) assert.ok(!Buffer.from(redacted).includes(MARK), 'a secret is still there')

    const before = read(() => parse(body))
    if (before === undefined) return
    const after = read(() => parse(redacted))
    assert.notEqual(after, undefined, 'it parsed before, and does no more')
    assert.deepEqual(withoutSecrets(after), withoutSecrets(before))
    for (const secret of secretTexts(after)) assert.match(secret, /^\**$/)
  })
  return { name: `redaction: ${kind}`, property }
}

export const redaction: readonly Target[] = [
  hides('json', parseJson, jsonText, [
    '"',
    '\\',
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '"token":',
    '\\u0074oken',
    ' ',
    '\n',
    '\\"'
  ]),
  hides('form', parseForm, formText, [
    '&',
    '=',
    'token=',
    '[token]',
    '%74oken=x',
    '+',
    '[',
    ']',
    '%',
    '&&',
    '\xef\xbb\xbf'
  ]),
  hides('xml', parseXml, xmlText, [
    '<',
    '>',
    '/',
    '<token>',
    '</token>',
    '<![CDATA[',
    ']]>',
    '<!--',
    '-->',
    ' token="x"',
    "'",
    '"',
    ' ',
    'p:'
  ]),
  hides('multipart', body => parseMultipart(body, TYPE), multipartText, [
    '--b',
    '\r\n',
    '--b--',
    'name="token"',
    '"',
    '\\',
    ';',
    '[token]',
    'filename='
  ])
]
