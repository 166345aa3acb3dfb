import { InvalidCommand } from '../../errors.ts'
import type { Reverified } from '../../inbox/rejected/reverify.ts'
import { loadApp } from '../app.ts'
import type { Command } from '../command.ts'
import { appOption, isEmpty, storeOptions } from '../options.ts'
import { seqs, text } from '../read.ts'
import { withInbox } from '../session.ts'
import type { Column } from '../terminal.ts'
import { rejectedFilter, rejectedOptions } from './rejected.ts'
import { deliveries } from './words.ts'

const columns: readonly Column<Reverified>[] = [
  { title: 'SEQ', text: ({ seq }) => seq },
  { title: 'NOW', text: result => outcomeOf(result)[0], style: result => outcomeOf(result)[1] },
  { title: 'DETAIL', text: result => outcomeOf(result)[2] }
]

export const reverify: Command = {
  takes: '[<seq…>]',
  summary: 'Takes in refused requests that prove themselves now, after a secret was corrected.',
  help: 'They are judged as of the time they came. The secrets are those of this process’s environment, as in the server.',
  options: { ...appOption, ...rejectedOptions, ...storeOptions },
  examples: [
    ['inbox reverify 7 --app app.ts', 'this one'],
    ['inbox reverify --receiver stripe --app app.ts', 'all of Stripe’s that were kept']
  ],
  async run(call) {
    const { values, positionals, terminal } = call
    const path = text(values, 'app')
    if (path === undefined)
      throw new InvalidCommand('Which receivers? Give --app, the module with the options of the plugin.')
    const numbers = seqs(positionals)
    const filter = rejectedFilter(values)
    if (numbers.length === 0 && isEmpty(filter)) {
      throw new InvalidCommand('Which requests? Give their numbers, or a filter such as --receiver stripe.')
    }
    await withInbox(
      call,
      async inbox => {
        const results: Reverified[] = []
        for (const which of numbers.length > 0 ? numbers : [filter]) results.push(...(await inbox.reverify(which)))
        if (terminal.isJson) return terminal.json({ results })
        if (results.length === 0) return terminal.note('No refused request is kept.')
        terminal.table(results, columns)
      },
      await loadApp(path)
    )
  }
}

function outcomeOf(result: Reverified): readonly [word: string, style: 'green' | 'red' | 'yellow', detail: string] {
  if ('still' in result) return ['still refused', 'red', result.still]
  if ('cannot' in result) return ['can’t be told', 'yellow', result.cannot]
  const { accepted } = result
  const detail = accepted.length === 0 ? 'nothing to handle' : `${deliveries(accepted.length)}: ${accepted.join(', ')}`
  return ['taken in', 'green', detail]
}
