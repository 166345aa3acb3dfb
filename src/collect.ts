import type { IncomingMessage } from 'node:http'
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
export function collect(stream: Readable, { limit, length, timeout }: Limits): Promise<Buffer | Reason> {
  return new Promise(resolve => {
    let timer: NodeJS.Timeout | undefined
    let isSettled = false
    function settle(body: Buffer | Reason): void {
      isSettled = true
      clearTimeout(timer)
      resolve(body)
    }
    // With a callback it would keep the async context, which the promise does anyway, and for less.
    rawBody(stream, { limit, length: length ?? null }).then(settle, error => settle(reasonOf(error)))
    // Most bodies have come with their headers by then. Nobody is waited for, and a timer costs more than reading them.
    process.nextTick(() => {
      if (!isSettled && !hasCome(stream)) timer = setTimeout(resolve, timeout, 'body-timeout')
    })
  })
}

/** Whether the last byte of a request is here, read or not. Of other streams nobody knows. */
function hasCome(stream: Readable | IncomingMessage): boolean {
  return 'complete' in stream && stream.complete
}

function reasonOf(error: { readonly type?: string }): Reason {
  return error.type === 'entity.too.large' ? 'body-too-large' : 'body-aborted'
}
