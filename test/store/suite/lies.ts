import { setTimeout } from 'node:timers/promises'
import type { Claimed, Store } from '../../../src/store/store.ts'
import type { MemoryStore } from '../memory.ts'

export interface Lie {
  /** What the engine does instead. The honest store is connected to the same data. */
  readonly does: (honest: MemoryStore, lying: MemoryStore) => Partial<Store>
  /** The check that must find it. */
  readonly fails: string
  /** So must the random operations. */
  readonly walk?: true
}

export const lies: Record<string, Lie> = {
  'no duplicates': {
    does: honest => ({
      add: arrival =>
        honest.add({ ...arrival, deliveries: arrival.deliveries.map(one => ({ ...one, key: undefined })) })
    }),
    fails: 'add: a known delivery is a duplicate: counted, and under the number of the first',
    walk: true
  },
  'a look before it stores': {
    does: honest => ({
      async add(arrival) {
        const [first] = arrival.deliveries
        const isKnown = first !== undefined && honest.state.twinOf({ ...arrival, ...first }) !== undefined
        await setTimeout(1)
        if (isKnown || arrival.deliveries.length !== 1) return honest.add(arrival)
        return honest.add({ ...arrival, deliveries: [{ ...first!, key: undefined }] })
      }
    }),
    fails: 'add: the same delivery in many calls at the same time is new in exactly one'
  },
  'duplicates that nobody counts': {
    does: honest => ({
      async add(arrival) {
        const added = await honest.add(arrival)
        for (const { seq } of added) honest.state.rows.get(seq)!.duplicates = 0
        return added
      }
    }),
    fails: 'stats: duplicates are counted',
    walk: true
  },
  'receiver, instance and key in one text': {
    does: honest => ({
      add: arrival =>
        honest.add({
          ...arrival,
          deliveries: arrival.deliveries.map(one => ({
            ...one,
            key: one.key === undefined ? undefined : arrival.receiver + arrival.instance + one.key
          })),
          ...{ receiver: '', instance: '' }
        })
    }),
    fails: 'keys: receiver, instance and key are told apart wherever one ends and the next begins'
  },
  'keys that are trimmed and in lower case': {
    does: honest => ({
      add: arrival =>
        honest.add({
          ...arrival,
          deliveries: arrival.deliveries.map(one => ({ ...one, key: one.key?.trim().toLowerCase() }))
        })
    }),
    fails: 'keys: keys that only look alike are different'
  },
  'keys that are cut': {
    does: honest => ({
      add: arrival =>
        honest.add({ ...arrival, deliveries: arrival.deliveries.map(one => ({ ...one, key: one.key?.slice(0, 255) })) })
    }),
    fails: 'keys: keys of 256 characters are told apart by their last'
  },
  'positions that nobody looks at': {
    does: honest => ({
      add: arrival => honest.add({ ...arrival, deliveries: arrival.deliveries.map(one => ({ ...one, position: 0 })) })
    }),
    fails: 'keys: a position tells deliveries apart that have the same key',
    walk: true
  },
  'arrivals sorted by key': {
    does: honest => {
      const group: (() => void)[] = []
      return {
        add: arrival =>
          new Promise((resolve, reject) => {
            if (group.length === 0)
              setImmediate(() =>
                group
                  .splice(0)
                  .reverse()
                  .forEach(run => void run())
              )
            group.push(() => honest.add(arrival).then(resolve, reject))
          })
      }
    },
    fails: 'add: numbers ascend by arrival, also of calls that are not awaited'
  },
  'the dead that stay dead': {
    does: honest => ({
      async add(arrival) {
        const before = new Map([...honest.state.rows].map(([seq, { state }]) => [seq, state]))
        const added = await honest.add(arrival)
        for (const { seq } of added) if (before.has(seq)) honest.state.rows.get(seq)!.state = before.get(seq)!
        return added
      }
    }),
    fails: 'add: a duplicate of a dead or ignored delivery puts it back to work: due now, no tries, its progress kept',
    walk: true
  },
  'a revival that loses progress': {
    does: honest => ({
      async add(arrival) {
        const added = await honest.add(arrival)
        for (const { seq, duplicate } of added) if (duplicate) honest.state.rows.get(seq)!.progress = ''
        return added
      }
    }),
    fails: 'add: a duplicate of a dead or ignored delivery puts it back to work: due now, no tries, its progress kept',
    walk: true
  },
  'a revival of what waits or runs': {
    does: honest => ({
      async add(arrival) {
        const added = await honest.add(arrival)
        for (const { seq, duplicate } of added) if (duplicate) honest.state.rows.get(seq)!.state = 'waiting'
        return added
      }
    }),
    fails: 'add: a duplicate of a waiting, running or done delivery is counted, and nothing else',
    walk: true
  },
  'bodies as text': {
    does: honest => ({
      add: arrival =>
        honest.add({ ...arrival, request: { ...arrival.request, body: Buffer.from(String(arrival.request.body)) } })
    }),
    fails: 'content: bodies are kept byte for byte'
  },
  'the whole buffer instead of its part': {
    does: honest => ({
      add: arrival => {
        const { buffer } = arrival.request.body
        return honest.add({ ...arrival, request: { ...arrival.request, body: new Uint8Array(buffer) } })
      }
    }),
    fails: 'content: a body may be a part of a larger buffer, which stays the caller’s'
  },
  'lists of headers as one text': {
    does: honest => ({
      add: arrival => {
        const headers = Object.entries(arrival.request.headers).map(([name, value]) => [name, value && String(value)])
        return honest.add({ ...arrival, request: { ...arrival.request, headers: Object.fromEntries(headers) } })
      }
    }),
    fails: 'content: method, URL and headers are kept, lists as lists'
  },
  'empty texts as none': {
    does: honest => ({
      add: arrival =>
        honest.add({ ...arrival, deliveries: arrival.deliveries.map(one => ({ ...one, id: one.id || undefined })) })
    }),
    fails: 'content: texts are kept as they are, and the empty one is not the absent one'
  },
  'times in seconds': {
    does: honest => ({
      add: arrival => honest.add({ ...arrival, receivedAt: Math.floor(arrival.receivedAt / 1000) * 1000 })
    }),
    fails: 'content: times and numbers are kept exactly, however large, before 1970 too'
  },
  'claims of what is not due': {
    does: honest => ({ claim: query => honest.claim({ ...query, now: query.now + 5_000 }) }),
    fails: 'claim: nothing is taken before it is due, and at that time it is',
    walk: true
  },
  'the latest first': {
    does: honest => ({
      async claim(query) {
        const rows = [...honest.state.rows.values()]
        const dues = rows.map(({ due }) => due)
        for (const row of rows) if (row.due <= query.now) row.due = -row.due
        const claimed = await honest.claim(query)
        for (const [index, row] of rows.entries()) row.due = dues[index]!
        return claimed
      }
    }),
    fails: 'claim: the earliest due is taken first, and comes first in the result',
    walk: true
  },
  'no limit of a receiver': {
    does: honest => ({
      claim: query => honest.claim({ ...query, receivers: query.receivers.map(({ name }) => ({ name, limit: 1_000 })) })
    }),
    fails: 'claim: of a receiver no more are taken than its limit',
    walk: true
  },
  'claims for everybody': {
    does: honest => ({
      claim: query => {
        const names = new Set([...honest.state.rows.values()].map(({ receiver }) => receiver))
        return honest.claim({ ...query, receivers: [...names].map(name => ({ name, limit: query.limit })) })
      }
    }),
    fails: 'claim: of receivers that were not asked for nothing is taken',
    walk: true
  },
  'pauses that nobody heeds': {
    does: honest => ({
      async claim(query) {
        const paused = [...honest.state.paused]
        honest.state.paused.clear()
        const claimed = await honest.claim(query)
        for (const name of paused) honest.state.paused.add(name)
        return claimed
      }
    }),
    fails: 'claim: of a paused receiver nothing is taken, until it goes on',
    walk: true
  },
  'lapses that nobody counts': {
    does: honest => ({
      async claim(query) {
        const claimed = await honest.claim(query)
        for (const { seq } of claimed) honest.state.rows.get(seq)!.lapses = 0
        return claimed.map(one => ({ ...one, lapses: 0 }))
      }
    }),
    fails: 'claim: a lapsed lease is taken over with a new fence, and the lapse is counted',
    walk: true
  },
  'the same fence again': {
    does: honest => ({
      async claim(query) {
        const claimed = await honest.claim(query)
        for (const { seq } of claimed) honest.state.rows.get(seq)!.fence = 1
        return claimed.map(one => ({ ...one, fence: 1 }))
      }
    }),
    fails: 'claim: no two claims have the same fence',
    walk: true
  },
  'a clock that is always right': {
    does: honest => ({ claim: query => honest.claim({ ...query, until: Number.MAX_SAFE_INTEGER }) }),
    fails: 'claim: a lease that ends implausibly late is taken over too: a clock was set back'
  },
  'nothing alone': {
    does: honest => ({ claim: query => honest.claim({ ...query, alone: false }) }),
    fails: 'claim: what was taken over once is taken alone only, and alone takes nothing else',
    walk: true
  },
  'large requests with every claim': {
    does: honest => ({
      async claim(query) {
        const claimed: Claimed[] = []
        for (const one of await honest.claim(query)) claimed.push({ ...one, request: await honest.request(one.seq) })
        return claimed
      }
    }),
    fails: 'claim: the request comes along, unless its body has more than 64 KiB'
  },
  'no order': {
    does: honest => ({
      add: arrival =>
        honest.add({ ...arrival, deliveries: arrival.deliveries.map(one => ({ ...one, order: undefined })) })
    }),
    fails: 'order: of those with the same order one is taken at a time, and the first that arrived first',
    walk: true
  },
  'an order that a retry leaves': {
    does: honest => ({
      async claim(query) {
        const later = [...honest.state.rows.values()].filter(({ state, due }) => state === 'waiting' && due > query.now)
        for (const row of later) row.state = 'ignored'
        const claimed = await honest.claim(query)
        for (const row of later) row.state = 'waiting'
        return claimed
      }
    }),
    fails: 'order: one that waits for its retry holds its successors',
    walk: true
  },
  'claims that look no further than their limit': {
    does: honest => ({
      async claim(query) {
        const rows = [...honest.state.rows.values()].filter(({ state }) => state === 'waiting')
        const far = rows.sort((a, b) => a.due - b.due || a.seq - b.seq).slice(query.limit)
        const receivers = far.map(row => row.receiver)
        for (const row of far) row.receiver = 'nobody'
        const claimed = await honest.claim(query)
        for (const [index, row] of far.entries()) row.receiver = receivers[index]!
        return claimed
      }
    }),
    fails: 'order: a long queue of one order does not keep others from being taken',
    walk: true
  },
  'fences that nobody compares': {
    does: honest => ({
      settle: ({ seq }, settlement) => honest.settle({ seq, fence: honest.state.rows.get(seq)?.fence ?? 0 }, settlement)
    }),
    fails: 'settle: a lease that somebody else took over writes nothing',
    walk: true
  },
  'leases that outlive their end': {
    does: honest => ({
      async settle(lease, settlement) {
        const row = honest.state.rows.get(lease.seq)
        const until = row?.leaseUntil
        const isWritten = await honest.settle(lease, settlement)
        if (isWritten) row!.leaseUntil = until
        return isWritten
      }
    }),
    fails: 'settle: where a delivery stands is written, and the lease ends',
    walk: true
  },
  'progress that ends the lease': {
    does: honest => ({
      async settle(lease, settlement) {
        const isWritten = await honest.settle(lease, settlement)
        if (isWritten) Object.assign(honest.state.rows.get(lease.seq)!, { fence: -1 })
        return isWritten
      }
    }),
    fails: 'settle: running keeps the lease, while what was written is kept',
    walk: true
  },
  'a reason that is never taken away': {
    does: honest => ({
      settle: (lease, settlement) => {
        const error = settlement.error ?? honest.state.rows.get(lease.seq)?.error
        return honest.settle(lease, { ...settlement, error })
      }
    }),
    fails: 'settle: a reason that no longer holds is taken away',
    walk: true
  },
  'lost leases that nobody hears of': {
    does: honest => ({
      async extend(leases, until) {
        await honest.extend(leases, until)
        return []
      }
    }),
    fails: 'extend: those that were lost are told, and the others extended',
    walk: true
  },
  'a next time without leases': {
    does: honest => ({
      async nextDue(receivers) {
        const rows = [...honest.state.rows.values()].filter(({ state }) => state === 'waiting')
        const dues = rows.filter(({ receiver }) => receivers.includes(receiver)).map(({ due }) => due)
        return { due: dues.sort((a, b) => a - b)[0], alone: undefined }
      }
    }),
    fails: 'nextDue: the end of a lease is next where it comes earlier',
    walk: true
  },
  'a next time of what is held': {
    does: honest => ({
      async nextDue(receivers) {
        const next = await honest.nextDue(receivers)
        const rows = [...honest.state.rows.values()].filter(({ state }) => state === 'waiting')
        const dues = rows.filter(({ receiver }) => receivers.includes(receiver)).map(({ due }) => due)
        return { ...next, due: [...dues, next.due ?? Infinity].sort((a, b) => a - b)[0] }
      }
    }),
    fails: 'nextDue: after a claim that found nothing, what is held by its order is not next',
    walk: true
  }
}
