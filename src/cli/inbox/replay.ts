import { InvalidCommand } from '../../errors.ts'
import type { Inbox } from '../../inbox/inbox.ts'
import type { InboxFilter } from '../../inbox/view.ts'
import type { Command } from '../command.ts'
import { filterFrom, filterOptions, isEmpty, storeOptions } from '../options.ts'
import { oneOf, seqs, text } from '../read.ts'
import { withInbox } from '../session.ts'
import { deliveries } from './words.ts'

export const replay: Command = {
  takes: '[<seq…>]',
  summary: 'Puts deliveries back to work: those with these numbers, or all that match.',
  help: [
    'Without --yes it only counts. It leaves alone what is running, and what arrives meanwhile. Should it be',
    'interrupted, the same command with --resume and the id that it printed goes on where it stopped.'
  ].join('\n'),
  options: {
    from: {
      type: 'string',
      value: '<where>',
      help: 'failed: goes on at the handler that failed; start: all run again; default: failed'
    },
    yes: { type: 'boolean', help: 'do it' },
    resume: { type: 'string', value: '<id>', help: 'of a replay that was interrupted' },
    ...filterOptions,
    ...storeOptions
  },
  examples: [
    ['inbox replay 42 43 --yes', 'these two, from the handler that failed'],
    ['inbox replay --state dead --receiver stripe --since 1d', 'counts what would be put back'],
    ['inbox replay --state dead --receiver stripe --since 1d --yes', 'does it'],
    ["inbox replay --event 'invoice.*' --state done --from start --yes", 'all their handlers once more']
  ],
  async run(call) {
    const { values, positionals, terminal } = call
    const from = oneOf(values, 'from', ['start', 'failed'] as const) ?? 'failed'
    await withInbox(call, async (inbox, store) => {
      const which = chosen(positionals, filterFrom(values, store.now()))
      const resumed = text(values, 'resume')
      const { id, count } = await each(inbox, which, { from, dryRun: true, ...(resumed && { id: resumed }) })
      if (values.yes !== true) {
        if (terminal.isJson) return terminal.json({ count, done: false })
        return terminal.line(`${deliveries(count)} would be put back to work. Nothing was done: add --yes.`)
      }
      terminal.note(`Should this be interrupted: the same command with --resume ${id} goes on.`)
      const done = await each(inbox, which, { from, id })
      if (terminal.isJson) terminal.json({ ...done, done: true })
      else terminal.line(`${deliveries(done.count)} put back to work by ${id}.`)
    })
  }
}

/** Nobody means all there is by saying nothing. */
function chosen(positionals: readonly string[], filter: InboxFilter): readonly InboxFilter[] {
  const numbers = seqs(positionals)
  if (numbers.length > 0 && !isEmpty(filter)) throw new InvalidCommand('Numbers or a filter, not both.')
  if (numbers.length === 0 && isEmpty(filter))
    throw new InvalidCommand('Which deliveries? Give their numbers, or a filter such as --state dead.')
  return numbers.length > 0 ? numbers.map(seq => ({ seq })) : [filter]
}

/** All under one id. */
async function each(
  inbox: Inbox,
  which: readonly InboxFilter[],
  options: Parameters<Inbox['replay']>[1] & object
): Promise<{ id: string; count: number }> {
  let { id = '' } = options
  let count = 0
  for (const filter of which) {
    const replayed = await inbox.replay(filter, id === '' ? options : { ...options, id })
    id = replayed.id
    count += replayed.count
  }
  return { id, count }
}
