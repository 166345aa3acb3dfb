import { InvalidCommand } from '../errors.ts'
import { type Finding, ofEnvironment, ofPublicUrl, ofStore } from './checks.ts'
import type { Command } from './command.ts'
import { storeOptions } from './options.ts'
import type { Column } from './terminal.ts'

const STYLE = { good: 'green', look: 'yellow', bad: 'red' } as const
const columns: readonly Column<Finding>[] = [
  { title: 'WHAT', text: ({ what }) => what },
  { title: 'STATE', text: ({ state }) => state, style: ({ state }) => STYLE[state] },
  { title: 'DETAIL', text: ({ says }) => says }
]

export const doctor: Command = {
  summary: 'Checks what a server would start with: variables, public URL, store and clock.',
  help: [
    'Run it in the server’s environment. The store is opened as a server opens it; the public URL is asked once, for whether',
    'it answers and what time it is there. It ends with 1 where something is bad.'
  ].join('\n'),
  options: storeOptions,
  examples: [
    ['doctor', 'before the first request, or when none arrives'],
    ['doctor --json | jq .findings', 'for a deployment’s check']
  ],
  async run({ values, positionals, io, terminal }) {
    if (positionals.length > 0) throw new InvalidCommand('It takes no arguments.')
    const findings = [...(await ofEnvironment(io)), ...(await ofPublicUrl(io)), ...(await ofStore(values, io))]
    if (terminal.isJson) terminal.json({ findings })
    else terminal.table(findings, columns)
    const bad = findings.filter(({ state }) => state === 'bad').length
    if (bad > 0) throw new Error(`${bad} of ${findings.length} checks are bad.`)
  }
}
