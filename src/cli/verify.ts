import { InvalidCommand, reasons } from '../errors.ts'
import { guardedFetch } from '../fetch.ts'
import { type Outcome, receive } from '../receive.ts'
import type { AnyReceiver, Delivery } from '../receiver.ts'
import type { Command } from './command.ts'
import { hintOf, surplusOf } from './explain.ts'
import { readBytes } from './files.ts'
import { instanceOf, receiverOf } from './known.ts'
import { fromMessage } from './message.ts'
import { appOption, jsonOption } from './options.ts'
import { text, time } from './read.ts'
import type { Terminal } from './terminal.ts'

export const verify: Command = {
  takes: '<receiver> <file>',
  summary: 'Says why a captured request is accepted or refused, with the secrets of this environment.',
  help: [
    'The file is as posthorn capture writes it, or any HTTP request as text: first line, headers, an empty line, the body.',
    'It is judged as of the time it came. What goes wrong in practice is tried out: another secret or instance, a body',
    'that was changed on its way, a clock. It ends with 1 where the request is refused.'
  ].join('\n'),
  options: {
    id: { type: 'string', value: '<id>', help: 'of the instance; default: what the URL in the file says' },
    at: { type: 'string', value: '<time>', help: 'judge as of then; default: when it was captured, or else now' },
    ...appOption,
    ...jsonOption
  },
  examples: [
    ['verify stripe captured/0001-stripe.http', 'is it the secret, the body, the clock?'],
    ['verify stripe captured/0001-stripe.http --id acme', 'with the secret of the instance acme']
  ],
  async run({ values, positionals, io, terminal }) {
    const [name, file, ...more] = positionals
    const receiver = await receiverOf(name, values)
    if (file === undefined || more.length > 0) throw new InvalidCommand('Which request? Give one file.')
    const captured = fromMessage(readBytes(file), file)
    const instance = text(values, 'id') ?? idIn(captured.request.url, receiver)
    const { credentials } = instanceOf(receiver, instance, io)
    const known = { ...credentials, fetch: guardedFetch() }
    const at = time(values, 'at', Date.now()) ?? captured.receivedAt ?? new Date()

    await receiver.scheme.load?.()
    const outcome = await receive(receiver, instance, captured.request, known, at)
    if (outcome.kind !== 'rejected') return tellAccepted(terminal, outcome)
    const hint = await hintOf(io, receiver, { captured, instance, known, at, reason: outcome.reason })
    tellRefused(
      terminal,
      outcome,
      [surplusOf(captured), hint].filter(words => words !== undefined)
    )
    throw new Error(`${receiver.name} refuses this request.`)
  }
}

/** `…/incoming/stripe/acme` is of the instance `acme`. */
function idIn(url: string, { name }: AnyReceiver): string {
  const [, id] = new RegExp(`/${name}/([A-Za-z0-9._~-]+)/?$`).exec(new URL(url).pathname) ?? []
  return id ?? ''
}

function tellAccepted(terminal: Terminal, outcome: Exclude<Outcome, { kind: 'rejected' }>): void {
  const { reply } = outcome
  const deliveries = outcome.kind === 'accepted' ? outcome.deliveries.map(shortOf) : []
  if (terminal.isJson) {
    terminal.json({ outcome: outcome.kind, status: reply.status, deliveries })
    return
  }
  if (outcome.kind === 'answered') {
    terminal.line(terminal.style(`answered with ${reply.status}: a handshake`, 'green'))
    return
  }
  terminal.line(terminal.style('accepted', 'green'))
  if (outcome.secret > 0) terminal.line(`It proved itself with an older secret (${outcome.secret}).`)
  if (deliveries.length === 0) terminal.line('It holds nothing to handle.')
  for (const delivery of deliveries) {
    terminal.list(
      Object.entries(delivery).map(([name, value]) => [name, value] as const),
      '  '
    )
  }
}

function shortOf({ event, id, subject, account, occurredAt }: Delivery) {
  return { event, id, subject, account, occurred: occurredAt?.toISOString() }
}

function tellRefused(
  terminal: Terminal,
  { stage, reason, error }: Extract<Outcome, { kind: 'rejected' }>,
  hints: readonly string[]
): void {
  const says = reasons[reason]
  if (terminal.isJson) {
    terminal.json({ outcome: 'rejected', stage, reason, says, hints })
    return
  }
  terminal.line(`${terminal.style('refused', 'red')} at stage ${stage}: ${says} (${reason})`)
  if (error !== undefined) terminal.line(`  ${(error as Error).message}`)
  for (const hint of hints) terminal.line(`  ${hint}`)
}
