import { labelsOf, runChain } from '../../chain.ts'
import { InlineTimeout } from '../../errors.ts'
import type { Delivery, Reply } from '../../receiver.ts'
import type { Lease } from '../../store/store.ts'
import { type Ending, Ledger } from './ledger.ts'
import { errorText, progressBegun, restOf } from './progress.ts'
import { inlineOf, type RunParts } from './run.ts'
import { dueAfter, isFinal } from './verdict.ts'

/** A delivery that was just stored, as running for this process. */
export interface Inline {
  readonly delivery: Delivery
  readonly lease: Lease
}

export interface InlineParts extends RunParts {
  readonly worker: string
  /** Until it aborts, a store that is down is waited for. */
  readonly signal: AbortSignal
}

export interface Answered {
  readonly reply: Reply | undefined
  /** When the store knows how it went. The answer need not wait for that. */
  readonly settled: Promise<unknown>
}

/** Runs inline handlers, delivery by delivery, until their time is over. The inbox goes on with what they left. */
export async function answerInTime(entries: readonly Inline[], budget: number, parts: InlineParts): Promise<Answered> {
  const deadline = new AbortController()
  const timer = setTimeout(() => deadline.abort(new InlineTimeout(budget)), budget)
  let reply: Reply | undefined
  const settled: Promise<unknown>[] = []
  for (const entry of entries) {
    const answered = await answer(entry, deadline.signal, parts)
    reply ??= answered.reply
    settled.push(answered.settled)
    // Whoever waits for all of them is told, but begins to wait only when the last one has run.
    answered.settled.catch(() => {})
  }
  clearTimeout(timer)
  return { reply, settled: Promise.all(settled) }
}

async function answer({ delivery, lease }: Inline, deadline: AbortSignal, parts: InlineParts): Promise<Answered> {
  const { store, handlers, log, signal, worker } = parts
  const lost = new AbortController()
  const handled = inlineOf(handlers, delivery)
  const claim = {
    ...lease,
    worker,
    attempt: 1,
    tries: 1,
    lapses: 0,
    progress: progressBegun(handled.map(({ name }) => name)),
    history: '',
    error: undefined,
    inline: true
  } as const
  const ledger = new Ledger(claim, { store, signal, lost: () => lost.abort() })
  ledger.begin(handled)
  const { reply, failed } = await runChain(handled, delivery, log, AbortSignal.any([deadline, lost.signal]), ledger)
  ledger.forgetBegun()

  const labels = { ...labelsOf(delivery), seq: lease.seq }
  if (failed !== undefined) {
    log.warn({ ...labels, handler: failed.handler, err: failed.error }, 'inline handler failed')
    return { reply, settled: ledger.settle(endingAfter(failed.error, store.now())) }
  }
  const isLeft = restOf(handlers.chainFor(delivery), ledger.progress).length > 0
  if (!isLeft) log.debug(labels, 'delivery handled')
  return { reply, settled: ledger.settle(isLeft ? FOR_THE_INBOX : { state: 'done', outcome: 'done' }) }
}

/** The worker's first claim is the first try of its handler. */
const FOR_THE_INBOX: Ending = { state: 'waiting', outcome: 'done', attempt: 0, tries: 0 }

/** The inbox tries again at once, and by the handler's whole schedule. */
function endingAfter(thrown: unknown, now: number): Ending {
  const error = errorText(thrown)
  if (isFinal(thrown)) return { state: 'dead', outcome: 'dead', error }
  return { state: 'waiting', outcome: 'retry', due: dueAfter(thrown, 0, now), tries: 0, error }
}
