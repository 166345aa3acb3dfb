/**
 * Writes what is generated in the documentation: the README's table of receivers, and the example files into the code
 * blocks that name them (```ts file=…). `node docs/generate.ts`; a test fails when something is stale.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import type { AnyReceiver } from '../src/receiver.ts'
import { isProven, type Vector } from '../src/testing/index.ts'

const root = new URL('../', import.meta.url)
const documents = [
  'README.md',
  ...readdirSync(new URL('docs', root))
    .filter(name => name.endsWith('.md'))
    .map(name => `docs/${name}`)
]

/** Each document's path, with its text as it should be. */
export async function generated(): Promise<Map<string, string>> {
  const table = await receiverTable()
  return new Map(
    documents.map(path => {
      const text = read(path)
        .replace(/(<!-- receivers -->\n)[\s\S]*?(<!-- \/receivers -->)/, (_, start, end) => `${start}${table}${end}`)
        .replace(/(```ts file=(\S+)\n)[\s\S]*?(```)/g, (_, start, file, end) => start + read(file) + end)
      return [path, text]
    })
  )
}

async function receiverTable(): Promise<string> {
  const names = readdirSync(new URL('receivers', root)).map(name => name.replace(/\.ts$/, ''))
  const rows = await Promise.all(
    names.map(async name => {
      const module = await import(`../receivers/${name}.ts`)
      const vectors: Vector[] = JSON.parse(read(`test/vectors/${name}.json`))
      return row(Object.values<AnyReceiver>(module)[0]!, isProven(vectors))
    })
  )
  return `| receiver | the proof covers | handshakes | variables | |\n| --- | --- | --- | --- | --- |\n${rows.join('')}`
}

function row(receiver: AnyReceiver, proven: boolean): string {
  const { name, docs, scheme, handshakes = [] } = receiver
  const greetings = handshakes.map(
    ({ trust, methods = ['POST'] }) => `${methods.join(', ')}${trust === 'unsigned' ? ' (unsigned)' : ''}`
  )
  const cells = [
    `[\`${name}\`](${docs})`,
    covers(scheme),
    greetings.join('; '),
    variables(receiver),
    proven ? 'proven' : '*unproven*'
  ]
  return `| ${cells.join(' | ')} |\n`
}

function covers({ covers: { body, time, url } }: AnyReceiver['scheme']): string {
  const parts = [
    body === 'bytes' ? 'body' : body === 'values' ? 'values of the body' : 'only who sends',
    time && 'time',
    url && 'URL'
  ]
  return parts.filter(part => part).join(', ')
}

function variables({ name, scheme, settings = [] }: AnyReceiver): string {
  const prefix = `WEBHOOKS_${name.toUpperCase().replaceAll('-', '_')}_`
  const secret = scheme.key === false ? [] : [`\`${prefix}SECRET\``]
  const others = settings.map(setting => {
    const optional = setting.endsWith('?') ? ' (optional)' : ''
    return `\`${prefix}${setting.replace(/[?*]$/, '').toUpperCase().replaceAll('-', '_')}\`${optional}`
  })
  return [...secret, ...others].join('<br>')
}

function read(path: string): string {
  return readFileSync(new URL(path, root), 'utf8')
}

if (import.meta.main) {
  for (const [path, text] of await generated()) writeFileSync(new URL(path, root), text)
}
