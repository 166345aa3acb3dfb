/**
 * Writes what is generated in the documentation: the tables and pages of receivers between their marks, and the example
 * files into the code blocks that name them (```ts file=…); and the samples of receivers. `node docs/generate.ts`; a test fails when something is stale.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { isProven } from '../src/testing/index.ts'
import { coversInShort, type Documented, documentedReceivers, variablesOf } from './receiver-facts.ts'
import { receiverPages } from './receiver-page.ts'
import { sampleFiles } from './samples.ts'

const root = new URL('../', import.meta.url)
const documents = [
  'README.md',
  ...readdirSync(new URL('docs', root))
    .filter(name => name.endsWith('.md'))
    .map(name => `docs/${name}`)
]

/** Each path, with its text as it should be. */
export async function generated(): Promise<Map<string, string>> {
  const documented = await documentedReceivers()
  const table = receiverTable(documented)
  const pages = await receiverPages(documented)
  const texts = new Map(
    documents.map(path => {
      const text = between(between(read(path), 'receivers', table), 'receiver pages', pages).replace(
        /(```ts file=(\S+)\n)[\s\S]*?(```)/g,
        (_, start, file, end) => start + read(file) + end
      )
      return [path, text]
    })
  )
  return new Map([...texts, ...(await sampleFiles(documented))])
}

/** Replaces what stands between `<!-- mark -->` and `<!-- /mark -->`. */
function between(text: string, mark: string, content: string): string {
  return text.replace(
    new RegExp(`(<!-- ${mark} -->\\n)[\\s\\S]*?(<!-- /${mark} -->)`),
    (_, start, end) => start + content + end
  )
}

function receiverTable(documented: readonly Documented[]): string {
  const head = '| receiver | the proof covers | handshakes | variables | |\n| --- | --- | --- | --- | --- |\n'
  return head + documented.map(row).join('')
}

function row({ receiver, vectors }: Documented): string {
  const { name, handshakes = [] } = receiver
  const greetings = handshakes.map(
    ({ trust, methods = ['POST'] }) => `${methods.join(', ')}${trust === 'unsigned' ? ' (unsigned)' : ''}`
  )
  const isOptional = ({ rule }: { readonly rule: string }) => rule.startsWith('optional')
  const all = variablesOf(receiver)
  const optional = all.filter(isOptional).length
  // A dozen of them would make the table unreadable; the receiver's page has them.
  const shown = optional > 3 ? all.filter(variable => !isOptional(variable)) : all
  const variables = [
    ...shown.map(variable => `\`${variable.name}\`${isOptional(variable) ? ' (optional)' : ''}`),
    ...(optional > 3 ? [`${optional} optional ones`] : [])
  ]
  const cells = [
    `[\`${name}\`](docs/receivers.md#${name})`,
    coversInShort(receiver),
    greetings.join('; '),
    variables.join('<br>'),
    isProven(vectors) ? 'proven' : '*unproven*'
  ]
  return `| ${cells.join(' | ')} |\n`
}

function read(path: string): string {
  return readFileSync(new URL(path, root), 'utf8')
}

if (import.meta.main) {
  for (const [path, text] of await generated()) {
    const url = new URL(path, root)
    if (!existsSync(url) || text !== read(path)) writeFileSync(url, text)
  }
}
