import { InvalidCommand } from '../../errors.ts'
import { loadApp } from '../app.ts'
import type { Command } from '../command.ts'
import { appOption, storeOptions } from '../options.ts'
import { seqs, text } from '../read.ts'
import { withInbox } from '../session.ts'

export const describe: Command = {
  takes: '<seq…>',
  summary: 'Describes stored requests anew, with what the receivers’ code says today, and puts them back to work.',
  help: 'For deliveries that were described wrongly, or not at all. Their handlers start over.',
  options: { ...appOption, ...storeOptions },
  examples: [['inbox describe 42 --app app.ts', 'after an update of the receiver']],
  async run(call) {
    const { values, positionals, terminal } = call
    const path = text(values, 'app')
    const numbers = seqs(positionals)
    if (path === undefined)
      throw new InvalidCommand('Which receivers? Give --app, the module with the options of the plugin.')
    if (numbers.length === 0)
      throw new InvalidCommand('Which deliveries? Give their numbers, as inbox list shows them.')
    await withInbox(
      call,
      async inbox => {
        for (const seq of numbers) await inbox.describe(seq)
        if (terminal.isJson) terminal.json({ described: numbers })
        else terminal.line(`Described anew: ${numbers.join(', ')}.`)
      },
      await loadApp(path)
    )
  }
}
