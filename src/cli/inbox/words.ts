/** How commands of the inbox call things. */
import type { State } from '../../store/store.ts'

export const stateStyle = {
  waiting: 'yellow',
  running: 'cyan',
  done: 'green',
  dead: 'red',
  ignored: 'dim'
} as const satisfies Record<State, string>

/** The receiver, and its instance where it has a name. */
export function whose({ receiver, instance }: { readonly receiver: string; readonly instance: string }): string {
  return instance === '' ? receiver : `${receiver}/${instance}`
}

export function counted(count: number, what: string, plural = `${what}s`): string {
  return `${count} ${count === 1 ? what : plural}`
}

export const deliveries = (count: number): string => counted(count, 'delivery', 'deliveries')
