import { parseArgs } from 'node:util'
import { InvalidCommand, InvalidStore } from '../errors.ts'
import type { Command, Io, Option, Values } from './command.ts'
import { commands } from './commands.ts'
import { helpOf, overview } from './help.ts'
import { clean, Terminal, told } from './terminal.ts'

const OK = 0
const FAILED = 1
const ASKED_WRONGLY = 2

const HELP: Option = { type: 'boolean', help: 'this text' }

/** The command line, without its process: arguments in, exit code out. Never throws. */
export async function main(argv: readonly string[], io: Io): Promise<number> {
  try {
    await run(argv, io)
    return OK
  } catch (error) {
    io.stderr.write(`posthorn: ${told(error)}\n`)
    return error instanceof InvalidCommand || error instanceof InvalidStore ? ASKED_WRONGLY : FAILED
  }
}

async function run(argv: readonly string[], io: Io): Promise<void> {
  const { name, command, rest } = find(argv)
  if (command === undefined) {
    const group = new Map([...commands].filter(([one]) => name === '' || one.startsWith(`${name} `)))
    io.stdout.write(`${overview(group)}\n`)
    return
  }
  const { values, positionals } = parse(name, command, rest)
  if (values.help === true) {
    io.stdout.write(`${helpOf(name, command)}\n`)
    return
  }
  await command.run({ values, positionals, io, terminal: new Terminal(io, values.json === true) })
}

/** No command: somebody wants to know what there is, of all or of a group such as `inbox`. */
function find(argv: readonly string[]): { name: string; command?: Command; rest: readonly string[] } {
  const [first = '', second = '', ...more] = argv
  const words = argv.slice(0, 2).filter(word => !word.startsWith('-'))
  const wantsHelp = argv.length === words.length || second === '--help' || second === '-h' || more.includes('--help')
  if (['', 'help', '--help', '-h'].includes(first)) return { name: '', rest: [] }
  for (const length of [2, 1]) {
    const name = argv.slice(0, length).join(' ')
    const command = commands.get(name)
    if (command !== undefined) return { name, command, rest: argv.slice(length) }
  }
  const isGroup = [...commands.keys()].some(name => name.startsWith(`${first} `))
  if (isGroup && words.length === 1 && wantsHelp) return { name: first, rest: [] }
  const known = [...commands.keys()].join(', ')
  throw new InvalidCommand(`There is no command ${clean(words.join(' '))}. There are: ${known}.`)
}

function parse(name: string, { options, takes }: Command, args: readonly string[]) {
  try {
    const config = { ...options, help: HELP }
    const { values, positionals } = parseArgs({
      args: [...args],
      options: config,
      allowPositionals: takes !== undefined
    })
    return { values: values as Values, positionals }
  } catch (error) {
    // The rest of the message is about how to write odd arguments.
    const [what] = (error as Error).message.split(/\. |\n/)
    throw new InvalidCommand(`${what}. See posthorn ${name} --help.`)
  }
}
