import type { Readable } from 'node:stream'
import rawBody from 'raw-body'
import type { Reason } from './errors.ts'

export interface Limits {
  /** Bytes. */
  readonly limit: number
  /** The announced length, where there is one: too much is refused before it is read. */
  readonly length: string | undefined
  /** Milliseconds for the whole body. */
  readonly timeout: number
}

/** The whole body, or why it is not there. The stream is left where it was: the connection should be closed then. */
export function collect(stream: Readable, limits: Limits): Promise<Buffer | Reason> {
  return new Promise(resolve => {
    // Most bodies come along with their headers. The parser hands them over one tick later: then nobody has to listen.
    process.nextTick(() => {
      const body = limits.length === undefined ? undefined : atHand(stream, Number(limits.length), limits.limit)
      if (body === undefined) waitFor(stream, limits, resolve)
      else resolve(body)
    })
  })
}

/** A body that is here already, and that nobody has begun to read. */
function atHand(stream: Readable, length: number, limit: number): Buffer | undefined {
  if (stream.readableLength !== length || length === 0 || length > limit) return undefined
  if (stream.readableFlowing !== null || stream.readableEncoding !== null) return undefined
  const body: Buffer = stream.read()
  // So that it comes to its end.
  stream.resume()
  return body
}

function waitFor(stream: Readable, { limit, length, timeout }: Limits, resolve: (body: Buffer | Reason) => void): void {
  const timer = setTimeout(resolve, timeout, 'body-timeout')
  function settle(body: Buffer | Reason): void {
    clearTimeout(timer)
    resolve(body)
  }
  // With a callback it would keep the async context, which the promise does anyway, and for less.
  rawBody(stream, { limit, length: length ?? null }).then(settle, error => settle(reasonOf(error)))
}

function reasonOf(error: { readonly type?: string }): Reason {
  return error.type === 'entity.too.large' ? 'body-too-large' : 'body-aborted'
}
