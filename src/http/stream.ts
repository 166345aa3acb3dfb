import type { Limits } from '../collect.ts'
import type { Reason } from '../errors.ts'

/**
 * The whole body, or why it is not there. The stream is left where it was: on some hosts, cancelling it takes away the
 * connection that the answer should go over.
 */
export async function collectStream(
  stream: ReadableStream<Uint8Array>,
  { limit, length, timeout }: Limits
): Promise<Uint8Array | Reason> {
  const reader = stream.getReader()
  const { promise: late, resolve } = Promise.withResolvers<Reason>()
  const timer = setTimeout(resolve, timeout, 'body-timeout')
  const isAnnounced = length !== undefined && Number(length) > limit
  const body = isAnnounced ? 'body-too-large' : await Promise.race([readAll(reader, limit), late])
  clearTimeout(timer)
  reader.releaseLock()
  return body
}

async function readAll(reader: ReadableStreamDefaultReader<Uint8Array>, limit: number): Promise<Uint8Array | Reason> {
  const parts: Uint8Array[] = []
  let size = 0
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return Buffer.concat(parts)
      size += value.byteLength
      if (size > limit) return 'body-too-large'
      parts.push(value)
    }
  } catch {
    return 'body-aborted'
  }
}
