import { configure } from '../config/config.ts'
import { InvalidCommand, InvalidConfiguration, type Reason, reasons } from '../errors.ts'
import { guardedFetch } from '../fetch.ts'
import { Hints } from '../inbox/rejected/hints.ts'
import { type Outcome, receive } from '../receive.ts'
import type { AnyReceiver, Credentials, Delivery } from '../receiver.ts'
import type { Call, Command, Io } from './command.ts'
import { readBytes } from './files.ts'
import { configuredReceivers, envOf, instanceOf, receiverOf } from './known.ts'
import { type Captured, fromMessage } from './message.ts'
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
  async run(call) {
    const { values, positionals, io, terminal } = call
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
    const hint = await hintOf(call, receiver, { captured, instance, known, at, reason: outcome.reason })
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

interface Refused {
  readonly captured: Captured
  readonly instance: string
  readonly known: Credentials
  readonly at: Date
  readonly reason: Reason
}

/** Whose secret it might have been instead is asked of all that this environment has. */
async function hintOf({ io }: Call, receiver: AnyReceiver, refused: Refused): Promise<string | undefined> {
  const { captured, instance, known, at, reason } = refused
  const others = (await configuredReceivers(io)).filter(({ name }) => name !== receiver.name)
  const receivers = new Map([receiver, ...others].map(one => [one.name, one]))
  const instances = [...receivers.values()].flatMap(one => [...credentialsIn(one, io)])
  const hints = new Hints({
    receivers,
    instances,
    credentialsFor: async ({ name }, id) =>
      instances.find(one => one.receiver === name && one.instance === id)?.credentials
  })
  return hints.hint(receiver, instance, { request: captured.request, credentials: known, reason, at: at.getTime() })
}

/** None of a receiver whose variables are incomplete: it is not the one that was asked about. */
function credentialsIn(receiver: AnyReceiver, { env }: Io) {
  try {
    const { instances } = configure([receiver], { env: envOf(receiver, env), trustProxy: true })
    return [...instances.get(receiver.name)!].map(([instance, credentials]) => ({
      receiver: receiver.name,
      instance,
      credentials: { ...credentials, fetch }
    }))
  } catch (error) {
    if (error instanceof InvalidConfiguration) return []
    throw error
  }
}

/** What editors and copying do: the header tells how long the body was. */
function surplusOf({ request: { headers, body } }: Captured): string | undefined {
  const length = Number(headers['content-length'])
  if (!Number.isInteger(length) || length === body.length) return undefined
  const [more, less] = [body.length - length, length - body.length]
  return more > 0
    ? `The file’s body has ${more} bytes more than content-length says: an editor may have added a line break.`
    : `The file’s body lacks ${less} of the ${length} bytes that content-length says.`
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
