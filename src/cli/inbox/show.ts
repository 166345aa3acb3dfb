import { InvalidCommand } from '../../errors.ts'
import type { InboxEntry } from '../../inbox/view.ts'
import type { History } from '../../inbox/worker/progress.ts'
import type { Command } from '../command.ts'
import { storeOptions } from '../options.ts'
import { seqs } from '../read.ts'
import { withInbox } from '../session.ts'
import { clean, type Terminal, timeText } from '../terminal.ts'
import { jsonRequest, printRequest } from './request.ts'
import { stateStyle, whose } from './words.ts'

export const show: Command = {
  takes: '<seq>',
  summary: 'Shows one delivery: what it says, what each handler did with it, and the request it came in.',
  options: { body: { type: 'boolean', help: 'only the body of its request, byte for byte' }, ...storeOptions },
  examples: [
    ['inbox show 42', 'all about delivery 42'],
    ['inbox show 42 --body | jq .', 'its payload']
  ],
  async run(call) {
    const { values, positionals, terminal } = call
    const [seq, ...more] = seqs(positionals)
    if (seq === undefined || more.length > 0)
      throw new InvalidCommand('Which delivery? Give one number, as inbox list shows it.')
    await withInbox(call, async inbox => {
      const entry = await inbox.get(seq)
      if (entry === undefined) throw new Error(`There is no delivery ${seq}.`)
      if (values.body === true) terminal.bytes(entry.request.body)
      else if (terminal.isJson) terminal.json({ ...entry, request: jsonRequest(entry.request) })
      else print(terminal, entry)
    })
  }
}

function print(terminal: Terminal, entry: InboxEntry): void {
  const { state, history, progress, request, size } = entry
  terminal.line(`${terminal.style(`delivery ${entry.seq}`, 'bold')}  ${terminal.style(state, stateStyle[state])}`)
  const { done, begun = [], stopped, steps = {} } = progress
  terminal.list(
    [
      ['receiver', whose(entry)],
      ['event', entry.event],
      ['id', entry.id],
      ['subject', entry.subject],
      ['account', entry.account],
      ['occurred', timeText(entry.occurredAt)],
      ['arrived', timeText(entry.receivedAt)],
      ['settled', timeText(entry.settledAt)],
      ['next try', timeText(entry.due)],
      ['lease', entry.leaseUntil && `${entry.worker} until ${timeText(entry.leaseUntil)}`],
      ['error', entry.error],
      ['done', done.join(', ') + (stopped ? ', which ended the chain' : '')],
      ['begun', begun.join(', ')],
      [
        'steps',
        Object.entries(steps)
          .flatMap(([handler, keys]) => Object.keys(keys).map(key => `${handler}: ${key}`))
          .join(', ')
      ],
      ['duplicates', entry.duplicates || undefined],
      ['replay', entry.replay],
      ['proved by', entry.secret === 0 ? undefined : `an older secret (${entry.secret})`]
    ],
    '  '
  )
  printTries(terminal, history)
  terminal.line()
  printRequest(terminal, request, size)
}

function printTries(terminal: Terminal, history: History): void {
  if (history.length === 0) return
  terminal.line()
  terminal.line(terminal.style('tries', 'bold'))
  for (const { attempt, worker, startedAt, endedAt, outcome, inline, handlers } of history) {
    const started = startedAt === undefined ? undefined : timeText(new Date(startedAt))
    const took = startedAt === undefined || endedAt === undefined ? undefined : `${endedAt - startedAt} ms`
    const before = inline === true ? 'before the answer' : undefined
    const style = outcome === 'done' ? 'green' : outcome === 'dead' ? 'red' : 'yellow'
    const facts = [started, took, before, worker].filter(fact => fact !== undefined).map(clean)
    terminal.line(`  ${[attempt, terminal.style(outcome, style), ...facts].join('  ')}`)
    terminal.list(
      handlers.map(({ name, ms, outcome, error }) => [
        name,
        `${outcome} in ${ms} ms${error === undefined ? '' : `: ${error}`}`
      ]),
      '       '
    )
  }
}
