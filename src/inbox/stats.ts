import type { RejectedCount, State, Stats } from '../store/store.ts'

export interface InboxStats {
  readonly total: number
  readonly states: Readonly<Record<State, number>>
  readonly receivers: Readonly<Record<string, Readonly<Record<State, number>>>>
  /** When the delivery was due that waits longest past its time. Undefined: none does. */
  readonly oldestDue: Date | undefined
  /** For how long it has been due, in milliseconds: how far behind the work is. */
  readonly lag: number
  /** How often something known came again. */
  readonly duplicates: number
  /** How often requests were refused. */
  readonly rejected: readonly RejectedCount[]
}

export const STATES: readonly State[] = ['waiting', 'running', 'done', 'dead', 'ignored']

export function statsOf({ states, oldestDue, duplicates, rejected }: Stats, now: number): InboxStats {
  const receivers = Map.groupBy(states, ({ receiver }) => receiver)
  return {
    total: states.reduce((sum, { count }) => sum + count, 0),
    states: byState(states),
    receivers: Object.fromEntries([...receivers].map(([name, counts]) => [name, byState(counts)])),
    oldestDue: oldestDue === undefined ? undefined : new Date(oldestDue),
    lag: oldestDue === undefined ? 0 : Math.max(0, now - oldestDue),
    duplicates,
    rejected
  }
}

function byState(counts: Stats['states']): Record<State, number> {
  const of = (state: State): number =>
    counts.filter(one => one.state === state).reduce((sum, { count }) => sum + count, 0)
  return Object.fromEntries(STATES.map(state => [state, of(state)])) as Record<State, number>
}
