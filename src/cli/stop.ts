import type { Signals } from './command.ts'

/** Resolves at the first signal. From the second on, there is no patience. */
export function askedToStop(signals: Signals, impatient: () => void): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  let isAsked = false
  const listener = (): void => {
    if (isAsked) impatient()
    isAsked = true
    resolve()
  }
  signals.on('SIGTERM', listener)
  signals.on('SIGINT', listener)
  return promise
}
