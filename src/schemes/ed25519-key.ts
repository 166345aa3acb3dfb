import { createPublicKey, type KeyObject } from 'node:crypto'

/**
 * A public key of 32 bytes. Undefined where they are no point of the curve, if the runtime says so at once, as Deno does:
 * on Node and Bun there is only no signature that such a key verifies.
 */
export function ed25519PublicKey(bytes: Buffer): KeyObject | undefined {
  try {
    return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: bytes.toString('base64url') }, format: 'jwk' })
  } catch {
    return undefined
  }
}
