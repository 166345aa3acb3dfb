/** Keys as Standard Webhooks writes them: base64 behind `whsec_`, `whpk_` or `whsk_`. */
import { createPrivateKey, createSecretKey, type KeyObject } from 'node:crypto'
import { BoundedMap } from '../bounded.ts'
import { ed25519PublicKey } from './ed25519-key.ts'

/** The keys that were last used: making one takes as long as the proof of 2 KB. */
const keys = new BoundedMap<string, KeyObject>(1000)

/** Undefined where the text is no key: it can't prove anything. A public key never becomes the key of an HMAC. */
export function keyOf(secret: string): KeyObject | undefined {
  const known = keys.get(secret)
  if (known !== undefined) return known
  const key = secret.startsWith('whpk_') ? publicKey(secret) : secretKey(secret)
  if (key !== undefined) keys.set(secret, key)
  return key
}

function secretKey(text: string): KeyObject | undefined {
  const bytes = decoded(text.replace(/^whsec_/, ''))
  return bytes && createSecretKey(bytes)
}

function publicKey(text: string): KeyObject | undefined {
  const bytes = decoded(text.slice('whpk_'.length))
  return bytes?.length === 32 ? ed25519PublicKey(bytes) : undefined
}

/** The seed, and the public key behind it. */
export function privateKey(text: string): KeyObject {
  const bytes = decoded(text.slice('whsk_'.length))
  if (bytes?.length !== 64) throw new TypeError('The key to sign with must be 64 bytes in base64 behind whsk_.')
  const [d, x] = [bytes.toString('base64url', 0, 32), bytes.toString('base64url', 32)]
  return createPrivateKey({ key: { kty: 'OKP', crv: 'Ed25519', d, x }, format: 'jwk' })
}

/** The bytes, if this is how base64 writes them, padded or not: a decoder alone would forgive junk. */
export function decoded(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64')
  const isExact = bytes.toString('base64').replace(/=+$/, '') === text.replace(/={1,2}$/, '')
  return bytes.length > 0 && isExact ? bytes : undefined
}
