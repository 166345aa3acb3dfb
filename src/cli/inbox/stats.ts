import { type InboxStats, STATES } from '../../inbox/stats.ts'
import type { Command } from '../command.ts'
import { storeOptions } from '../options.ts'
import { withInbox } from '../session.ts'
import { type Column, timeText } from '../terminal.ts'
import { stateStyle } from './words.ts'

type Row = readonly [receiver: string, counts: InboxStats['states']]

const columns: readonly Column<Row>[] = [
  { title: 'RECEIVER', text: ([receiver]) => receiver },
  ...STATES.map(state => ({
    title: state.toUpperCase(),
    text: ([, counts]: Row) => counts[state],
    style: ([, counts]: Row) => (counts[state] === 0 ? 'dim' : stateStyle[state])
  }))
]

export const stats: Command = {
  summary: 'Counts deliveries by receiver and state, and says how far behind the work is.',
  options: storeOptions,
  examples: [
    ['inbox stats', 'how things stand'],
    ['inbox stats --json | jq .lag', 'milliseconds that the oldest due delivery has been due, for an alarm']
  ],
  async run(call) {
    const { terminal } = call
    await withInbox(call, async inbox => {
      const [found, paused] = await Promise.all([inbox.stats(), inbox.paused()])
      if (terminal.isJson) return terminal.json({ ...found, paused })
      const { states, receivers, oldestDue, lag, duplicates, rejected } = found
      terminal.table([...Object.entries(receivers), ['all', states]], columns)
      terminal.line()
      terminal.list([
        ['oldest due', oldestDue === undefined ? 'none' : `${timeText(oldestDue)}, ${Math.round(lag / 1000)} s ago`],
        ['duplicates', duplicates],
        ['paused', paused.join(', ') || 'none'],
        ...rejected.map(({ receiver, reason, count }) => ['refused', `${count} × ${receiver}: ${reason}`] as const)
      ])
    })
  }
}
