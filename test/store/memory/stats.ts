import type { Stats } from '../../../src/store/store.ts'
import { dueOf, earliest } from './due.ts'
import type { MemoryState } from './state.ts'

export function statsOf(data: MemoryState, now: number): Stats {
  const rows = [...data.rows.values()]
  const states = Map.groupBy(rows, ({ receiver, state }) => JSON.stringify([receiver, state]))
  return {
    states: [...states.values()].map(group => ({
      receiver: group[0]!.receiver,
      state: group[0]!.state,
      count: group.length
    })),
    oldestDue: earliest(rows.filter(({ state, due }) => state === 'waiting' && due <= now).map(dueOf)),
    duplicates: rows.reduce((sum, { duplicates }) => sum + duplicates, 0),
    rejected: [...data.counts].map(([pair, count]) => {
      const [receiver, reason] = JSON.parse(pair)
      return { receiver, reason, count }
    })
  }
}
