import { createPrivateKey, type KeyObject, sign, verify } from 'node:crypto'
import { BoundedMap } from '../bounded.ts'
import type { Scheme, Verdict, WebhookRequest } from '../receiver.ts'
import { ed25519PublicKey } from './ed25519-key.ts'
import { header } from './place.ts'
import { ed25519Fixture } from './test-keys.ts'
import { formatTime, type TimeFormat, untimely } from './timestamp.ts'

export interface Ed25519Options {
  /** The header with the signature, in hex. */
  readonly header: string
  /** The signed time. `tolerance` in seconds, both ways; default 300. */
  readonly timestamp: { readonly header: string; readonly as: TimeFormat; readonly tolerance?: number }
  /** What is signed; `timestamp` is the text as it came. Default: the time, then the body. */
  readonly content?: (request: WebhookRequest, timestamp: string) => readonly (string | Uint8Array)[]
}

const SIGNATURE = /^[0-9a-fA-F]{128}$/
const KEY = /^[0-9a-fA-F]{64}$/

/** What stands before the 32 bytes of a private key in its DER form (RFC 8410). */
const PKCS8 = '302e020100300506032b657004220420'

const publicKeys = new BoundedMap<string, KeyObject | undefined>(1000)

/**
 * An Ed25519 signature (RFC 8032) in hex. The configured secret is the provider's public key, 32 bytes in hex; `sign`
 * takes the private one in the same form, the seed. The signature is judged before the time.
 */
export function ed25519(options: Ed25519Options): Scheme {
  const { timestamp, content = ({ body }, time) => [time, body] } = options
  const signatureAt = header(options.header)
  const timeAt = header(timestamp.header)

  return {
    key: { min: 64 },
    covers: { body: 'bytes', time: true },

    verify(request, { secrets }, now): Verdict {
      const keys = secrets.map(publicKey)
      if (keys.every(key => key === undefined)) return { ok: false, reason: 'secret-missing' }
      const text = signatureAt.read(request)
      if (text === undefined || text === '') return { ok: false, reason: 'signature-missing' }
      if (typeof text !== 'string' || !SIGNATURE.test(text)) return { ok: false, reason: 'signature-malformed' }
      const time = timeAt.read(request)
      if (time === undefined) return { ok: false, reason: 'timestamp-missing' }
      if (typeof time !== 'string') return { ok: false, reason: 'timestamp-malformed' }

      const signature = Buffer.from(text, 'hex')
      const signed = join(content(request, time))
      const secret = keys.findIndex(key => key !== undefined && verify(null, signed, key, signature))
      if (secret === -1) return { ok: false, reason: 'signature-mismatch' }
      return untimely(time, timestamp.as, timestamp.tolerance ?? 300, now) ?? { ok: true, secret }
    },

    sign(request, key, now) {
      const time = formatTime(now, timestamp.as)
      const signature = sign(null, join(content(request, time)), privateKey(key))
      return signatureAt.write(timeAt.write(request, time), signature.toString('hex'))
    },

    testKeys: () => ({ credentials: { secrets: [ed25519Fixture.publicKey] }, sign: ed25519Fixture.seed })
  }
}

/** One copy of the body: Ed25519 reads its text twice, so there is nothing to feed piece by piece. */
function join(parts: readonly (string | Uint8Array)[]): Buffer {
  return Buffer.concat(parts.map(part => (typeof part === 'string' ? Buffer.from(part) : part)))
}

/** Undefined where the text is no public key: it can't prove anything. */
function publicKey(text: string): KeyObject | undefined {
  if (!KEY.test(text)) return undefined
  if (!publicKeys.has(text)) publicKeys.set(text, ed25519PublicKey(Buffer.from(text, 'hex')))
  return publicKeys.get(text)
}

function privateKey(seed: string): KeyObject {
  if (!KEY.test(seed)) throw new TypeError('The key to sign with must be 32 bytes in hex.')
  return createPrivateKey({ key: Buffer.from(PKCS8 + seed, 'hex'), format: 'der', type: 'pkcs8' })
}
