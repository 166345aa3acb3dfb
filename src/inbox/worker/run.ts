import { type Handlers, runChain } from '../../chain.ts'
import { InvalidStore, LeaseLost, NeverEnded } from '../../errors.ts'
import type { AnyHandler, Logger } from '../../handler.ts'
import type { Delivery } from '../../receiver.ts'
import type { Claimed, Store } from '../../store/store.ts'
import { type Ending, Ledger } from './ledger.ts'
import { patiently } from './patience.ts'
import { errorText, restOf } from './progress.ts'
import { deliveryOf } from './restore.ts'
import { isHopeless, verdictOf } from './verdict.ts'

export { progressBegun } from './progress.ts'

/** The handlers that run before the answer. */
export function inlineOf(handlers: Handlers, delivery: Delivery): readonly AnyHandler[] {
  return handlers.chainFor(delivery).filter(({ inline }) => inline)
}

export interface RunParts {
  readonly store: Store
  readonly handlers: Handlers
  readonly log: Logger
  /** Between 0 and 1. */
  readonly random: () => number
}

/** A claimed delivery on its way through what is left of its chain. */
export class Run {
  readonly #parts: RunParts
  readonly #claimed: Claimed
  readonly #abort: AbortController
  readonly #ledger: Ledger

  /** Whoever aborts it takes care of the delivery: nothing more is written here. */
  constructor(parts: RunParts, claimed: Claimed, abort: AbortController) {
    this.#parts = parts
    this.#claimed = claimed
    this.#abort = abort
    const { store } = parts
    this.#ledger = new Ledger(claimed, { store, signal: abort.signal, lost: () => abort.abort(new LeaseLost()) })
  }

  /** Hands the delivery back, with what is done so far. */
  release(): Promise<void> {
    return this.#ledger.release()
  }

  /** Runs the handlers that are left. Resolves to what is to be written then; undefined where it was aborted. */
  async handle(): Promise<Conclusion | undefined> {
    const { signal } = this.#abort
    const { store, handlers, log } = this.#parts
    const { seq, attempt, tries } = this.#claimed
    const request = this.#claimed.request ?? (await patiently(() => store.request(seq), signal))
    if (signal.aborted) return undefined
    if (request === undefined) return dead(new InvalidStore(`the request of delivery ${seq} is gone`))

    const delivery = deliveryOf(this.#claimed, request, attempt)
    const chain = handlers.chainFor(delivery)
    const rest = restOf(chain, this.#ledger.progress)
    const [next] = rest
    if (next === undefined) return chain.length + this.#ledger.progress.done.length > 0 ? DONE : IGNORED
    if (isHopeless(next, this.#claimed)) return dead(new NeverEnded(tries - 1, next.name), next)

    this.#ledger.begin(rest)
    const { failed } = await runChain(rest, delivery, log, signal, this.#ledger)
    if (signal.aborted) return undefined
    if (failed === undefined) return DONE
    return this.#afterFailure(rest.find(({ name }) => name === failed.handler)!, failed.error)
  }

  /** Writes how it ended. Rejects with what is wrong with the store, not where that is only down. */
  async conclude(conclusion: Conclusion | undefined): Promise<void> {
    const { log } = this.#parts
    const { handler, thrown: err, due, outcome } = conclusion ?? {}
    const { receiver, instance, event, id, seq, attempt } = this.#claimed
    const labels = { receiver, instance, event, id, seq, attempt }
    if (conclusion !== undefined && (await this.#ledger.settle(conclusion))) {
      if (outcome === 'done') log.debug(labels, 'delivery handled')
      if (outcome === 'ignored') log.debug(labels, 'no handler accepts this delivery')
      if (outcome === 'retry') log.warn({ ...labels, handler, due, err }, 'handler failed; it is tried again')
      if (outcome === 'dead') log.error({ ...labels, handler, err }, 'delivery is dead')
    } else if (this.#abort.signal.reason instanceof LeaseLost) {
      log.warn(labels, 'the lease is lost: another worker has this delivery')
    }
  }

  #afterFailure(handler: AnyHandler, error: unknown): Conclusion {
    const { store, random } = this.#parts
    const { tries } = this.#ledger
    const verdict = verdictOf({ handler, error, tries, now: store.now(), random: random() })
    if (verdict.state === 'dead') return dead(error, handler)
    return { ...verdict, outcome: 'retry', error: errorText(error), thrown: error, handler: handler.name }
  }
}

interface Conclusion extends Ending {
  readonly handler?: string | undefined
  readonly thrown?: unknown
}

const DONE: Conclusion = { state: 'done', outcome: 'done' }
const IGNORED: Conclusion = { state: 'ignored', outcome: 'ignored' }

function dead(thrown: unknown, handler?: AnyHandler): Conclusion {
  return { state: 'dead', outcome: 'dead', error: errorText(thrown), thrown, handler: handler?.name }
}
