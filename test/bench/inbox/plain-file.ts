import { type FileHandle, open, readFile } from 'node:fs/promises'
import type { Arrival } from '../../../src/store/store.ts'
import type { Adding } from './adding-only.ts'

/**
 * The physical limit: the bytes of what arrived, appended to a file, with one `fdatasync` for all that came while the
 * last one was under way. Nothing can be found in it.
 */
export class PlainFile implements Adding {
  readonly #path: string
  #file: FileHandle | undefined
  #waiting: { readonly bytes: Uint8Array[]; resolve(): void; reject(error: unknown): void }[] = []
  #isWriting = false

  constructor(path: string) {
    this.#path = path
  }

  readonly open = async (): Promise<void> => {
    this.#file = await open(this.#path, 'a')
  }

  readonly close = async (): Promise<void> => this.#file?.close()

  readonly add = ({ request, ...head }: Arrival): Promise<void> => {
    const { body, ...rest } = request
    const text = Buffer.from(JSON.stringify([head, rest]))
    const lengths = Buffer.alloc(8)
    lengths.writeUInt32LE(text.length)
    lengths.writeUInt32LE(body.length, 4)
    return new Promise((resolve, reject) => {
      this.#waiting.push({ bytes: [lengths, text, body], resolve, reject })
      if (!this.#isWriting) this.#write()
    })
  }

  async #write(): Promise<void> {
    this.#isWriting = true
    // What comes in the same turn of the event loop belongs to the first group already.
    await new Promise(resolve => setImmediate(resolve))
    while (this.#waiting.length > 0) {
      const group = this.#waiting
      this.#waiting = []
      try {
        await this.#file!.appendFile(Buffer.concat(group.flatMap(({ bytes }) => bytes)))
        await this.#file!.datasync()
        for (const { resolve } of group) resolve()
      } catch (error) {
        for (const { reject } of group) reject(error)
      }
    }
    this.#isWriting = false
  }
}

/** Read back from the file. */
export async function countRecords(path: string): Promise<number> {
  const bytes = await readFile(path)
  let count = 0
  for (let at = 0; at < bytes.length; count++) at += 8 + bytes.readUInt32LE(at) + bytes.readUInt32LE(at + 4)
  return count
}
