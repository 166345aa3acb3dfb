import type { Command, Option } from './command.ts'

export function overview(commands: ReadonlyMap<string, Command>): string {
  const width = Math.max(...[...commands.keys()].map(name => name.length))
  const lines = [...commands].map(([name, { summary }]) => `  ${name.padEnd(width)}  ${summary}`)
  return [
    'posthorn: webhooks received, looked at and put right',
    '',
    'Usage: posthorn <command> [options]',
    '',
    ...lines,
    '',
    'The store is the one that WEBHOOKS_STORE names, or --store: sqlite:webhooks.db, postgres://user@host/database.',
    'Every command says more with --help. Exit codes: 0 done, 1 failed, 2 asked wrongly.'
  ].join('\n')
}

export function helpOf(name: string, { takes, summary, help, options, examples }: Command): string {
  const flags = Object.entries(options).map(([option, about]) => [flagOf(option, about), about.help] as const)
  const lines = examples.map(([line, does]) => [`posthorn ${line}`, does] as const)
  return [
    `Usage: posthorn ${[name, takes, '[options]'].filter(Boolean).join(' ')}`,
    '',
    summary,
    ...(help === undefined ? [] : ['', help]),
    '',
    'Options:',
    ...columns(flags),
    '',
    'Examples:',
    ...columns(lines)
  ].join('\n')
}

function flagOf(option: string, { type, value = '<text>' }: Option): string {
  return type === 'boolean' ? `--${option}` : `--${option} ${value}`
}

function columns(pairs: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...pairs.map(([left]) => left.length))
  return pairs.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`)
}
