import { type Handlers, labelsOf, runChain } from './chain.ts'
import type { Logger } from './handler.ts'
import type { Delivery, Reply } from './receiver.ts'

export interface Dispatched {
  /** What a handler wants to be answered. */
  readonly reply: Reply | undefined
  /** The first failing handler's error. What came behind it, in its chain and in the batch, did not run. */
  readonly failed: { readonly error: unknown } | undefined
}

/**
 * Without an inbox: every delivery of a request through its chain, before the answer. After a failure the provider sends
 * the whole request again, so it ends there and keeps the order.
 */
export async function dispatch(
  deliveries: readonly Delivery[],
  handlers: Handlers,
  log: Logger,
  closing: AbortSignal
): Promise<Dispatched> {
  let reply: Reply | undefined
  for (const delivery of deliveries) {
    const chain = handlers.chainFor(delivery)
    if (chain.length === 0) log.debug(labelsOf(delivery), 'no handler accepts this delivery')
    const result = await runChain(chain, delivery, log, closing)
    reply ??= result.reply
    if (result.failed !== undefined) {
      const { handler, error } = result.failed
      log.error({ ...labelsOf(delivery), handler, err: error }, 'handler failed')
      return { reply, failed: result.failed }
    }
    if (chain.length > 0) log.debug(labelsOf(delivery), 'delivery handled')
  }
  return { reply, failed: undefined }
}
