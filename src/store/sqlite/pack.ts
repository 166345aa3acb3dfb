/**
 * How calls and their results travel between threads: everything but bytes as one JSON text, all bytes in one buffer
 * that changes hands. Many times cheaper than cloning each object and each body by itself.
 */
export interface Item {
  readonly head: unknown
  readonly bytes: readonly Uint8Array[]
}

export interface Packed {
  readonly text: string
  readonly buffer: ArrayBuffer
}

export function pack(items: readonly Item[]): Packed {
  let size = 0
  for (const { bytes } of items) for (const part of bytes) size += part.byteLength
  const buffer = new ArrayBuffer(size)
  const all = new Uint8Array(buffer)
  let at = 0
  const heads = items.map(({ head, bytes }) => {
    const lengths = bytes.map(part => {
      all.set(part, at)
      at += part.byteLength
      return part.byteLength
    })
    return [head, lengths]
  })
  return { text: JSON.stringify(heads), buffer }
}

export function unpack({ text, buffer }: Packed): Item[] {
  let at = 0
  return (JSON.parse(text) as [unknown, number[]][]).map(([head, lengths]) => {
    const bytes = lengths.map(length => {
      const part = new Uint8Array(buffer, at, length)
      at += length
      return part
    })
    return { head, bytes }
  })
}
