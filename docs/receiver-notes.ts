/**
 * The hand-written part of a receiver's page, `docs/receivers/<name>.md`. Its headings and keys are fixed by the receiver
 * itself, so that nothing is left out and nothing is told of what it does not have.
 */
import { readdirSync, readFileSync } from 'node:fs'
import type { AnyReceiver } from '../src/receiver.ts'

export interface Notes {
  readonly provider: string
  /** How a request proves itself; and more about what the proof covers, by `body`, `time` and `url`. */
  readonly proof: string
  readonly covers: ReadonlyMap<string, string>
  /** Markdown, as it is written. */
  readonly setUp: string
  /** What each variable holds: `secret`, and the settings. */
  readonly environment: ReadonlyMap<string, string>
  /** What each handshake is, in the receiver's order. */
  readonly handshakes: readonly string[]
  readonly names: ReadonlyMap<string, string>
  readonly traps: readonly string[]
}

export const NAMES = ['event', 'id', 'time', 'subject', 'account'] as const
const COVERS = ['body', 'time', 'url']
const folder = new URL('receivers/', import.meta.url)

export function notesOf(receiver: AnyReceiver): Notes {
  const file = `${receiver.name}.md`
  if (!readdirSync(folder).includes(file)) throw new Error(`docs/receivers/${file} is missing: write what it must say`)
  return parseNotes(receiver, readFileSync(new URL(file, folder), 'utf8'))
}

/** Notes about a receiver that is no more would be read by nobody. */
export function refuseOrphans(names: readonly string[]): void {
  for (const file of readdirSync(folder)) {
    if (!names.includes(file.replace(/\.md$/, ''))) throw new Error(`docs/receivers/${file} is about no receiver`)
  }
}

export function parseNotes(receiver: AnyReceiver, source: string): Notes {
  const wrong = (what: string): Error => new Error(`docs/receivers/${receiver.name}.md ${what}`)
  const [title = '', ...parts] = source.split(/^## /m)
  const provider = /^# (.+)\n\s*$/.exec(title)?.[1]
  if (provider === undefined) throw wrong('must begin with the provider’s name, as `# Name`, and nothing under it')

  const sections = new Map(parts.map(part => split(part, '\n')))
  const headings = headingsOf(receiver)
  const found = parts.map(part => split(part, '\n')[0])
  if (found.join() !== headings.join())
    throw wrong(`has the headings ${found.join(', ')}; needs ${headings.join(', ')}`)
  for (const [heading, text] of sections) if (text === '') throw wrong(`says nothing under ${heading}`)
  // The text moves to another folder.
  const link = /\]\((?!https:)[^)]*\)/.exec(source)
  if (link) throw wrong(`has a link that is no https: one: ${link[0]}`)

  const keyed = (heading: string, keys: readonly string[]): Map<string, string> => {
    const pairs = items(sections.get(heading) ?? '').map(item => split(item, ': '))
    const given = pairs.map(([key]) => key)
    if (given.join() !== keys.join()) throw wrong(`has ${given.join(', ')} under ${heading}; needs ${keys.join(', ')}`)
    return new Map(pairs)
  }
  const [proof, covers] = proofOf(sections.get('Proof')!)
  const stray = [...covers.keys()].find(key => !COVERS.includes(key))
  if (stray !== undefined) throw wrong(`has ${stray} under Proof; it may have ${COVERS.join(', ')}`)
  const handshakes = items(sections.get('Handshakes') ?? '')
  const { length = 0 } = receiver.handshakes ?? []
  if (handshakes.length !== length) throw wrong(`tells of ${handshakes.length} handshakes, the receiver has ${length}`)
  return {
    provider,
    proof,
    covers,
    setUp: sections.get('Set up')!,
    environment: keyed('Environment', variablesOf(receiver)),
    handshakes,
    names: keyed('Names', NAMES),
    traps: items(sections.get('Traps')!)
  }
}

function headingsOf(receiver: AnyReceiver): string[] {
  return [
    'Proof',
    'Set up',
    ...(variablesOf(receiver).length === 0 ? [] : ['Environment']),
    ...(receiver.handshakes === undefined ? [] : ['Handshakes']),
    'Names',
    'Traps'
  ]
}

function variablesOf({ scheme, settings = [] }: AnyReceiver): string[] {
  return [...(scheme.key === false ? [] : ['secret']), ...settings.map(setting => setting.replace(/[*?]+$/, ''))]
}

/** A paragraph, and then items where there is more to tell. */
function proofOf(text: string): [proof: string, covers: Map<string, string>] {
  const at = text.search(/^- /m)
  if (at === -1) return [oneLine(text), new Map()]
  return [oneLine(text.slice(0, at)), new Map(items(text.slice(at)).map(item => split(item, ': ')))]
}

function items(list: string): string[] {
  return list.split(/^- /m).slice(1).map(oneLine)
}

function oneLine(text: string): string {
  return text.trim().replace(/\s*\n\s*/g, ' ')
}

function split(text: string, separator: string): [before: string, after: string] {
  const at = text.indexOf(separator)
  return at === -1 ? [text.trim(), ''] : [text.slice(0, at).trim(), text.slice(at + separator.length).trim()]
}
