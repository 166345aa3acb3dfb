/** `docs/receivers.md`: a table of all receivers, and a section about each, of what it says itself and of its notes. */
import {
  answersOf,
  coversId,
  coversInShort,
  type Documented,
  evidenceOf,
  typedEvents,
  variablesOf
} from './receiver-facts.ts'
import { NAMES, type Notes, notesOf, refuseOrphans } from './receiver-notes.ts'

const WIDTH = 120

export async function receiverPages(documented: readonly Documented[]): Promise<string> {
  refuseOrphans(documented.map(({ receiver }) => receiver.name))
  const noted = documented.map(one => ({ one, notes: notesOf(one.receiver) }))
  const rows = noted.map(({ one, notes }) => row(one, notes))
  const sections = await Promise.all(noted.map(({ one, notes }) => section(one, notes)))
  const head = '| receiver | of | the proof covers | proven by |\n| --- | --- | --- | --- |\n'
  return `${head}${rows.join('')}\n${sections.join('\n')}`
}

function row({ receiver, vectors, comparison }: Documented, { provider }: Notes): string {
  const { accepted } = evidenceOf(vectors)
  const proofs = [
    accepted > 0 && `${counted(accepted, 'request')} from outside`,
    comparison && inCode(comparison.packages)
  ].filter(proof => proof)
  const proven = proofs.length === 0 ? '*unproven*' : proofs.join(', ')
  return `| [\`${receiver.name}\`](#${receiver.name}) | ${provider} | ${coversInShort(receiver)} | ${proven} |\n`
}

async function section(one: Documented, notes: Notes): Promise<string> {
  const { name, docs } = one.receiver
  const parts = [
    `## ${name}`,
    `[${notes.provider}](${docs}) ·\n\`import { ${one.exported} } from 'posthorn/receivers/${name}'\``,
    block(`**Proof.** ${notes.proof}`, await proofLines(one, notes)),
    `${wrap(`**Set up.** URL: \`${urlOf(one)}\``)}\n${notes.setUp}`,
    environmentOf(one, notes),
    block('**Requests.**', await requestLines(one, notes)),
    block('**Names.**', nameLines(one, notes)),
    block('**Traps.**', notes.traps),
    evidence(one)
  ]
  return `${parts.join('\n\n')}\n`
}

async function proofLines(one: Documented, { covers: more, names }: Notes): Promise<string[]> {
  const { scheme, secretFields = [] } = one.receiver
  const { body, time, url } = scheme.covers
  const line = (key: string, text: string): string => {
    const note = more.get(key)
    return note === undefined ? text : `${text} ${note}`
  }
  const { headers = [], query = [], fields = [] } = scheme.carries ?? {}
  const hidden = [
    ...headers.map(name => `the header \`${name}\``),
    ...query.map(name => `\`${name}\` in the URL`),
    ...[...fields, ...secretFields].map(name => `\`${name}\` in the body`)
  ]
  const untimed = isNone(names.get('id')) ? NO_ID : (await coversId(one)) ? SAME_ID : LOOSE_ID
  const anyBody =
    scheme.key === false
      ? 'Who has a proof can send anything with it'
      : `Who learns the ${scheme.key.isPublic ? 'id' : 'secret'} can send anything`
  const either = time
    ? [line('body', `Body: **not covered**. ${anyBody}. HTTPS is demanded.`), line('time', TIMED)]
    : [line('body', `Body and time: **not covered**. ${anyBody}, whenever. HTTPS is demanded.`)]
  const both = [line('body', body === 'bytes' ? BYTES : VALUES), line('time', time ? TIMED : untimed)]
  return [
    ...(scheme.choose === undefined ? [] : [CHOSEN]),
    ...(body === false ? either : both),
    ...(url ? [line('url', URL_KNOWN)] : []),
    ...(hidden.length === 0 ? [] : [`Hidden after the proof: ${hidden.join(', ')}.`])
  ]
}

