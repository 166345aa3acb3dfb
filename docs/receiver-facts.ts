/** What the receivers themselves say, in words: their proof, variables, answers, events, and by what they are proven. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { receive } from '../src/receive.ts'
import type { AnyReceiver, Reply, WebhookRequest } from '../src/receiver.ts'
import { clockOf, credentialsOf, isFromOutside, isHandshake, toRequest, type Vector } from '../src/testing/vector.ts'

const root = new URL('../', import.meta.url)

export interface Documented {
  readonly receiver: AnyReceiver
  /** What its file exports it as. */
  readonly exported: string
  readonly source: string
  readonly vectors: readonly Vector[]
  /** The packages it is compared with, and in which file. */
  readonly comparison: { readonly file: string; readonly packages: readonly string[] } | undefined
}

export async function documentedReceivers(): Promise<Documented[]> {
  const names = readdirSync(new URL('receivers', root)).map(file => file.replace(/\.ts$/, ''))
  return Promise.all(
    names.sort().map(async name => {
      const module: Record<string, AnyReceiver> = await import(`../receivers/${name}.ts`)
      const [[exported, receiver] = []] = Object.entries(module)
      if (exported === undefined || receiver === undefined) throw new Error(`receivers/${name}.ts exports no receiver`)
      const source = read(`receivers/${name}.ts`)
      return { receiver, exported, source, vectors: vectorsOf(name), comparison: comparisonOf(name) }
    })
  )
}

/** In a few words, for tables. */
export function coversInShort({ scheme: { covers } }: AnyReceiver): string {
  const { body, time, url } = covers
  const parts = [
    body === 'bytes' ? 'body' : body === 'values' ? 'values of the body' : 'only who sends',
    time && 'time',
    url && 'URL'
  ]
  return parts.filter(part => part).join(', ')
}

export interface Variable {
  /** `secret`, or the setting. */
  readonly key: string
  readonly name: string
  /** What it must be. */
  readonly rule: string
}

export function variablesOf({ name, scheme, settings = [] }: AnyReceiver): Variable[] {
  const variable = (key: string): string => `WEBHOOKS_${name}_${key}`.toUpperCase().replaceAll('-', '_')
  const secret = scheme.key && {
    key: 'secret',
    name: variable('secret'),
    rule: `${scheme.key.isPublic ? 'no secret but an id, ' : ''}at least ${scheme.key.min} characters`
  }
  const others = settings.map(setting => {
    const key = setting.replace(/[*?]+$/, '')
    const rule = setting.includes('?') ? 'optional' : 'required'
    return { key, name: variable(key), rule: setting.includes('*') ? `${rule}, a list split at white space` : rule }
  })
  return secret ? [secret, ...others] : others
}

/** The names in the receiver's map of payloads; a name with `…` stands for all that look like it. */
export function typedEvents({ source }: Documented): { readonly names: readonly string[]; readonly open: boolean } {
  const map = /: Receiver<'[^']+', (.+)> = /.exec(source)?.[1] ?? ''
  // A map that is written in place has one type for all names.
  if (map.startsWith('{')) return { names: [], open: true }
  const members = new RegExp(`^export interface ${map} \\{\\n([\\s\\S]*?)^\\}`, 'm').exec(source)?.[1] ?? ''
  const keys = [...members.matchAll(/^ {2}(?:'([^']+)'|(\w+)|\[\w+: (string|`[^`]+`)\]):/gm)]
  const names = keys.map(([, quoted, plain, pattern]) => quoted ?? plain ?? pattern!)
  const named = names.filter(name => name !== 'string')
  return {
    names: named.map(name => name.replaceAll('`', '').replaceAll(/\$\{string\}/g, '…')),
    open: named.length < names.length
  }
}

/** How handled and refused requests are answered, where that is not the usual 200, 401 and 400. */
export async function answersOf({ receiver, vectors }: Documented): Promise<string | undefined> {
  const accepted = await acceptedAnswers(receiver, vectors)
  const [proof, body] = [receiver.rejected?.('proof'), receiver.rejected?.('body')]
  const parts = [
    accepted.some(answer => answer !== '200') && `${accepted.join(' or ')} once handled`,
    proof && inWords(proof) !== '401' && `${inWords(proof)} where the proof fails`,
    body && inWords(body) !== '400' && `${inWords(body)} where the body is not the provider's`
  ].filter(part => part)
  return parts.length === 0 ? undefined : parts.join('; ')
}

