/** Disagreements that several packages share, each with its reason. */
import { isUtf8 } from 'node:buffer'
import { BOM } from '../bodies.ts'
import type { Difference } from '../compare.ts'
import { MAX_SECONDS } from '../mutations.ts'
import { headerOf, headerUndone, type Trial, withHeader } from '../trial.ts'

/** Seconds of the official tolerance that we share. */
export const TOLERANCE = 300

export function hexInUpperCase(header: string): Difference {
  return {
    name: 'hex in upper case',
    accepts: 'posthorn',
    reason: 'It is the same MAC: who can’t make it can write it in neither case.',
    undo: trial =>
      headerUndone(trial, header, value => value.replace(/[0-9a-f]{40,}/gi, digits => digits.toLowerCase()))
  }
}

/** The package reads the body as text, and what is no UTF-8 becomes U+FFFD: other bytes pass for the signed ones. */
export const forgivenBytes: Difference = {
  name: 'bytes that only decode to the signed text',
  accepts: 'sdk',
  reason:
    'The package decodes the body first, so that bytes which are no UTF-8 pass for U+FFFD. We judge what was sent.',
  undo: trial => (isUtf8(trial.body) ? undefined : { ...trial, body: Buffer.from(trial.body.toString()) })
}

export const forgivenBom: Difference = {
  name: 'a byte order mark before the signed body',
  accepts: 'sdk',
  reason: 'The package’s decoder drops the mark before it looks at the signature. We judge what was sent.',
  undo: trial => (hasBom(trial) ? { ...trial, body: trial.body.subarray(BOM.length) } : undefined)
}

/** `asText`: the package’s verdict on the same body as text, mark and all. */
export function signedBom(asText: (trial: Trial) => boolean | Promise<boolean>): Difference {
  return {
    name: 'a signed byte order mark',
    accepts: 'posthorn',
    reason:
      'The mark is among the bytes that were signed. Given the body as text, which its decoder spares, the package agrees.',
    when: trial => hasBom(trial) && asText(trial)
  }
}

/** Signed bytes that are no UTF-8: refused a step later, for no body is read from them. */
export const signedBytes: Difference = {
  name: 'signed bytes that are no UTF-8',
  accepts: 'posthorn',
  reason:
    'The signature is over these very bytes; the package hashes what they decode to. The body is then refused as malformed.',
  when: ({ body }, outcome) => !isUtf8(body) && outcome.kind === 'rejected' && outcome.stage === 'body'
}

export function futureTime(
  header: string,
  secondsIn: (value: string) => number,
  tolerance: number = TOLERANCE
): Difference {
  return {
    name: 'a time in the future',
    accepts: 'sdk',
    reason:
      'The package forgives any time that is not past. A clock that far ahead is wrong, or the request is to be kept for later.',
    undo(trial) {
      const seconds = secondsIn(headerOf(trial, header))
      const isAhead = seconds * 1000 > trial.now.getTime() + tolerance * 1000
      return isAhead && seconds < MAX_SECONDS ? { ...trial, now: new Date(seconds * 1000) } : undefined
    }
  }
}

export function lastSecond(header: string, secondsIn: (value: string) => number): Difference {
  return {
    name: 'within the second after the tolerance',
    accepts: 'sdk',
    reason: 'The package counts whole seconds, we count milliseconds: 300.4 seconds are more than 300.',
    undo(trial) {
      const late = trial.now.getTime() - secondsIn(headerOf(trial, header)) * 1000
      const limit = TOLERANCE * 1000
      return late > limit && late < limit + 1000
        ? { ...trial, now: new Date(trial.now.getTime() - (late - limit)) }
        : undefined
    }
  }
}

export const emptySecret: Difference = {
  name: 'an empty or blank secret',
  accepts: 'sdk',
  reason:
    'Anybody can sign with it. The plugin does not start without a secret, and no request is proven by an empty one.',
  when: ({ secret }, outcome) =>
    secret.trim() === '' && outcome.kind === 'rejected' && outcome.reason === 'signature-mismatch'
}

export function hasBom({ body }: Trial): boolean {
  return body.subarray(0, BOM.length).equals(BOM)
}

/** The header once, as Node joins it; undefined where it came once. */
export function twiceUndone(trial: Trial, header: string): Trial | undefined {
  const sent = trial.headers.filter(([name]) => name.toLowerCase() === header)
  return sent.length > 1 ? withHeader(trial, header, headerOf(trial, header)) : undefined
}
