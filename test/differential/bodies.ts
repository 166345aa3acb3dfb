/** What is done to bodies: to their bytes, their UTF-8, and to what they say. */
import type { Random } from '../../src/testing/random.ts'
import type { Mutation, Mutations } from './mutations.ts'

export const BOM = Buffer.from('\ufeff')

/** Bytes that are no UTF-8: alone, cut off, overlong, a surrogate, beyond Unicode. */
const INVALID = ['ff', 'c3', 'c080', 'eda080', 'f4908080', 'e282', '80']

export const bytes: Mutations = onBody({
  'a bit flipped': (body, random) => {
    const at = random.below(body.length)
    return replaced(body, at, 1, Buffer.of((body[at] ?? 0) ^ (1 << random.below(8))))
  },
  'a byte inserted': (body, random) => replaced(body, random.below(body.length + 1), 0, Buffer.of(random.below(256))),
  'a byte left out': (body, random) => replaced(body, random.below(body.length), 1, Buffer.of()),
  'a byte twice': (body, random) => {
    const at = random.below(body.length)
    return replaced(body, at, 0, body.subarray(at, at + 1))
  },
  'cut short': (body, random) => body.subarray(0, random.below(body.length)),
  'sent twice': body => Buffer.concat([body, body]),
  empty: () => Buffer.of(),
  'a line break behind': (body, random) => Buffer.concat([body, Buffer.from(random.pick(['\n', '\r\n', ' ', '\0']))]),
  'a byte order mark before': body => (body.indexOf(BOM) === 0 ? body : Buffer.concat([BOM, body])),
  'no UTF-8': (body, random) =>
    replaced(body, random.below(body.length + 1), 0, Buffer.from(random.pick(INVALID), 'hex')),
  'no UTF-8 in place of a character': (body, random) => {
    const at = random.below(body.length)
    return replaced(body, at, 1, Buffer.from(random.pick(INVALID), 'hex'))
  },
  'invalid UTF-8 mended': body => Buffer.from(body.toString()),
  'the character for invalid ones': (body, random) =>
    replaced(body, random.below(body.length + 1), 0, Buffer.from('\ufffd')),
  'as Latin-1': body => Buffer.from(body.toString(), 'latin1'),
  'normalised otherwise': body => Buffer.from(body.toString().normalize('NFD'))
})

export const json: Mutations = onBody({
  'JSON written anew': body => reserialised(body, value => JSON.stringify(value)),
  'JSON indented': (body, random) =>
    reserialised(body, value => JSON.stringify(value, undefined, random.pick([1, 2, '\t']))),
  'JSON with another order': body =>
    reserialised(body, value => JSON.stringify(Object.fromEntries(Object.entries(value).reverse()))),
  'JSON with escapes for a letter': (body, random) => escaped(body, random, /[a-zA-Z]/g),
  'JSON with escapes for all but ASCII': body => Buffer.from(body.toString().replace(/[^\0-\x7f]/g, unicode)),
  'JSON with escaped slashes': body => Buffer.from(body.toString().replaceAll('/', '\\/')),
  'JSON with a name twice': body => Buffer.from(body.toString().replace('{', '{"type":"twice",')),
  'JSON with another field': body => reserialised(body, value => JSON.stringify({ ...value, extra: 1 })),
  'JSON with a prototype': body => Buffer.from(body.toString().replace('{', '{"__proto__":{"admin":true},')),
  'JSON of another kind': (_, random) => Buffer.from(random.pick(['null', '[]', '7', '"text"', 'true', '{}', '[null]']))
})

export const form: Mutations = onBody({
  'form with %20 for +': body => Buffer.from(body.toString().replaceAll('+', '%20')),
  'form with + for %20': body => Buffer.from(body.toString().replaceAll('%20', '+')),
  'form with escapes for a letter': (body, random) => {
    const at = random.below(body.length)
    const byte = body[at] ?? 0x61
    const isPlain = /[a-z0-9]/i.test(String.fromCharCode(byte)) && !/%.?$/.test(body.toString('latin1', 0, at))
    return isPlain ? replaced(body, at, 1, Buffer.from(`%${byte.toString(16)}`)) : body
  },
  'form with escapes in lower case': body =>
    Buffer.from(body.toString().replace(/%[0-9A-F]{2}/g, text => text.toLowerCase())),
  'form in another order': body => Buffer.from(body.toString().split('&').reverse().join('&')),
  'form with a field twice': (body, random) => {
    const fields = body.toString().split('&')
    return Buffer.from([...fields, random.pick(fields)].join('&'))
  },
  'form with another value too': (body, random) => {
    const [name] = random.pick(body.toString().split('&')).split('=')
    return Buffer.from(`${body.toString()}&${name}=other`)
  },
  'form with another field': body => Buffer.from(`${body.toString()}&Extra=1`),
  'form with empty fields': (body, random) =>
    Buffer.from(`${body.toString()}${random.pick(['&', '&&', '&=', '&x', '&x='])}`),
  'form with a field less': body => Buffer.from(body.toString().split('&').slice(1).join('&')),
  'form with bad escapes': (body, random) =>
    Buffer.from(`${body.toString()}${random.pick(['%', '%zz', '%4', '%ff', '%c3'])}`),
  'form with semicolons': body => Buffer.from(body.toString().replaceAll('&', ';')),
  'form with the space between fields moved': body => Buffer.from(body.toString().replace('=', '%3D'))
})

type Change = (body: Buffer, random: Random) => Buffer

export function onBody(changes: Readonly<Record<string, Change>>): Mutations {
  return Object.fromEntries(
    Object.entries(changes).map(([name, change]): [string, Mutation] => [
      `body: ${name}`,
      (trial, random) => ({ ...trial, body: change(trial.body, random) })
    ])
  )
}

function replaced(body: Buffer, at: number, count: number, bytes: Uint8Array): Buffer {
  return Buffer.concat([body.subarray(0, at), bytes, body.subarray(at + count)])
}

/** The body itself where it is no JSON object. */
export function reserialised(body: Buffer, write: (value: any) => string): Buffer {
  try {
    const value = JSON.parse(body.toString())
    return typeof value === 'object' && value !== null ? Buffer.from(write(value)) : body
  } catch {
    return body
  }
}

function escaped(body: Buffer, random: Random, pattern: RegExp): Buffer {
  const text = body.toString()
  const places = [...text.matchAll(pattern)].map(({ index }) => index)
  if (places.length === 0) return body
  const at = random.pick(places)
  return Buffer.from(text.slice(0, at) + unicode(text.charAt(at)) + text.slice(at + 1))
}

function unicode(text: string): string {
  return [...Array(text.length).keys()].map(at => `\\u${text.charCodeAt(at).toString(16).padStart(4, '0')}`).join('')
}
