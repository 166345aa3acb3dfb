import { matches } from '../../../src/pattern.ts'
import type { Filter } from '../../../src/store/store.ts'
import { type MemoryStore, memoryStore } from '../memory.ts'
import type { Lie } from './lies.ts'

export const moreLies: Record<string, Lie> = {
  'the oldest first': {
    does: honest => ({ find: async (filter, page) => (await honest.find(filter, page)).toReversed() }),
    fails: 'find: all are found without a filter, the newest first, as get tells them',
    walk: true
  },
  'pages by count': {
    does: honest => ({
      async find(filter, { before, limit }) {
        const all = await honest.find(filter, { limit: 10_000 })
        const newer = before === undefined ? 0 : all.filter(({ seq }) => seq > before).length
        return all.slice(newer, newer + limit)
      }
    }),
    fails: 'find: pages go on below a number, however many arrive meanwhile'
  },
  'a filter behind the page': {
    does: honest => ({
      async find(filter, page) {
        const kept = new Set((await honest.find(filter, { limit: 10_000 })).map(({ seq }) => seq))
        return (await honest.find({}, page)).filter(({ seq }) => kept.has(seq))
      }
    }),
    fails: 'find: pages hold what the filter finds, not what it passes over'
  },
  'patterns whose stars pass dots': {
    does: honest => searching(honest, filter => ({ ...filter, event: filter.event?.replaceAll('*', '**') })),
    fails: 'find: events are found by the patterns of handlers'
  },
  'texts with wildcards': {
    does: honest => ({
      async find({ text, ...filter }, page) {
        const found = await honest.find(filter, page)
        if (text === undefined) return found
        const pattern = `**${text.replaceAll('%', '**')}**`
        return found.filter(({ subject }) => matches(pattern, subject ?? ''))
      }
    }),
    fails: 'find: nothing in a text is a wildcard'
  },
  'bodies that nobody searches': {
    does: honest => ({
      async find(filter, page) {
        const found = await honest.find(filter, page)
        const text = filter.text?.toLowerCase()
        if (text === undefined) return found
        return found.filter(({ event, id, subject, account, error }) =>
          [event, id, subject, account, error].some(field => field?.toLowerCase().includes(text))
        )
      }
    }),
    fails: 'find: a text is found in the body, in this case'
  },
  'times that end a moment late': {
    does: honest => searching(honest, ({ until, ...filter }) => ({ ...filter, until: until && until + 1 })),
    fails: 'find: a time is since when, inclusive, and until when, exclusive'
  },
  'a condition instead of another': {
    does: honest => searching(honest, ({ subject, ...filter }) => (subject === undefined ? filter : { subject })),
    fails: 'find: conditions must hold together'
  },
  'a replay that forgets its id': {
    does: honest => ({
      async requeue(filter, replay) {
        const count = await honest.requeue(filter, replay)
        for (const row of honest.state.rows.values()) row.replay = undefined
        return count
      }
    }),
    fails: 'requeue: calls with the same id go on where the last one stopped, and end',
    walk: true
  },
  'a replay of what runs': {
    does: honest => ({
      async requeue(filter, replay) {
        for (const row of honest.state.rows.values()) if (row.state === 'running') row.state = 'ignored'
        return honest.requeue(filter, replay)
      }
    }),
    fails: 'requeue: what waits becomes due, what runs is passed over',
    walk: true
  },
  'a replay that starts where it failed': {
    does: honest => ({ requeue: (filter, replay) => honest.requeue(filter, { ...replay, from: 'failed' }) }),
    fails: 'requeue: from the start nothing of its progress is left; from where it failed all of it',
    walk: true
  },
  'a replay that keeps count of tries': {
    does: honest => ({
      async requeue(filter, replay) {
        const tries = new Map([...honest.state.rows.values()].map(row => [row, row.tries]))
        const count = await honest.requeue(filter, replay)
        for (const [row, before] of tries) row.tries = before
        return count
      }
    }),
    fails: 'requeue: what has ended is put back to work: waiting, due, no tries, marked',
    walk: true
  },
  'one description of several': {
    does: honest => ({ describe: (seq, deliveries) => honest.describe(seq, deliveries.slice(0, 1)) }),
    fails: 'describe: several descriptions share the request; the first takes the number'
  },
  'descriptions that pile up': {
    does: honest => ({
      async describe(seq, deliveries) {
        const kept = [...honest.state.rows.values()].filter(row => row.seq !== seq)
        await honest.describe(seq, deliveries)
        for (const row of kept) honest.state.insert(row)
      }
    }),
    fails: 'describe: all deliveries of the request are described anew'
  },
  'an oldest that is due tomorrow': {
    does: honest => ({
      stats: async () => ({
        ...(await honest.stats()),
        oldestDue: [...honest.state.rows.values()].map(({ due }) => due).sort((a, b) => a - b)[0]
      })
    }),
    fails: 'stats: the oldest that is due now is told by when it was due'
  },
  'retention of what waits': {
    does: honest => ({
      async prune(before, limit) {
        for (const row of honest.state.rows.values()) if (row.state === 'waiting') row.state = 'ignored'
        return honest.prune(before, limit)
      }
    }),
    fails: 'prune: done, dead and ignored ones that arrived before are deleted, and nothing else',
    walk: true
  },
  'retention without a bound': {
    does: honest => ({ prune: before => honest.prune(before, 1_000_000) }),
    fails: 'prune: at most so many at a time, the oldest first',
    walk: true
  },
  'retention that takes shared requests along': {
    does: honest => ({
      async prune(before, limit) {
        const requests = new Map([...honest.state.rows.values()].map(row => [row.seq, row.request]))
        const count = await honest.prune(before, limit)
        for (const seq of honest.state.rows.keys()) requests.delete(seq)
        const gone = new Set(requests.values())
        for (const row of honest.state.rows.values()) {
          if (gone.has(row.request))
            row.request = { seq: 0, content: { ...row.request.content, body: new Uint8Array() } }
        }
        return count
      }
    }),
    fails: 'prune: a request stays as long as a delivery points at it'
  },
  'keys that outlive their delivery': {
    does: honest => ({
      async prune(before, limit) {
        const known = [...honest.state.known]
        const count = await honest.prune(before, limit)
        for (const [key, row] of known) honest.state.known.set(key, row)
        return count
      }
    }),
    fails: 'prune: afterwards the key is new again, under a number of its own'
  },
  'any number of refused requests': {
    does: honest => ({ addRejected: rejected => honest.addRejected(rejected, 1_000_000) }),
    fails: 'rejected: only the newest stay'
  },
  'lists of refused requests with bodies': {
    does: honest => ({
      async findRejected(filter, page) {
        const found = await honest.findRejected(filter, page)
        return found.map(({ seq }) => honest.state.rejected.get(seq)!)
      }
    }),
    fails: 'rejected: the newest come first, without bodies'
  },
  'counters that are set, not raised': {
    does: honest => ({
      async countRejected(counts) {
        for (const { receiver, reason } of counts) honest.state.counts.delete(JSON.stringify([receiver, reason]))
        await honest.countRejected(counts)
      }
    }),
    fails: 'stats: counts of refused requests add up, by receiver and reason'
  },
  'loads under the numbers of elsewhere': {
    does: honest => ({
      async load(dumped) {
        for (const { delivery, request, requestSeq, ...own } of dumped)
          honest.state.insert({ ...delivery, ...own, fence: 0, request: { seq: requestSeq, content: request } })
        return dumped.length
      }
    }),
    fails: 'move: what is loaded is what was dumped, under new numbers'
  },
  'loads that share nothing': {
    does: honest => ({
      async load(dumped) {
        let count = 0
        for (const one of dumped) count += await honest.load([one])
        return count
      }
    }),
    fails: 'move: requests that were shared are shared again'
  },
  'loads without order': {
    does: honest => ({ load: dumped => honest.load(dumped.map(one => ({ ...one, order: undefined }))) }),
    fails: 'move: keys and orders count where they were loaded'
  },
  'loads of what is known': {
    does: honest => ({ load: dumped => honest.load(dumped.map(one => ({ ...one, key: undefined }))) }),
    fails: 'move: what is known already is passed over'
  },
  'an answer after the end': {
    does: honest => ({ count: filter => honest.count(filter) }),
    fails: 'close: once closed, everything rejects with StoreUnavailable'
  },
  'pauses that end with the process': {
    does: (_, lying) => ({
      async close() {
        lying.state.paused.clear()
      }
    }),
    fails: 'restart: pauses, refused requests and counters are there after a restart'
  },
  'data of its own for every connection': {
    does: (_, lying) => {
      const own = memoryStore()
      Object.assign(lying, { state: own.state })
      return {}
    },
    fails: 'shared: what one has stored, others find at once'
  },
  'a watch without end': {
    does: honest => ({
      watch(changed) {
        honest.watch(changed)
        return () => {}
      }
    }),
    fails: 'shared: what another has stored is hinted at, until the watch is ended'
  }
}

function searching(honest: MemoryStore, change: (filter: Filter) => Filter) {
  return {
    find: (...[filter, page]: Parameters<MemoryStore['find']>) => honest.find(change(filter), page),
    count: (filter: Filter) => honest.count(change(filter))
  }
}
