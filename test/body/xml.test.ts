import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseXml } from '../../src/body/xml.ts'
import { MalformedBody } from '../../src/errors.ts'

const parse = (text: string) => parseXml(Buffer.from(text))

test('an element of text is a string, others are objects of their children', () => {
  assert.deepEqual(parse('<a><b>1</b><c><d>x &amp; y</d></c><e/></a>'), { a: { b: '1', c: { d: 'x & y' }, e: '' } })
})

test('repeated children are an array, in their order', () => {
  assert.deepEqual(parse('<a><b>1</b><c/><b>2</b><b><d>3</d></b></a>'), { a: { b: ['1', '2', { d: '3' }], c: '' } })
})

test('attributes stand under @name, text beside them under #text', () => {
  assert.deepEqual(parse('<a id="7">text<b/></a>'), { a: { '@id': '7', b: '', '#text': 'text' } })
  assert.deepEqual(parse('<a><b nil="true"/></a>'), { a: { b: { '@nil': 'true' } } })
})

test('prefixes and their declarations are left out, in elements and attributes', () => {
  const soap =
    '<s:Envelope xmlns:s="urn:s" xmlns="urn:d" xmlns:x="urn:x"><s:Body x:type="t"><n>1</n></s:Body></s:Envelope>'
  assert.deepEqual(parse(soap), { Envelope: { Body: { '@type': 't', n: '1' } } })
})

test('a prefix that is not declared is malformed', () => {
  assert.throws(() => parse('<s:a/>'), MalformedBody)
})

test('CDATA is text to the letter, comments and instructions are nothing', () => {
  const body = '<?xml version="1.0"?><a><!-- <b>no</b> --><b><![CDATA[<i>&amp;</i>]]></b><?php echo 1 ?></a>'
  assert.deepEqual(parse(body), { a: { b: '<i>&amp;</i>' } })
})

test('a DTD is refused, and so are all entities but the five of XML', () => {
  for (const body of [
    '<!DOCTYPE a><a/>',
    '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
    '<!DOCTYPE a [<!ENTITY x "xx"><!ENTITY y "&x;&x;">]><a>&y;</a>',
    '<a>&nbsp;</a>',
    '<a>&x;</a>'
  ]) {
    assert.throws(() => parse(body), MalformedBody, body)
  }
  assert.deepEqual(parse('<a>&lt;&gt;&amp;&quot;&apos;&#252;&#xfc;</a>'), { a: `<>&"'üü` })
})

test('a hundred levels are the most', () => {
  const nested = (depth: number) => '<a>'.repeat(depth) + '</a>'.repeat(depth)
  assert.ok(parse(nested(100)))
  assert.throws(() => parse(nested(101)), MalformedBody)
  assert.throws(() => parse('<a>'.repeat(500_000)), MalformedBody)
})

test('an element cannot set a prototype', () => {
  assert.throws(() => parse('<a><__proto__><admin>1</admin></__proto__></a>'), MalformedBody)
  assert.deepEqual(parse('<a><constructor>1</constructor><b __proto__="2"/></a>'), {
    a: { constructor: '1', b: { '@__proto__': '2' } }
  })
  assert.equal(({} as any).admin, undefined)
})

test('a BOM is passed over; what is empty, cut off or no UTF-8 is malformed', () => {
  assert.deepEqual(parse('\uFEFF<?xml version="1.0" encoding="utf-8"?><a>1</a>'), { a: '1' })
  for (const body of ['', '  ', 'text', '<a>', '<a></b>', '<a/><b/>', '<a b="1" b="2"/>', '<a>\0</a>', '{}']) {
    assert.throws(() => parse(body), MalformedBody, body)
  }
  assert.throws(() => parseXml(Buffer.from([0x3c, 0x61, 0x3e, 0xff, 0x3c, 0x2f, 0x61, 0x3e])), MalformedBody)
})

test('the message quotes nothing of the body', () => {
  assert.throws(
    () => parse('<a>hunter2</b>'),
    (error: Error) => !error.message.includes('hunter2')
  )
})
