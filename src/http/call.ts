import type { Limits } from '../collect.ts'
import type { Reason } from '../errors.ts'
import type { Logger } from '../handler.ts'
import type { Headers } from '../receiver.ts'

/** What a path behind the prefix names. */
export interface Route {
  /** In any case. `''` where the path names none. */
  readonly receiver: string
  readonly instance: string
}

/** A request as its host has it: nothing of its body is read yet. */
export interface Call extends Route {
  readonly method: string
  /** Path and query, as they were sent. */
  readonly target: string
  /** Protocol and host, where a trusted proxy tells them. */
  readonly origin?: string | undefined
  /** The sender's IP address, by the socket or by a proxy that is trusted. */
  readonly address?: string | undefined
  /** Made when they are read, which is once. */
  readonly headers: Headers
  /** Whether it came by HTTPS, or straight from this machine. */
  readonly isConfidential: boolean
  readonly log: Logger
  /** The whole body, or why it is not there. */
  body(limits: BodyLimits): Uint8Array | Promise<Uint8Array | Reason>
}

export type BodyLimits = Omit<Limits, 'length'>
