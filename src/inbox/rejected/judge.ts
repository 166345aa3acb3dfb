import { kindOf } from '../../body/body.ts'
import { type Outcome, type Proven, receive } from '../../receive.ts'
import type { AnyReceiver, Credentials } from '../../receiver.ts'
import { carriedBy } from '../../redact.ts'
import { chosenScheme } from '../../settings.ts'
import type { Rejected } from '../../store/store.ts'
import { hashOf, isAmong } from './carried.ts'

type Refused = Extract<Outcome, { kind: 'rejected' }>

/** One that proved itself may still be unreadable. */
export type ProvenOutcome = Exclude<Outcome, Refused> | (Refused & { readonly proven: Proven })

export type Judged =
  | { readonly outcome: ProvenOutcome }
  /** Why it is refused today. */
  | { readonly still: string }
  /** Why nobody can tell. */
  | { readonly cannot: string }

/**
 * Whether a kept request proves itself with today's credentials, as if it had just come when it came. Where the secret
 * itself travelled in it, it is there no more, and its hash is compared with those of the secrets.
 */
export async function judge(
  receiver: AnyReceiver,
  rejected: Rejected,
  credentials: Credentials,
  pepper: Uint8Array
): Promise<Judged> {
  const { request, instance, at, secretHash } = rejected
  const scheme = chosenScheme(receiver.scheme, credentials.settings)
  if ('problem' in scheme) return { still: 'settings-unusable' }
  const lost = lostOf(rejected, scheme.covers.url === true)
  if (lost !== undefined) return { cannot: lost }

  let judging = receiver
  if (secretHash !== undefined) {
    if (scheme.sign === undefined)
      return { cannot: 'its secret was not kept, and this proof can’t be made again to compare' }
    const secret = await secretOf(receiver, rejected, credentials, pepper)
    if (secret === undefined) return { still: rejected.reason }
    judging = { ...receiver, scheme: { ...receiver.scheme, verify: () => ({ ok: true, secret }) } }
  }
  const outcome = await receive(judging, instance, request, credentials, new Date(at))
  if (outcome.kind !== 'rejected') return { outcome }
  if (outcome.proven !== undefined) return { outcome: { ...outcome, proven: outcome.proven } }
  const isGone = outcome.reason.endsWith('-missing') && outcome.reason !== rejected.reason
  return isGone ? { cannot: 'what should prove it was not kept' } : { still: outcome.reason }
}

function lostOf({ request: { body, url }, size }: Rejected, coversUrl: boolean): string | undefined {
  if (body.length < size && body.length === 0) return 'its body was not kept: it may hold a secret'
  if (body.length < size) return `only the first ${body.length} of its ${size} bytes were kept`
  if (coversUrl && url.includes('=***')) return 'its URL is part of the proof, and held what must not be kept'
  return undefined
}

/** Which of the secrets travelled in the request: the one that hashes alike where the request is signed with it. */
async function secretOf(
  receiver: AnyReceiver,
  { request, secretHash, at }: Rejected,
  { secrets, settings }: Credentials,
  pepper: Uint8Array
): Promise<number | undefined> {
  const scheme = chosenScheme(receiver.scheme, settings)
  if ('problem' in scheme) return undefined
  const carries = carriedBy(receiver, settings)
  for (const [index, secret] of secrets.entries()) {
    try {
      const signed = await scheme.sign!(request, secret, new Date(at))
      if (isAmong(secretHash!, hashOf(signed, kindOf(receiver, signed), carries, pepper))) return index
    } catch {
      // A body that can't be signed carried no secret.
    }
  }
  return undefined
}
