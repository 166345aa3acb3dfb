import { configure } from '../config/config.ts'
import { InvalidCommand } from '../errors.ts'
import { methodsOf } from '../receive.ts'
import type { AnyReceiver } from '../receiver.ts'
import { samplesOf } from '../testing/samples.ts'
import type { Command, Io } from './command.ts'
import { allReceivers, envOf, problemsOf, receiverOf, type Variable, variablesOf } from './known.ts'
import { appOption, jsonOption } from './options.ts'
import type { Column, Terminal } from './terminal.ts'

interface Row {
  readonly receiver: AnyReceiver
  readonly variables: readonly Variable[]
  /** Of the instances; undefined where the environment says nothing of it. */
  readonly state: 'ready' | 'incomplete' | undefined
  readonly problems: readonly string[]
}

const columns: readonly Column<Row>[] = [
  { title: 'RECEIVER', text: ({ receiver }) => receiver.name },
  {
    title: 'STATE',
    text: ({ state }) => state ?? 'not set up',
    style: ({ state }) => (state === undefined ? 'dim' : state === 'ready' ? 'green' : 'red')
  },
  { title: 'PROVES', text: ({ receiver }) => coveredBy(receiver) },
  {
    title: 'NEEDS',
    text: ({ variables }) =>
      variables
        .filter(({ isRequired }) => isRequired)
        .map(({ name }) => name)
        .join(' ')
  }
]

export const receivers: Command = {
  takes: '[<receiver>]',
  summary: 'Lists the receivers and what each needs to be set; or tells all about one.',
  options: { ...appOption, ...jsonOption },
  examples: [
    ['receivers', 'all of them, and which are set up in this environment'],
    ['receivers stripe', 'its variables, its events, what its proof covers']
  ],
  async run({ values, positionals, terminal, io }) {
    const [name, ...more] = positionals
    if (more.length > 0) throw new InvalidCommand('One receiver, or none.')
    if (name !== undefined) return one(rowOf(await receiverOf(name, values), io), terminal)
    const rows = (await allReceivers()).map(receiver => rowOf(receiver, io))
    if (terminal.isJson) return terminal.json({ receivers: rows.map(inJson) })
    terminal.table(rows, columns)
  }
}

async function one(row: Row, terminal: Terminal): Promise<void> {
  const { receiver, variables, state, problems } = row
  const events = (await samplesOf(receiver.name)).events.map(({ event }) => event)
  if (terminal.isJson) return terminal.json({ ...inJson(row), events })
  terminal.line(`${terminal.style(receiver.name, 'bold')}  ${state ?? 'not set up'}`)
  terminal.list(
    [
      ['docs', receiver.docs],
      ['URL', `…/api/webhooks/incoming/${receiver.name}`],
      ['methods', methodsOf(receiver).join(', ')],
      ['proves', coveredBy(receiver)],
      ...variables.map(
        ({ name, isRequired, isSet }) =>
          [isRequired ? 'needs' : 'may have', `${name}${isSet ? ', which is set' : ''}`] as const
      ),
      ...problems.map(problem => ['problem', problem] as const),
      ['samples', events.join(', ')]
    ],
    '  '
  )
}

function rowOf(receiver: AnyReceiver, io: Io): Row {
  const variables = variablesOf(receiver, io)
  if (!variables.some(({ isSet }) => isSet)) return { receiver, variables, state: undefined, problems: [] }
  try {
    configure([receiver], { env: envOf(receiver, io.env), trustProxy: true })
    return { receiver, variables, state: 'ready', problems: [] }
  } catch (error) {
    return { receiver, variables, state: 'incomplete', problems: problemsOf(error) }
  }
}

function inJson({ receiver: { name, docs, scheme }, variables, state, problems }: Row): object {
  return { name, docs, covers: scheme.covers, state, variables, problems }
}

function coveredBy({ scheme: { covers } }: AnyReceiver): string {
  const body = { bytes: 'body', values: 'values of the body', false: 'only who sends' }[String(covers.body)]
  return [body, covers.time && 'time', covers.url && 'URL'].filter(part => part).join(', ')
}
