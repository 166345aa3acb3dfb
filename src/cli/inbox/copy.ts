import { InvalidCommand } from '../../errors.ts'
import type { Store } from '../../store/store.ts'
import type { Command } from '../command.ts'
import { number, text } from '../read.ts'
import { existing, withStore } from '../session.ts'
import type { Terminal } from '../terminal.ts'
import { deliveries } from './words.ts'

const MOST_ROWS = 500
/** Of bodies, in memory at a time. */
const MOST_BYTES = 8 * 1024 * 1024

export const copy: Command = {
  summary: 'Copies all deliveries to another store, with their requests, progress and history.',
  help: [
    'Stop the servers and workers of the old store first. Refused requests are not copied. Should it be interrupted, the',
    'same command with the --after that it printed goes on; from the start, what has no id would be copied twice.'
  ].join('\n'),
  options: {
    from: { type: 'string', value: '<address>', help: 'the store that there is' },
    to: { type: 'string', value: '<address>', help: 'the store to be' },
    after: {
      type: 'string',
      value: '<seq>',
      help: 'only those with a higher number: what is left after an interruption'
    },
    json: { type: 'boolean', help: 'JSON for programs instead of text for people' }
  },
  examples: [
    ['inbox copy --from sqlite:webhooks.db --to postgres://me@db/app', 'from one machine to many'],
    ['inbox copy --from postgres://me@db/app --to sqlite:backup.db', 'all of it in one file']
  ],
  async run({ values, terminal, io }) {
    const [from, to] = [text(values, 'from'), text(values, 'to')]
    if (from === undefined || to === undefined) throw new InvalidCommand('From where to where? Give --from and --to.')
    if (from === to) throw new InvalidCommand('--from and --to are the same store.')
    const [source, target] = [await existing(from, io), await io.openStore(to)]
    await withStore(source, () =>
      withStore(target, async () => {
        const { seen, copied } = await copyAll(source, target, terminal, number(values, 'after') ?? 0)
        for (const receiver of await source.paused()) await target.pause(receiver, true)
        if (terminal.isJson) terminal.json({ copied, known: seen - copied })
        else terminal.line(`${deliveries(copied)} copied, ${seen - copied} were there already.`)
      })
    )
  }
}

async function copyAll(source: Store, target: Store, terminal: Terminal, start: number) {
  let after = start
  let seen = 0
  let copied = 0
  let limit = 32
  try {
    for (;;) {
      const dumped = await source.dump(after, limit)
      if (dumped.length === 0) return { seen, copied }
      copied += await target.load(dumped)
      seen += dumped.length
      after = dumped.at(-1)!.delivery.seq
      terminal.progress(`${deliveries(seen)}, up to ${after}`)
      const bytes = dumped.reduce((sum, { request }) => sum + request.body.length, 0)
      limit = Math.max(1, Math.min(MOST_ROWS, Math.floor((MOST_BYTES * dumped.length) / Math.max(bytes, 1))))
    }
  } catch (error) {
    terminal.note(`Interrupted: the same command with --after ${after} goes on.`)
    throw error
  } finally {
    terminal.progress('')
  }
}
