import type { Credentials, Scheme, Unusable } from '../receiver.ts'
import { isOn } from '../settings.ts'
import { basic } from './basic.ts'
import { hmac } from './hmac.ts'
import { plain } from './layout.ts'
import { header, query } from './place.ts'
import { token } from './token.ts'

type Settings = Credentials['settings']

/** One kind of proof: the setting that chooses it, and those that only say more about it. */
interface Kind {
  readonly by: string
  readonly details: readonly string[]
  make(settings: Settings): Scheme | Unusable
}

const KINDS: readonly Kind[] = [
  { by: 'token-header', details: ['token-prefix'], make: tokenInHeader },
  { by: 'basic', details: [], make: basicIfOn },
  { by: 'hmac-header', details: ['hmac-hash', 'hmac-encoding', 'hmac-prefix'], make: hmacInHeader }
]

const HASHES = ['sha1', 'sha256', 'sha512'] as const
const ENCODINGS = ['hex', 'base64'] as const
const HEADER = /^[A-Za-z0-9][A-Za-z0-9_-]*$/

/** Without any of the settings. */
const codeInUrl = token(query('code'))

/** The settings that `schemeBySettings` reads, all of them optional. */
export const proofSettings = KINDS.flatMap(({ by, details }) => [by, ...details])

/**
 * The proof that an instance's settings choose: a token in the header `token-header`, HTTP Basic, an HMAC of the body in
 * the header `hmac-header`, or else a secret in the URL (`?code=`). Exactly one counts, or the weakest would do for all:
 * settings for two of them, or of none that is chosen, choose nothing.
 */
export function schemeBySettings(): Scheme {
  return {
    // It is the weakest: no other covers less, none needs a longer secret.
    ...codeInUrl,
    choose,
    verify(request, credentials, now) {
      const chosen = choose(credentials.settings)
      return 'problem' in chosen ? { ok: false, reason: 'settings-unusable' } : chosen.verify(request, credentials, now)
    }
  }
}

function choose(settings: Settings): Scheme | Unusable {
  for (const { by, details } of KINDS) {
    const lonely = details.find(detail => settings[detail] !== undefined && settings[by] === undefined)
    if (lonely !== undefined) return { setting: lonely, problem: `is set, but the setting ${by} is not` }
  }
  const [first, second] = KINDS.filter(({ by }) => settings[by] !== undefined)
  if (second !== undefined) {
    return { setting: second.by, problem: `is set beside the setting ${first!.by}, and only one proof may count` }
  }
  return first === undefined ? codeInUrl : first.make(settings)
}

/** 16 characters are enough: unlike the code, a header does not travel through logs. */
function tokenInHeader(settings: Settings): Scheme | Unusable {
  const name = settings['token-header']!
  const prefix = spaced(settings['token-prefix'])
  return headerProblem('token-header', name) ?? token(header(name.toLowerCase()), { prefix, min: 16 })
}

function basicIfOn(settings: Settings): Scheme | Unusable {
  return isOn(settings.basic) ? basic() : { setting: 'basic', problem: 'must be true, or not be set' }
}

function hmacInHeader(settings: Settings): Scheme | Unusable {
  const name = settings['hmac-header']!
  const hash = oneOf(HASHES, settings['hmac-hash'] ?? 'sha256')
  if (hash === undefined) return { setting: 'hmac-hash', problem: `must be one of ${HASHES.join(', ')}` }
  const encoding = oneOf(ENCODINGS, settings['hmac-encoding'] ?? 'hex')
  if (encoding === undefined) return { setting: 'hmac-encoding', problem: `must be one of ${ENCODINGS.join(', ')}` }
  const layout = plain(spaced(settings['hmac-prefix']))
  return headerProblem('hmac-header', name) ?? hmac({ header: name.toLowerCase(), hash, encoding, layout })
}

/** Undefined: the setting can name a header. */
export function headerProblem(setting: string, name: string): Unusable | undefined {
  return HEADER.test(name) ? undefined : { setting, problem: 'is not the name of a header' }
}

function oneOf<Value extends string>(values: readonly Value[], text: string): Value | undefined {
  return values.find(value => value === text)
}

/** `Bearer` is followed by a space, `sha256=` is not. Many a file of variables loses a space at its end. */
function spaced(prefix = ''): string {
  const text = prefix.trim()
  return /[A-Za-z0-9]$/.test(text) ? `${text} ` : text
}
