/** What is done to valid requests. Everything follows from the seed, so that a failure can be repeated. */
import type { Random } from '../../src/testing/random.ts'
import { type Trial, withHeader } from './trial.ts'

export type Mutation = (trial: Trial, random: Random) => Trial
export type Mutations = Readonly<Record<string, Mutation>>
export type Edit = (text: string, random: Random) => string
export type Edits = Readonly<Record<string, Edit>>

/** No `Date` is later. */
export const MAX_SECONDS = 8.64e12
const CHARACTERS = 'abcdefABCDEF0123456789+/=,.:;-_ \t"\'~xyz\u00e9\u00ff'

/** Changes of a text that stay in the alphabet of headers. */
export const spellings: Edits = {
  'a character changed': (text, random) => splice(text, random, 1, random.pick([...CHARACTERS])),
  'a character inserted': (text, random) => splice(text, random, 0, random.pick([...CHARACTERS])),
  'a character left out': (text, random) => splice(text, random, 1, ''),
  'a bit flipped': (text, random) => {
    const at = random.below(Math.max(1, text.length))
    const flipped = String.fromCharCode((text.charCodeAt(at) || 0x30) ^ (1 << random.below(5)))
    return text.slice(0, at) + flipped + text.slice(at + 1)
  },
  'cut short': (text, random) => text.slice(0, random.below(text.length + 1)),
  'its start cut off': (text, random) => text.slice(random.below(text.length + 1)),
  'in upper case': text => text.toUpperCase(),
  'in lower case': text => text.toLowerCase(),
  'the case of a letter changed': (text, random) => {
    const at = random.below(Math.max(1, text.length))
    const letter = text.charAt(at)
    const swapped = letter === letter.toUpperCase() ? letter.toLowerCase() : letter.toUpperCase()
    return text.slice(0, at) + swapped + text.slice(at + 1)
  },
  'white space inserted': (text, random) => splice(text, random, 0, random.pick([' ', '\t', '  '])),
  'white space before': (text, random) => random.pick([' ', '\t']) + text,
  'white space behind': (text, random) => text + random.pick([' ', '\t']),
  'said twice': (text, random) => text + random.pick([',', ', ', ' ', ';', '']) + text,
  'junk before': (text, random) => random.pick(['x,', 'x ', 'junk=1,', '=', ',', '0']) + text,
  'junk behind': (text, random) => text + random.pick([',x', ' x', ',junk=1', '=', '=junk', ',', '0', '00']),
  'a part exchanged': (text, random) => splice(text, random, 4, 'beef'),
  empty: () => '',
  'something else': (_, random) =>
    random
      .bytes(100)
      .toString('latin1')
      .replace(/[^\t\x20-\x7e\x80-\xff]/g, '')
}

/** Other ways to write a whole number, and other numbers. */
export const numbers: Edits = {
  'with a plus': text => `+${text}`,
  'with leading zeros': (text, random) => '0'.repeat(1 + random.below(3)) + text,
  'with a fraction': (text, random) => text + random.pick(['.0', '.', '.5', '.999']),
  'with letters behind': (text, random) => text + random.pick(['abc', 's', 'n', 'e0', 'Z', '_']),
  'with an exponent': text => `${text}e0`,
  'in hexadecimal': text => `0x${Number(text).toString(16)}`,
  'in binary': text => `0b${Number(text).toString(2)}`,
  'in white space': (text, random) => random.pick([` ${text}`, `${text} `, `\t${text}`, `${text} 1`]),
  'in milliseconds': text => `${text}000`,
  negative: text => `-${text}`,
  'no number': (_, random) => random.pick(['NaN', 'Infinity', '-Infinity', 'null', 'undefined', 'now', '']),
  'as a date': text => (Math.abs(Number(text)) <= MAX_SECONDS ? new Date(Number(text) * 1000).toISOString() : text),
  zero: () => '0',
  'with groups': text => text.replace(/\B(?=(\d{3})+$)/g, '_'),
  'a little other': (text, random) => String(Number.parseInt(text, 10) + random.below(7) - 3)
}