const CHOSEN = 'Settings choose the proof. What follows is told of the weakest.'
const BYTES = 'Body: covered, every byte.'
const VALUES = 'Body: its values are covered, not how they are written.'
const TIMED = 'Time: covered. A captured request soon expires.'
const UNTIMED = 'Time: **not covered**. A captured request can be sent again, whenever'
const NO_ID = `${UNTIMED}, and there is no \`id\` to know it by.`
const SAME_ID = `${UNTIMED}. Its \`id\`, where it has one, is then the same.`
const LOOSE_ID = `${UNTIMED}. Its \`id\` is not covered: it may then be another.`
const URL_KNOWN = 'URL: covered, so it must be known: set `WEBHOOKS_PUBLIC_URL`, or `trustProxy`.'

function urlOf({ receiver: { name, scheme } }: Documented): string {
  const [code] = scheme.carries?.query ?? []
  return `https://…/api/webhooks/incoming/${name}${code === undefined ? '' : `?${code}=<the secret>`}`
}

function environmentOf({ receiver }: Documented, { environment }: Notes): string {
  const lines = variablesOf(receiver).map(({ key, name, rule }) => `\`${name}\`, ${rule}: ${environment.get(key)}`)
  return block(`**Environment.**${lines.length === 0 ? ' There is nothing to set.' : ''}`, lines)
}

async function requestLines(one: Documented, notes: Notes): Promise<string[]> {
  const { methods = ['POST'], handshakes = [], body = ['json'], limit = 1024 * 1024 } = one.receiver
  const answers = await answersOf(one)
  return [
    `Deliveries: ${methods.join(', ')}; ${anyOf(body.map(kind => KINDS[kind]))}, ${limit / 1024 / 1024} MiB at most.`,
    ...handshakes.map(({ methods = ['POST'], trust }, index) => {
      const when = trust === 'verified' ? 'after the proof' : '**before any proof**'
      return `Handshake: ${methods.join(', ')}, ${when}: ${notes.handshakes[index]}`
    }),
    ...(answers === undefined ? [] : [`Answers: ${answers}.`])
  ]
}

const KINDS = { json: 'JSON', form: 'form', xml: 'XML', multipart: 'multipart form', text: 'plain text' }

function nameLines(one: Documented, { names }: Notes): string[] {
  const { names: typed, open } = typedEvents(one)
  const others = typed.length === 0 ? ['every event, as one type'] : ['and all others more loosely']
  const events = [...typed.map(name => `\`${name}\``), ...(open ? others : [])]
  return [
    ...NAMES.map(name => `${name}: ${names.get(name)}`),
    `typed: ${events.length === 0 ? 'none' : events.join(', ')}`
  ]
}

function evidence({ receiver, vectors, comparison }: Documented): string {
  const { accepted, sources, own } = evidenceOf(vectors)
  const proven = accepted > 0 ? `Proven by ${counted(accepted, 'request')} from outside` : 'No request from outside'
  const compared = comparison && `compared with ${inCode(comparison.packages)} in \`${comparison.file}\``
  const opening = accepted > 0 || compared !== undefined ? proven : '*Unproven*: no request from outside'
  const tests = `[\`test/vectors/${receiver.name}.json\`](../test/vectors/${receiver.name}.json)`
  const summary = [opening, compared, `${own} of our own in ${tests}`].filter(part => part).join('; ')
  return block(`**Evidence.** ${summary}.`, sources)
}

/** Whether a name is none, by its first word. */
export function isNone(text: string | undefined): boolean {
  return text === undefined || /^none\b/.test(text)
}

function anyOf(names: readonly string[]): string {
  return names.join(', ').replace(/, ([^,]*)$/, ' or $1')
}

function counted(count: number, what: string): string {
  return count === 1 ? `1 ${what}` : `${count} ${what}s`
}

function inCode(names: readonly string[]): string {
  return names.map(name => `\`${name}\``).join(' and ')
}

function block(opening: string, items: readonly string[]): string {
  return [wrap(opening), ...items.map(item => wrap(`- ${item}`, '  '))].join('\n').trimEnd()
}

/** Breaks at spaces outside of code; never before what would begin a list or a heading there. */
function wrap(text: string, indent = ''): string {
  const [first = '', ...words] = text.match(/(?:`[^`]*`|[^\s`])+/g) ?? []
  const lines = [first]
  for (const word of words) {
    const line = lines.at(-1)!
    if (line.length + 1 + word.length <= WIDTH || /^(?:[-+*#>]|\d+[.)])/.test(word)) {
      lines[lines.length - 1] = `${line} ${word}`
    } else lines.push(indent + word)
  }
  return lines.join('\n')
}
