import type { IncomingMessage, ServerResponse } from 'node:http'
import { collect } from '../collect.ts'
import { BodyAlreadyRead, type Reason } from '../errors.ts'
import type { Logger } from '../handler.ts'
import { headersOf, isDirectLoopback } from '../incoming.ts'
import type { Reply } from '../receiver.ts'
import type { BodyLimits, Call, Route } from './call.ts'
import { wireOf } from './wire.ts'

export interface About {
  readonly route: Route
  readonly target: string
  readonly address: string | undefined
  readonly isSecure: boolean
  readonly log: Logger
  /** What to do where the body was read before: a sentence. */
  readonly remedy: string
}

/** A request of Node's `http`, which Express's is too. */
export function callOf(request: IncomingMessage, { route, target, address, isSecure, log, remedy }: About): Call {
  return {
    ...route,
    method: request.method ?? '',
    target,
    address,
    log,
    get headers() {
      return headersOf(request)
    },
    get isConfidential() {
      return isSecure || isDirectLoopback(request)
    },
    body: limits => bodyOf(request, limits, remedy)
  }
}

function bodyOf(request: IncomingMessage, limits: BodyLimits, remedy: string): Promise<Uint8Array | Reason> {
  // Nothing more would come, and nothing would tell.
  if (request.readableDidRead || request.readableEnded) throw new BodyAlreadyRead(remedy)
  return collect(request, { ...limits, length: request.headers['content-length'] })
}

export function write(response: ServerResponse, reply: Reply): void {
  const { headers, body } = wireOf(reply, response.req.method ?? '')
  response.statusCode = reply.status
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
  response.end(body)
}