/** A header's value edited; the header taken away, sent twice, or written otherwise. */
export function onHeader(name: string, edits: Edits): Mutations {
  const edited = named(`${name}: `, edits, (trial, edit) => editHeader(trial, name, edit))
  return {
    ...edited,
    [`${name}: taken away`]: trial => withHeader(trial, name, undefined),
    [`${name}: sent twice`]: trial => ({
      ...trial,
      headers: [...trial.headers, ...trial.headers.filter(([other]) => other.toLowerCase() === name)]
    }),
    [`${name}: also sent wrong`]: (trial, random) => {
      const wrong = trial.headers.filter(([other]) => other.toLowerCase() === name)
      const all = wrong.map(([header, value]) => [header, splice(value, random, 1, 'x')] as const)
      return { ...trial, headers: random.below(2) === 0 ? [...all, ...trial.headers] : [...trial.headers, ...all] }
    },
    [`${name}: under another name`]: (trial, random) => {
      const other = random.pick([name.replaceAll('-', '_'), `x-${name}`, name.slice(0, -1), `${name} `])
      return {
        ...trial,
        headers: trial.headers.map(([key, value]) => [key.toLowerCase() === name ? other : key, value])
      }
    }
  }
}

/** What must change nothing. */
export const headerNames: Mutations = {
  'headers in another case': (trial, random) => ({
    ...trial,
    headers: trial.headers.map(([name, value]) => [
      random.below(2) === 0 ? name.toUpperCase() : name.toLowerCase(),
      value
    ])
  }),
  'headers in another order': (trial, random) => {
    const at = random.below(trial.headers.length + 1)
    return { ...trial, headers: [...trial.headers.slice(at), ...trial.headers.slice(0, at)] }
  },
  'another header': trial => withHeader(trial, 'x-forwarded-for', '203.0.113.7')
}

export function onTime(edits: Edits): Mutations {
  return named('time: ', edits, (trial, edit) => ({ ...trial, time: edit(trial.time) }))
}

export function onUrl(edits: Edits): Mutations {
  return named('url: ', edits, (trial, edit) => {
    const url = edit(trial.url)
    return URL.canParse(url) ? { ...trial, url } : trial
  })
}

export const secrets: Mutations = {
  'secret: another': (trial, random) => ({
    ...trial,
    secret: trial.secret.replace(/.$/, random.pick(['!', '0', 'x']))
  }),
  'secret: empty': trial => ({ ...trial, secret: '' }),
  'secret: blank': (trial, random) => ({ ...trial, secret: random.pick([' ', '\t', '  ']) }),
  'secret: with white space': (trial, random) => ({
    ...trial,
    secret: random.pick([` ${trial.secret}`, `${trial.secret} `, `${trial.secret}\n`, `${trial.secret}\r\n`])
  }),
  'secret: with a prefix': (trial, random) => ({
    ...trial,
    secret: random.pick(['whsec_', 'x', '"', 'v0=']) + trial.secret
  }),
  'secret: without its prefix': trial => ({ ...trial, secret: trial.secret.replace(/^\w+_/, '') }),
  'secret: in upper case': trial => ({ ...trial, secret: trial.secret.toUpperCase() }),
  'secret: not ASCII': trial => ({ ...trial, secret: `${trial.secret}ü` })
}

/** Around the tolerance, in seconds, to the millisecond; and far away. */
export function clock(tolerance: number): Mutations {
  const edges = [0, 1, tolerance - 1, tolerance, tolerance + 1, tolerance + 2]
  const away: Mutation = (trial, random) =>
    at(trial, random.pick([-1, 1]) * random.pick([1000, 3600, 86_400, 31_536_000]))
  return {
    'clock: late': (trial, random) => at(trial, random.pick(edges)),
    'clock: early': (trial, random) => at(trial, -random.pick(edges)),
    'clock: late, to the millisecond': (trial, random) => at(trial, random.pick(edges) + random.below(1000) / 1000),
    'clock: early, to the millisecond': (trial, random) => at(trial, -random.pick(edges) - random.below(1000) / 1000),
    'clock: far away': away
  }
}

function at(trial: Trial, seconds: number): Trial {
  return { ...trial, now: new Date(trial.now.getTime() + Math.round(seconds * 1000)) }
}

/** Names them, and applies each of the edits. */
export function named(
  prefix: string,
  edits: Edits,
  apply: (trial: Trial, edit: (text: string) => string) => Trial
): Mutations {
  return Object.fromEntries(
    Object.entries(edits).map(([name, edit]): [string, Mutation] => [
      prefix + name,
      (trial, random) => apply(trial, text => edit(text, random))
    ])
  )
}

/** Each line of it by itself: a header that was sent twice stays so. */
function editHeader(trial: Trial, name: string, edit: (text: string) => string): Trial {
  return {
    ...trial,
    headers: trial.headers.map(([key, value]) => [key, key.toLowerCase() === name ? edit(value) : value])
  }
}

/** Some characters at a random place replaced. */
export function splice(text: string, random: Random, count: number, replacement: string): string {
  const at = random.below(text.length + 1)
  return text.slice(0, at) + replacement + text.slice(at + count)
}
