import { createHmac } from 'node:crypto'
import { withLists } from '../../src/incoming.ts'
import type { WebhookRequest } from '../../src/receiver.ts'

/** A request that both we and an official package judge, with what was done to it. */
export interface Trial {
  readonly done: readonly string[]
  /** As on the wire: in their order and case, repetitions kept. */
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly url: string
  readonly body: Buffer
  readonly secret: string
  /** The time as its signer writes it. */
  readonly time: string
  /** When it is received. */
  readonly now: Date
}

/** The request as our plugin would hand it on. */
export function asReceived({ headers, url, body }: Trial): WebhookRequest {
  return { method: 'POST', url, headers: withLists(headers.flat()), body }
}

/** The headers as Node hands them to an official package: repetitions joined. */
export function asNode({ headers }: Trial): Record<string, string> {
  const joined: Record<string, string> = {}
  for (const [name, value] of headers) {
    const key = name.toLowerCase()
    joined[key] = joined[key] === undefined ? value : `${joined[key]}, ${value}`
  }
  return joined
}

export function headerOf(trial: Trial, name: string): string {
  return asNode(trial)[name.toLowerCase()] ?? ''
}

/** Puts a header in place of those of that name. Undefined: takes it away. */
export function withHeader(trial: Trial, name: string, value: string | undefined): Trial {
  const others = trial.headers.filter(([other]) => other.toLowerCase() !== name.toLowerCase())
  return { ...trial, headers: value === undefined ? others : [...others, [name, value]] }
}

/** For the ways in which entries take back what was done: undefined where there was nothing to take back. */
export function headerUndone(trial: Trial, name: string, undo: (value: string) => string): Trial | undefined {
  const value = headerOf(trial, name)
  const undone = undo(value)
  return undone === value ? undefined : withHeader(trial, name, undone)
}

export function mac(hash: string, secret: string | Uint8Array, parts: readonly (string | Uint8Array)[]): Buffer {
  const running = createHmac(hash, secret)
  for (const part of parts) running.update(part)
  return running.digest()
}

/** What a failing test says of it. */
export function shown({ done, headers, url, body, secret, time, now }: Trial): string {
  const text = body.toString('latin1').slice(0, 400)
  return JSON.stringify({ done, headers, url, body: text, secret, time, now: now.getTime() / 1000 }, null, 2)
}
