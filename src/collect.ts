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
export async function collect(stream: Readable, { limit, length, timeout }: Limits): Promise<Buffer | Reason> {
  let timer: NodeJS.Timeout | undefined
  const tooLate = new Promise<Reason>(resolve => {
    timer = setTimeout(resolve, timeout, 'body-timeout')
  })
  const read = rawBody(stream, { limit, length: length ?? null }).catch(reasonOf)
  try {
    return await Promise.race([read, tooLate])
  } finally {
    clearTimeout(timer)
  }
}

function reasonOf(error: { readonly type?: string }): Reason {
  return error.type === 'entity.too.large' ? 'body-too-large' : 'body-aborted'
}
