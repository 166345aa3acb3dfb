import { InvalidInboxCall } from '../../errors.ts'
import type { Logger } from '../../handler.ts'
import type { AnyReceiver } from '../../receiver.ts'
import type { Arrival, Rejected, RejectedFilter, Store } from '../../store/store.ts'
import { arrivalOf, newDeliveriesOf, type Order, unreadable } from '../arrival.ts'
import type { CredentialsFor } from '../inbox.ts'
import { judge, type ProvenOutcome } from './judge.ts'

/** What became of a refused request that was looked at again. */
export type Reverified = { readonly seq: number } & Verdict

type Verdict =
  /** It proves itself now. The numbers of its deliveries; none where there is nothing to handle. */
  | { readonly accepted: readonly number[] }
  /** Why it is refused today. It stays where it is. */
  | { readonly still: string }
  /** Why nobody can tell. It stays where it is. */
  | { readonly cannot: string }

export interface ReverifierParts {
  readonly store: Store
  readonly receivers: ReadonlyMap<string, AnyReceiver>
  readonly credentialsFor: CredentialsFor
  readonly order: Order | undefined
  readonly pepper: () => Uint8Array
  readonly log: Logger
}

const PAGE = 500

/** Takes in refused requests that prove themselves after all. */
export class Reverifier {
  readonly #parts: ReverifierParts

  constructor(parts: ReverifierParts) {
    this.#parts = parts
  }

  async reverify(which: RejectedFilter | number): Promise<Reverified[]> {
    const { store } = this.#parts
    const results: Reverified[] = []
    for (const seq of typeof which === 'number' ? [which] : await this.#all(which)) {
      const rejected = await store.getRejected(seq)
      if (rejected !== undefined) results.push({ seq, ...(await this.#verdictOf(rejected)) })
      else if (typeof which === 'number') throw new InvalidInboxCall(`there is no refused request ${seq}`)
    }
    return results
  }

  /** The oldest first, as they came. */
  async #all(filter: RejectedFilter): Promise<number[]> {
    const seqs: number[] = []
    for (;;) {
      const found = await this.#parts.store.findRejected(filter, { before: seqs.at(-1), limit: PAGE })
      seqs.push(...found.map(({ seq }) => seq))
      if (found.length < PAGE) return seqs.reverse()
    }
  }

  async #verdictOf(rejected: Rejected): Promise<Verdict> {
    const { receivers, credentialsFor, pepper } = this.#parts
    const receiver = receivers.get(rejected.receiver)
    if (receiver === undefined) return { cannot: `the receiver ${rejected.receiver} is not registered` }
    const credentials = await credentialsFor(receiver, rejected.instance)
    if (credentials === undefined) return { still: 'unknown-instance' }
    const judged = await judge(receiver, rejected, credentials, pepper())
    return 'outcome' in judged ? this.#takeIn(receiver, rejected, judged.outcome) : judged
  }

  async #takeIn(receiver: AnyReceiver, { seq, instance, at }: Rejected, outcome: ProvenOutcome): Promise<Verdict> {
    const { store, order, log } = this.#parts
    const arrival = arrivalFrom(receiver, instance, outcome, { at: new Date(at), order })
    const added = arrival === undefined ? [] : await store.add(arrival)
    // Last: should the process die before, the same request is a duplicate the next time.
    await store.removeRejected(seq)
    const notice = outcome.kind === 'answered' ? outcome.notice : undefined
    log.info({ receiver: receiver.name, instance, rejected: seq, notice }, 'refused request proves itself, taken in')
    return { accepted: added.map(delivery => delivery.seq) }
  }
}

/** Undefined: a handshake, or nothing to handle. */
function arrivalFrom(
  receiver: AnyReceiver,
  instance: string,
  outcome: ProvenOutcome,
  { at, order }: { readonly at: Date; readonly order: Order | undefined }
): Arrival | undefined {
  if (outcome.kind === 'answered') return undefined
  const { proven } = outcome
  const described =
    outcome.kind === 'rejected'
      ? outcome.reason
      : newDeliveriesOf(receiver, instance, proven.request, outcome.descriptions, order)
  const deliveries = typeof described === 'string' ? [unreadable(described)] : described
  return deliveries.length === 0 ? undefined : arrivalOf(receiver, instance, proven, at, deliveries)
}
