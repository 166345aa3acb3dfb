import type { NewRejected, Rejected, RejectedCount, RejectedFilter } from '../../../src/store/store.ts'
import { MemoryConnection } from './connection.ts'
import { copied } from './state.ts'

export class MemoryRejected extends MemoryConnection {
  async addRejected(rejected: NewRejected, most: number): Promise<number> {
    const data = this.data
    const seq = data.next()
    data.rejected.set(seq, { ...rejected, request: copied(rejected.request), seq })
    const surplus = [...data.rejected.keys()].slice(0, Math.max(0, data.rejected.size - most))
    for (const old of surplus) data.rejected.delete(old)
    return seq
  }

  async findRejected(
    { receiver, instance, reason }: RejectedFilter,
    { before = Number.POSITIVE_INFINITY, limit }: { readonly before?: number | undefined; readonly limit: number }
  ): Promise<readonly Rejected[]> {
    return [...this.data.rejected.values()]
      .filter(one => receiver === undefined || one.receiver === receiver)
      .filter(one => instance === undefined || one.instance === instance)
      .filter(one => (reason === undefined || one.reason === reason) && one.seq < before)
      .reverse()
      .slice(0, limit)
      .map(one => ({ ...one, request: { ...one.request, body: new Uint8Array() } }))
  }

  async getRejected(seq: number): Promise<Rejected | undefined> {
    const one = this.data.rejected.get(seq)
    return one && { ...one, request: copied(one.request) }
  }

  async removeRejected(seq: number): Promise<void> {
    this.data.rejected.delete(seq)
  }

  async pruneRejected(before: number): Promise<number> {
    const data = this.data
    const old = [...data.rejected.values()].filter(({ at }) => at < before)
    for (const { seq } of old) data.rejected.delete(seq)
    return old.length
  }

  async countRejected(counts: readonly RejectedCount[]): Promise<void> {
    const data = this.data
    for (const { receiver, reason, count } of counts) {
      const pair = JSON.stringify([receiver, reason])
      data.counts.set(pair, (data.counts.get(pair) ?? 0) + count)
    }
  }
}
