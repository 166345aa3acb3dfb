import type { JWTVerifyGetKey } from 'jose'
import { BoundedMap } from '../bounded.ts'
import type { Credentials } from '../receiver.ts'

/** The public keys in JSON Web Key Sets, or in single JSON Web Keys, each text read once. */
export class KeySets {
  readonly #known = new BoundedMap<string, JWTVerifyGetKey>(100)

  /** Undefined where the text holds no keys: it can't prove anything. */
  read({ createLocalJWKSet }: typeof import('jose'), json: string): JWTVerifyGetKey | undefined {
    const known = this.#known.get(json)
    if (known !== undefined) return known
    try {
      const value = JSON.parse(json)
      const set = createLocalJWKSet(Array.isArray(value?.keys) ? value : { keys: [value] })
      this.#known.set(json, set)
      return set
    } catch {
      return undefined
    }
  }
}

/** Undefined where it can't be had now. */
export async function download(
  fetch: Credentials['fetch'],
  url: string,
  init?: RequestInit
): Promise<string | undefined> {
  try {
    const response = await fetch(url, init)
    return response.ok ? await response.text() : undefined
  } catch {
    return undefined
  }
}
