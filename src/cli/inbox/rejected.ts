import { InvalidCommand } from '../../errors.ts'
import type { RejectedRequest } from '../../inbox/rejected/rejected.ts'
import type { Command, Option } from '../command.ts'
import { filterOptions, pageOptions, storeOptions } from '../options.ts'
import { number, seqs, text } from '../read.ts'
import { withInbox } from '../session.ts'
import { type Column, type Terminal, timeText } from '../terminal.ts'
import { jsonRequest, printRequest } from './request.ts'
import { whose } from './words.ts'

const columns: readonly Column<RejectedRequest>[] = [
  { title: 'SEQ', text: ({ seq }) => seq },
  { title: 'CAME', text: ({ at }) => timeText(at) },
  { title: 'RECEIVER', text: whose },
  { title: 'REASON', text: ({ reason }) => reason, style: () => 'red' },
  { title: 'HINT', text: ({ hint }) => hint }
]

export const rejectedOptions: Readonly<Record<string, Option>> = {
  receiver: filterOptions.receiver!,
  instance: filterOptions.instance!,
  reason: { type: 'string', value: '<reason>', help: 'refused for this, such as signature-mismatch' }
}

export const rejected: Command = {
  takes: '[<seq>]',
  summary: 'Lists the requests that failed their proof, with what may be wrong; or shows one.',
  options: {
    ...rejectedOptions,
    body: { type: 'boolean', help: 'of one: only its body, byte for byte' },
    ...pageOptions,
    ...storeOptions
  },
  examples: [
    ['inbox rejected --receiver stripe', 'why requests from Stripe are refused'],
    ['inbox rejected 7', 'one of them, as far as it was kept']
  ],
  async run(call) {
    const { values, positionals, terminal } = call
    const [seq, ...more] = seqs(positionals)
    if (more.length > 0) throw new InvalidCommand('One number, or none.')
    await withInbox(call, async inbox => {
      if (seq !== undefined) {
        const one = await inbox.rejected.get(seq)
        if (one === undefined) throw new Error(`There is no refused request ${seq}.`)
        if (values.body === true) return terminal.bytes(one.request.body)
        return terminal.isJson ? terminal.json({ ...one, request: jsonRequest(one.request) }) : print(terminal, one)
      }
      const page = { limit: number(values, 'limit'), before: number(values, 'before') }
      const found = await inbox.rejected.list({ ...rejectedFilter(values), ...page })
      if (terminal.isJson) {
        const rejected = found.rejected.map(({ request: { body: _, ...request }, ...one }) => ({ ...one, request }))
        return terminal.json({ ...found, rejected })
      }
      if (found.rejected.length === 0) return terminal.note('No refused request is kept.')
      terminal.table(found.rejected, columns)
      if (found.next !== undefined) terminal.note(`There may be more: --before ${found.next}`)
    })
  }
}

export function rejectedFilter(values: Parameters<typeof text>[0]) {
  return { receiver: text(values, 'receiver'), instance: text(values, 'instance'), reason: text(values, 'reason') }
}

function print(terminal: Terminal, one: RejectedRequest): void {
  terminal.line(`${terminal.style(`refused request ${one.seq}`, 'bold')}  ${terminal.style(one.reason, 'red')}`)
  terminal.list(
    [
      ['receiver', whose(one)],
      ['came', timeText(one.at)],
      ['hint', one.hint]
    ],
    '  '
  )
  terminal.line()
  printRequest(terminal, one.request, one.size)
}
