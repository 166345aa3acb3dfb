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
    const timer = setTimeout(resolve, timeout, 'body-timeout')
    rawBody(stream, { limit, length: length ?? null }, (error, body) => {
      clearTimeout(timer)
      resolve(error ? reasonOf(error) : body)
    })
  })
}

function reasonOf(error: { readonly type?: string }): Reason {
  return error.type === 'entity.too.large' ? 'body-too-large' : 'body-aborted'
}
