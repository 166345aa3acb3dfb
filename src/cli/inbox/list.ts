import type { InboxDelivery } from '../../inbox/view.ts'
import type { Command } from '../command.ts'
import { filterFrom, filterOptions, pageOptions, storeOptions } from '../options.ts'
import { number } from '../read.ts'
import { withInbox } from '../session.ts'
import { type Column, timeText } from '../terminal.ts'
import { stateStyle, whose } from './words.ts'

const columns: readonly Column<InboxDelivery>[] = [
  { title: 'SEQ', text: ({ seq }) => seq },
  { title: 'STATE', text: ({ state }) => state, style: ({ state }) => stateStyle[state] },
  { title: 'RECEIVER', text: whose },
  { title: 'EVENT', text: ({ event }) => event },
  { title: 'SUBJECT', text: ({ subject }) => subject },
  { title: 'ID', text: ({ id }) => id },
  { title: 'ARRIVED', text: ({ receivedAt }) => timeText(receivedAt) },
  { title: 'TRIES', text: ({ attempt }) => attempt },
  { title: 'NEXT', text: ({ due, tries }) => (tries === 0 ? undefined : timeText(due)) },
  { title: 'ERROR', text: ({ error }) => error }
]

export const list: Command = {
  summary: 'Lists deliveries, the newest first.',
  help: 'All that is given must hold. Lists nothing that is not stored: a refused request is among the rejected.',
  options: { ...filterOptions, ...pageOptions, ...storeOptions },
  examples: [
    ['inbox list --state dead', 'what was given up'],
    ["inbox list --receiver github --event 'issues.*' --since 2h", 'issues of the last two hours'],
    ['inbox list --text octo/hello --limit 5', 'the newest five that say this anywhere'],
    ['inbox list --json | jq .deliveries[].id', 'their ids, for a script']
  ],
  async run(call) {
    const { values, terminal } = call
    await withInbox(call, async (inbox, store) => {
      const page = { limit: number(values, 'limit'), before: number(values, 'before') }
      const found = await inbox.list({ ...filterFrom(values, store.now()), ...page })
      if (terminal.isJson) return terminal.json(found)
      if (found.deliveries.length === 0) return terminal.note('Nothing matches.')
      terminal.table(found.deliveries, columns)
      if (found.next !== undefined) terminal.note(`There may be more: --before ${found.next}`)
    })
  }
}