/** An answer that is a function is asked with every request that there is. */
async function acceptedAnswers(receiver: AnyReceiver, vectors: readonly Vector[]): Promise<string[]> {
  const { accepted = { status: 200 } } = receiver
  if (typeof accepted !== 'function') return [inWords(accepted)]
  const outcomes = await Promise.all(
    vectors.map(vector => receive(receiver, '', toRequest(vector), credentialsOf(vector), clockOf(vector)))
  )
  const replies = outcomes.flatMap(outcome => (outcome.kind === 'accepted' ? [inWords(outcome.reply)] : []))
  return [...new Set(replies)].sort()
}

/**
 * Whether the proof covers the ids of deliveries. A header that is an id is changed: if that still passes, whoever sends
 * a captured request again can give it another id.
 */
export async function coversId({ receiver, vectors }: Documented): Promise<boolean> {
  if (receiver.scheme.covers.body === false) return false
  for (const vector of vectors) {
    const request = toRequest(vector)
    const ids = await idsOf(receiver, vector, request)
    const headers = Object.entries(request.headers).map(([name, value]) => [
      name,
      ids.includes(value as string) ? `another-${value}` : value
    ])
    const forged = await idsOf(receiver, vector, { ...request, headers: Object.fromEntries(headers) })
    if (forged.length > 0 && forged.join() !== ids.join()) return false
  }
  return true
}

async function idsOf(receiver: AnyReceiver, vector: Vector, request: WebhookRequest): Promise<(string | undefined)[]> {
  const outcome = await receive(receiver, '', request, credentialsOf(vector), clockOf(vector))
  return outcome.kind === 'accepted' ? outcome.deliveries.map(({ id }) => id) : []
}

function inWords({ status, headers }: Reply): string {
  const type = headers?.['content-type']
  return type === undefined ? String(status) : `${status} with \`${type}\``
}

export interface Evidence {
  /** Requests of others that are accepted: what makes a receiver proven. */
  readonly accepted: number
  /** One line for each place where such requests come from. */
  readonly sources: readonly string[]
  /** How many requests are ours. */
  readonly own: number
}

export function evidenceOf(vectors: readonly Vector[]): Evidence {
  const outside = vectors.filter(isFromOutside)
  const bySource = Map.groupBy(outside, ({ source }) => source)
  return {
    accepted: outside.filter(vector => vector.valid && !isHandshake(vector)).length,
    sources: [...bySource].map(([source, from]) => `${tally(from)}: ${sourceInWords(source)}`),
    own: vectors.length - outside.length
  }
}

function tally(vectors: readonly Vector[]): string {
  const count = (what: string, holds: (vector: Vector) => boolean): string[] => {
    const { length } = vectors.filter(holds)
    return length === 0 ? [] : [`${length} ${what}`]
  }
  return [
    ...count('accepted', vector => vector.valid && !isHandshake(vector)),
    ...count('refused', ({ valid }) => !valid),
    ...count('answered', vector => vector.valid && isHandshake(vector))
  ].join(', ')
}

/** Without the commit: `test/vectors/` has it. */
function sourceInWords(source: string): string {
  return source.replaceAll(' + ', ' and ').replace(/^github\.com\/([\w.-]+\/[\w.-]+)@[0-9a-f]+:/, '$1, ')
}

function vectorsOf(name: string): Vector[] {
  return JSON.parse(read(`test/vectors/${name}.json`))
}

/** `test/differential/sdks/<name>.ts` asks the packages that it imports. */
function comparisonOf(name: string): Documented['comparison'] {
  const file = `test/differential/${name}.test.ts`
  const sdk = `test/differential/sdks/${name}.ts`
  if (!existsSync(new URL(file, root)) || !existsSync(new URL(sdk, root))) return undefined
  const imported = read(sdk).matchAll(/from '((?:@[\w-]+\/)?[a-z][\w.-]*)(?:\/[^':]*)?'/g)
  return { file, packages: [...new Set([...imported].map(match => match[1]!))] }
}

function read(path: string): string {
  return readFileSync(new URL(path, root), 'utf8')
}
