import { randomBytes } from 'node:crypto'
import type { Rejected, StoredDelivery, StoredRequest } from '../../../src/store/store.ts'

type Writable<T> = { -readonly [Name in keyof T]: T[Name] }

export interface KeptRequest {
  readonly seq: number
  readonly content: StoredRequest
}

/** A delivery with what only the store sees. */
export interface Row extends Writable<StoredDelivery> {
  request: KeptRequest
  key: string | undefined
  position: number
  order: string | undefined
  fence: number
}

/** What stores share that are connected to the same data. */
export class MemoryState {
  readonly pepper = new Uint8Array(randomBytes(32))
  /** By number, ascending. */
  readonly rows = new Map<number, Row>()
  readonly known = new Map<string, Row>()
  readonly paused = new Set<string>()
  readonly rejected = new Map<number, Rejected>()
  readonly counts = new Map<string, number>()
  readonly watching = new Map<() => void, object>()
  #last = 0

  /** A number that is higher than all before. */
  next(): number {
    return ++this.#last
  }

  insert(row: Row): void {
    this.rows.set(row.seq, row)
    if (row.key !== undefined) this.known.set(identity(row, row.key), row)
  }

  delete(row: Row): void {
    this.rows.delete(row.seq)
    if (row.key !== undefined) this.known.delete(identity(row, row.key))
  }

  /** The stored one that makes this a duplicate. */
  twinOf(source: { receiver: string; instance: string; position: number; key?: string | undefined }): Row | undefined {
    return source.key === undefined ? undefined : this.known.get(identity(source, source.key))
  }
}

function identity(of: { receiver: string; instance: string; position: number }, key: string): string {
  return JSON.stringify([of.receiver, of.instance, key, of.position])
}

/** What the store tells of a row. */
export function told({ request, key, position, order, fence, ...delivery }: Row): StoredDelivery {
  return delivery
}

/** The caller's buffer may change later: so a copy, on the way in and out. */
export function copied(request: StoredRequest): StoredRequest {
  return { ...request, headers: structuredClone(request.headers), body: new Uint8Array(request.body) }
}
