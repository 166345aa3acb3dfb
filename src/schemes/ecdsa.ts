import { createPrivateKey, createPublicKey, createSign, createVerify, type KeyObject } from 'node:crypto'
import { BoundedMap } from '../bounded.ts'
import type { Scheme, Verdict, WebhookRequest } from '../receiver.ts'
import { header } from './place.ts'
import { ecdsaFixture } from './test-keys.ts'
import { formatTime, type TimeFormat, untimely } from './timestamp.ts'

export interface EcdsaOptions {
  /** The header with the signature, DER in base64. */
  readonly header: string
  /** The signed time. `tolerance` in seconds, both ways; default 300. */
  readonly timestamp: { readonly header: string; readonly as: TimeFormat; readonly tolerance?: number }
  /** What is signed, in parts; `timestamp` is the text as it came. Default: the time, then the body. */
  readonly content?: (request: WebhookRequest, timestamp: string) => readonly (string | Uint8Array)[]
}

/** Padded, and nothing else in it: a decoder would forgive junk. */
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/
/** Two numbers of 32 bytes, with what DER needs around them. */
const MAX_SIGNATURE = 72
/** A public key on P-256 has 91 bytes in DER. */
const KEY_LENGTH = 124

const publicKeys = new BoundedMap<string, KeyObject | undefined>(1000)

/**
 * An ECDSA signature on the curve P-256 with SHA-256 (FIPS 186-5), DER in base64. The configured secret is the
 * provider's public key, its DER form (SPKI) in base64; `sign` takes the private one as PKCS #8, written the same way.
 * The signature is judged before the time. Whoever sees a signature can write a second one of the same text: it proves
 * no more than the first, and is no id.
 */
export function ecdsa(options: EcdsaOptions): Scheme {
  const { timestamp, content = ({ body }, time) => [time, body] } = options
  const signatureAt = header(options.header)
  const timeAt = header(timestamp.header)

  return {
    key: { min: KEY_LENGTH },
    covers: { body: 'bytes', time: true },

    verify(request, { secrets }, now): Verdict {
      const keys = secrets.map(publicKey)
      if (keys.every(key => key === undefined)) return { ok: false, reason: 'secret-missing' }
      const text = signatureAt.read(request)
      if (text === undefined || text === '') return { ok: false, reason: 'signature-missing' }
      const signature = typeof text === 'string' ? decoded(text) : undefined
      if (signature === undefined) return { ok: false, reason: 'signature-malformed' }
      const time = timeAt.read(request)
      if (time === undefined) return { ok: false, reason: 'timestamp-missing' }
      if (typeof time !== 'string') return { ok: false, reason: 'timestamp-malformed' }

      const parts = content(request, time)
      const secret = keys.findIndex(key => {
        const check = createVerify('sha256')
        for (const part of parts) check.update(part)
        return key !== undefined && check.verify({ key, dsaEncoding: 'der' }, signature)
      })
      if (secret === -1) return { ok: false, reason: 'signature-mismatch' }
      return untimely(time, timestamp.as, timestamp.tolerance ?? 300, now) ?? { ok: true, secret }
    },

    sign(request, key, now) {
      const time = formatTime(now, timestamp.as)
      const signer = createSign('sha256')
      for (const part of content(request, time)) signer.update(part)
      const signature = signer.sign({ key: privateKey(key), dsaEncoding: 'der' }, 'base64')
      return signatureAt.write(timeAt.write(request, time), signature)
    },

    testKeys: () => ({ credentials: { secrets: [ecdsaFixture.publicKey] }, sign: ecdsaFixture.privateKey })
  }
}

/** The bytes, if this is the one spelling of theirs, and DER whose length is what it says. */
function decoded(text: string): Buffer | undefined {
  if (text.length > MAX_SIGNATURE * 2 || !BASE64.test(text)) return undefined
  const bytes = Buffer.from(text, 'base64')
  const isWhole = bytes[0] === 0x30 && bytes[1] === bytes.length - 2 && bytes.length <= MAX_SIGNATURE
  return isWhole && bytes.toString('base64') === text ? bytes : undefined
}

/** Undefined where the text is no public key on this curve: it can't prove anything. */
function publicKey(text: string): KeyObject | undefined {
  if (text.length !== KEY_LENGTH || !BASE64.test(text)) return undefined
  if (!publicKeys.has(text)) publicKeys.set(text, readPublicKey(text))
  return publicKeys.get(text)
}

function readPublicKey(text: string): KeyObject | undefined {
  try {
    const key = createPublicKey({ key: Buffer.from(text, 'base64'), format: 'der', type: 'spki' })
    return key.asymmetricKeyDetails?.namedCurve === 'prime256v1' ? key : undefined
  } catch {
    return undefined
  }
}

function privateKey(text: string): KeyObject {
  if (!BASE64.test(text) || text === '') throw new TypeError('The key to sign with must be PKCS #8 in base64.')
  return createPrivateKey({ key: Buffer.from(text, 'base64'), format: 'der', type: 'pkcs8' })
}
