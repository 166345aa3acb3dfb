import { createHash, timingSafeEqual } from 'node:crypto'

/**
 * Compares two secrets of any length in a time that does not tell where they differ. Of how long they are it tells what
 * hashing a few more letters takes.
 */
export function equalSecrets(a: string, b: string): boolean {
  return timingSafeEqual(digest(a), digest(b))
}

/** Compares two texts of one known length (an encoded MAC) in constant time. */
export function equalMacs(expected: string, given: string): boolean {
  return (
    expected.length === given.length && timingSafeEqual(Buffer.from(expected, 'latin1'), Buffer.from(given, 'latin1'))
  )
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
